package config

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// setting is one line of the table: where a value lives and how text becomes it.
type setting struct {
	path   string
	help   string
	list   bool // takes several values; in the environment and flags with commas between them
	hidden bool // never taken from a flag: other users of the machine see those
	set    func(c *Config, values []string) error
	get    func(c *Config) string
}

// env is the setting's name in the environment.
func (s setting) env() string {
	return "MUSTER_" + strings.ToUpper(strings.ReplaceAll(s.path, ".", "_"))
}

// settings is the table. Its order is the order in which values and problems are shown.
func settings() []setting {
	return []setting{
		text("data", "directory of everything this process keeps", func(c *Config) *string { return &c.Data }),
		roles("roles", "the parts of the work this process takes"),

		text("http.listen", "address of the gateway", func(c *Config) *string { return &c.HTTP.Listen }),

		text("nats.listen", "address of the embedded NATS server", func(c *Config) *string { return &c.NATS.Listen }),
		text("nats.config", "nats.conf of the embedded NATS server", func(c *Config) *string { return &c.NATS.Config }),
		address("nats.url", "an existing NATS server instead", func(c *Config) *URL { return &c.NATS.URL }),
		text("nats.creds", "credentials file for nats.url", func(c *Config) *string { return &c.NATS.Creds }),
		number("nats.replicas", "copies of every stream: 1, 3 or 5; 0 leaves those that are there as they are, and makes 1 of new ones", func(c *Config) *int { return &c.NATS.Replicas }),

		text("clickhouse.listen", "address of the embedded ClickHouse", func(c *Config) *string { return &c.ClickHouse.Listen }),
		text("clickhouse.library", "path of libchdb.so", func(c *Config) *string { return &c.ClickHouse.Library }),
		address("clickhouse.dsn", "an existing ClickHouse server instead; without a database in it, the database muster", func(c *Config) *URL { return &c.ClickHouse.DSN }),
		text("clickhouse.cluster", "cluster to create tables on", func(c *Config) *string { return &c.ClickHouse.Cluster }),

		flag("sandbox.enabled", "send to the WeChat sandbox", func(c *Config) *bool { return &c.Sandbox.Enabled }),
		text("sandbox.listen", "address of the WeChat sandbox", func(c *Config) *string { return &c.Sandbox.Listen }),

		texts("files.allow", "directories that local files may be read from", func(c *Config) *[]string { return &c.Files.Allow }),

		texts("channels.webhook.allow", "hosts that webhooks may go to", func(c *Config) *[]string { return (*[]string)(&c.Channels.Webhook.Allow) }),
		flag("channels.webhook.private", "those hosts may be private addresses, and plain http", func(c *Config) *bool { return &c.Channels.Webhook.Private }),
		secret("channels.webhook.secret", "signs every webhook", func(c *Config) *Secret { return &c.Channels.Webhook.Secret }),
		text("channels.wechat.app_id", "WeChat app id", func(c *Config) *string { return &c.Channels.WeChat.AppID }),
		secret("channels.wechat.secret", "WeChat app secret", func(c *Config) *Secret { return &c.Channels.WeChat.Secret }),
		text("channels.wechat.secret_file", "file that holds the WeChat app secret", func(c *Config) *string { return &c.Channels.WeChat.SecretFile }),
		address("channels.wechat.base_url", "WeChat's API", func(c *Config) *URL { return &c.Channels.WeChat.BaseURL }),

		level("log.level", "debug, info, warn or error"),
		text("log.format", "auto (text on a terminal, else JSON), text or json", func(c *Config) *string { return &c.Log.Format }),

		size("limits.body", "largest JSON request", func(c *Config) *Size { return &c.Limits.Body }),
		size("limits.upload", "largest uploaded stream", func(c *Config) *Size { return &c.Limits.Upload }),
		size("limits.line", "longest line of an upload", func(c *Config) *Size { return &c.Limits.Line }),
		number("limits.uploads", "uploads that are read at once", func(c *Config) *int { return &c.Limits.Uploads }),

		size("memory.go", "soft limit of the Go runtime, below GOMEMLIMIT; 0 leaves it alone", func(c *Config) *Size { return &c.Memory.Go }),
		size("memory.engine", "limit of the embedded ClickHouse; 0 leaves it alone", func(c *Config) *Size { return &c.Memory.Engine }),
	}
}

