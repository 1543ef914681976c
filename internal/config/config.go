package config

import "log/slog"

// Role is a part of the work that a process may take.
type Role string

// The roles. `muster up` has all of them.
const (
	Gateway     Role = "gateway"
	Commands    Role = "commands"
	Policies    Role = "policies"
	Projections Role = "projections"
	Sends       Role = "sends"
)

// AllRoles returns every role, in the order in which they are started.
func AllRoles() []Role { return []Role{Commands, Projections, Policies, Sends, Gateway} }

// Config is everything a process is told when it starts. It is not changed afterwards.
type Config struct {
	Data       string // directory of everything this process keeps
	Roles      []Role
	HTTP       HTTP
	NATS       NATS
	ClickHouse ClickHouse
	Sandbox    Sandbox
	Files      Files
	Channels   Channels
	Log        Log
	Limits     Limits
	Memory     Memory

	mode    Mode
	origins map[string]string // setting path -> where its value was found
}

// HTTP is the gateway's door.
type HTTP struct {
	Listen string // host:port; port 0 picks a free one
}

// NATS is the log: embedded, or a server by URL.
type NATS struct {
	Listen   string // of the embedded server
	Config   string // nats.conf of the embedded server; empty: the built-in one
	URL      URL    // an existing server; empty: embedded
	Creds    string // credentials file for URL
	Replicas int    // of every stream: 1, 3 or 5; 0: streams that are there keep theirs, new ones get 1
}

// Embedded says whether this process runs the server itself.
func (n NATS) Embedded() bool { return n.URL.Empty() }

// ClickHouse is the read model: embedded, or a server by DSN.
type ClickHouse struct {
	Listen  string // of the embedded engine's HTTP interface
	Library string // path of libchdb.so; empty: found under node_modules or beside the binary
	DSN     URL    // an existing server; empty: embedded
	Cluster string // name for ON CLUSTER; empty: a single server
}

// Embedded says whether this process runs the engine itself.
func (c ClickHouse) Embedded() bool { return c.DSN.Empty() }

// Sandbox is the WeChat stand-in.
type Sandbox struct {
	Enabled bool
	Listen  string
}

// Files says which local files a group or an import may be read from.
type Files struct {
	Allow []string // absolute directories; empty: none
}

// Channels is how messages leave.
type Channels struct {
	Webhook Webhook
	WeChat  WeChat
}

// Webhook says where webhooks may go.
type Webhook struct {
	Allow   Hosts  // empty: nowhere
	Private bool   // they may be loopback or private addresses, and plain http
	Secret  Secret // signs every request
}

// WeChat is the account that subscribe messages are sent from.
type WeChat struct {
	AppID  string
	Secret Secret // from the environment, the file, or SecretFile
	// SecretFile is read once, at start; what it holds is in Secret afterwards.
	SecretFile string
	BaseURL    URL
}

// Log is what the process says about itself.
type Log struct {
	Level  slog.Level
	Format string // auto (text on a terminal, JSON else), text or json
}

// Limits keep one request from taking what belongs to all.
type Limits struct {
	Body   Size // of a JSON request
	Upload Size // of an uploaded stream, as received
	Line   Size // of one line or row in an upload

	Uploads int // read at once, by each gateway
}

// Memory bounds what the process takes. Zero leaves it to the runtime or the engine.
type Memory struct {
	Go     Size // the Go runtime's soft limit; GOMEMLIMIT, when set, goes first
	Engine Size // the embedded ClickHouse's hard limit
}

// Has says whether the process takes the role.
func (c *Config) Has(r Role) bool {
	for _, have := range c.Roles {
		if have == r {
			return true
		}
	}
	return false
}

// Mode is the kind of process that is configured: its defaults and demands differ.
type Mode int

const (
	// Up is everything in one process on loopback.
	Up Mode = iota
	// Serve is some roles of a cluster: the servers are others', the provider is real.
	Serve
)

// Default is the configuration before any file, variable or flag.
func Default(mode Mode) *Config {
	c := &Config{
		Data:       "data",
		HTTP:       HTTP{Listen: "127.0.0.1:8080"},
		NATS:       NATS{Listen: "127.0.0.1:4222"},
		ClickHouse: ClickHouse{Listen: "127.0.0.1:8123"},
		Sandbox:    Sandbox{Enabled: mode == Up, Listen: "127.0.0.1:8090"},
		Channels:   Channels{WeChat: WeChat{BaseURL: URL{"https://api.weixin.qq.com"}}},
		Log:        Log{Level: slog.LevelInfo, Format: "auto"},
		Limits:     Limits{Body: 1 << 20, Upload: 64 << 30, Line: 1 << 20, Uploads: 32},
		mode:       mode,
		origins:    map[string]string{},
	}
	if mode == Up {
		c.Roles = AllRoles()
		c.Memory.Go = 512 << 20 // a laptop has other things to hold; what lives here is less than half of it
	}
	return c
}