// single makes a setting of one value out of a parser and a printer.
func single(path, help string, parse func(c *Config, v string) error, get func(c *Config) string) setting {
	return setting{path: path, help: help, get: get, set: func(c *Config, values []string) error {
		if len(values) != 1 {
			return fmt.Errorf("want one value, not %d", len(values))
		}
		return parse(c, strings.TrimSpace(values[0]))
	}}
}

func text(path, help string, at func(*Config) *string) setting {
	return single(path, help,
		func(c *Config, v string) error { *at(c) = v; return nil },
		func(c *Config) string { return *at(c) })
}

func address(path, help string, at func(*Config) *URL) setting {
	return single(path, help,
		func(c *Config, v string) error { *at(c) = URL{v}; return nil },
		func(c *Config) string { return at(c).String() })
}

func secret(path, help string, at func(*Config) *Secret) setting {
	s := single(path, help,
		func(c *Config, v string) error { *at(c) = Secret{v}; return nil },
		func(c *Config) string { return at(c).String() })
	s.hidden = true
	return s
}

func number(path, help string, at func(*Config) *int) setting {
	return single(path, help,
		func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("%q is no number", v)
			}
			*at(c) = n
			return nil
		},
		func(c *Config) string { return strconv.Itoa(*at(c)) })
}

func flag(path, help string, at func(*Config) *bool) setting {
	return single(path, help,
		func(c *Config, v string) error {
			switch strings.ToLower(v) {
			case "true", "yes", "on", "1":
				*at(c) = true
			case "false", "no", "off", "0":
				*at(c) = false
			default:
				return fmt.Errorf("%q is neither true nor false", v)
			}
			return nil
		},
		func(c *Config) string { return strconv.FormatBool(*at(c)) })
}

func size(path, help string, at func(*Config) *Size) setting {
	return single(path, help,
		func(c *Config, v string) (err error) {
			n, err := ParseSize(v)
			if err == nil {
				*at(c) = n
			}
			return err
		},
		func(c *Config) string { return at(c).String() })
}

func level(path, help string) setting {
	return single(path, help,
		func(c *Config, v string) error {
			switch strings.ToLower(v) {
			case "debug":
				c.Log.Level = slog.LevelDebug
			case "info":
				c.Log.Level = slog.LevelInfo
			case "warn":
				c.Log.Level = slog.LevelWarn
			case "error":
				c.Log.Level = slog.LevelError
			default:
				return fmt.Errorf("%q is none of debug, info, warn, error", v)
			}
			return nil
		},
		func(c *Config) string { return strings.ToLower(c.Log.Level.String()) })
}

func texts(path, help string, at func(*Config) *[]string) setting {
	return setting{path: path, help: help, list: true,
		set: func(c *Config, values []string) error { *at(c) = values; return nil },
		get: func(c *Config) string { return strings.Join(*at(c), ",") }}
}

func roles(path, help string) setting {
	return setting{path: path, help: help, list: true,
		set: func(c *Config, values []string) error {
			c.Roles = c.Roles[:0:0]
			for _, v := range values {
				c.Roles = append(c.Roles, Role(v))
			}
			return nil
		},
		get: func(c *Config) string {
			names := make([]string, len(c.Roles))
			for i, r := range c.Roles {
				names[i] = string(r)
			}
			return strings.Join(names, ",")
		}}
}

// Value is one setting as it stands, for people and for `config check --json`.
type Value struct {
	Path   string `json:"path"`
	Env    string `json:"env"`
	Value  string `json:"value"` // secrets and passwords are ***
	Origin string `json:"origin"`
	Help   string `json:"help"`
}

// Values lists every setting with where its value comes from.
func (c *Config) Values() []Value {
	table := settings()
	out := make([]Value, len(table))
	for i, s := range table {
		out[i] = Value{Path: s.path, Env: s.env(), Value: s.get(c), Origin: c.origin(s.path), Help: s.help}
	}
	return out
}

func (c *Config) origin(path string) string {
	if o := c.origins[path]; o != "" {
		return o
	}
	return "default"
}
