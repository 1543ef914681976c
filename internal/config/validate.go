package config

import (
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	clusterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)
	hostName    = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

// checker collects what is wrong, leaving out settings that could not even be read.
type checker struct {
	*Config
	skip     []string
	problems Problems
}

func (c *checker) bad(path, format string, args ...any) {
	if !slices.Contains(c.skip, path) {
		c.problems.add(path, c.origin(path), format, args...)
	}
}

// validate judges the configuration as a whole.
func (c *Config) validate(skip []string) Problems {
	k := &checker{Config: c, skip: skip}
	k.roles()
	k.addresses()
	k.nats()
	k.clickhouse()
	k.channels()
	k.rest()
	return k.problems
}

func (c *checker) roles() {
	if c.Data == "" {
		c.bad("data", "is empty")
	}
	if len(c.Roles) == 0 {
		c.bad("roles", "is empty: name one or more of %s", roleNames())
	}
	for i, r := range c.Roles {
		switch {
		case !slices.Contains(AllRoles(), r):
			c.bad("roles", "%q is none of %s", string(r), roleNames())
		case slices.Contains(c.Roles[:i], r):
			c.bad("roles", "%s is named twice", r)
		}
	}
	if c.mode == Up && len(c.Roles) > 0 && len(c.Roles) < len(AllRoles()) {
		c.bad("roles", "`muster up` runs all of them: use `muster serve` for some")
	}
}

func roleNames() string {
	names := make([]string, 0, 5)
	for _, r := range AllRoles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// addresses checks those this process will listen on, and that no two are one.
func (c *checker) addresses() {
	listeners := []struct {
		path, address string
		used          bool
	}{
		{"http.listen", c.HTTP.Listen, true},
		{"nats.listen", c.NATS.Listen, c.NATS.Embedded() && c.mode == Up},
		{"clickhouse.listen", c.ClickHouse.Listen, c.ClickHouse.Embedded() && c.mode == Up},
		{"sandbox.listen", c.Sandbox.Listen, c.Sandbox.Enabled},
	}
	taken := map[string]string{}
	for _, l := range listeners {
		host, port, err := net.SplitHostPort(l.address)
		if err != nil {
			c.bad(l.path, "%q is no address: want host:port", l.address)
			continue
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			c.bad(l.path, "port %q is no number up to 65535", port)
			continue
		}
		if !l.used || n == 0 {
			continue
		}
		key := net.JoinHostPort(host, port)
		if other := taken[key]; other != "" {
			c.bad(l.path, "%s is %s already", l.address, other)
		}
		taken[key] = l.path
	}
}

func (c *checker) nats() {
	n := c.NATS
	if !n.URL.Empty() {
		for one := range strings.SplitSeq(n.URL.Reveal(), ",") {
			c.url("nats.url", strings.TrimSpace(one), "nats", "tls", "ws", "wss")
		}
	}
	switch {
	case n.URL.Empty() && c.mode == Serve:
		c.bad("nats.url", "is missing: `muster serve` needs a NATS server")
	case n.URL.Empty() && n.Replicas > 1:
		c.bad("nats.replicas", "the embedded server is one: %d copies need nats.url", n.Replicas)
	}
	if !slices.Contains([]int{0, 1, 3, 5}, n.Replicas) {
		c.bad("nats.replicas", "%d is none of 0, 1, 3, 5", n.Replicas)
	}
	if n.Creds != "" && n.URL.Empty() {
		c.bad("nats.creds", "is only for nats.url, which is missing")
	}
}

func (c *checker) clickhouse() {
	h := c.ClickHouse
	if !h.DSN.Empty() {
		c.url("clickhouse.dsn", h.DSN.Reveal(), "http", "https", "clickhouse", "tcp")
	} else if c.mode == Serve && len(c.Roles) > 0 && !slices.Equal(c.Roles, []Role{Commands}) {
		c.bad("clickhouse.dsn", "is missing: every role but commands reads or writes ClickHouse")
	}
	if h.Cluster == "" {
		return
	}
	if !clusterName.MatchString(h.Cluster) {
		c.bad("clickhouse.cluster", "%q is no name of a cluster", h.Cluster)
	}
	if h.DSN.Empty() {
		c.bad("clickhouse.cluster", "the embedded engine is one: a cluster needs clickhouse.dsn")
	}
}

// url checks one URL without ever repeating it, for it may hold a password.
func (c *checker) url(path, text string, schemes ...string) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		c.bad(path, "is no URL")
	case !slices.Contains(schemes, u.Scheme):
		c.bad(path, "want a URL that begins with one of %s://", strings.Join(schemes, "://, "))
	case u.Host == "":
		c.bad(path, "names no host")
	}
}

func (c *checker) channels() {
	for _, dir := range c.Files.Allow {
		if !filepath.IsAbs(dir) || filepath.Clean(dir) != dir {
			c.bad("files.allow", "%q: want an absolute directory, without . or .. in it", dir)
		}
	}
	for _, entry := range c.Channels.Webhook.Allow {
		host, port := splitHost(entry)
		if strings.Contains(entry, "/") || !hostName.MatchString(host) && net.ParseIP(host) == nil {
			c.bad("channels.webhook.allow", "%q is no host: want api.example.com, api.example.com:8443 or *.example.com", entry)
			continue
		}
		if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
			c.bad("channels.webhook.allow", "%q: port %q is no number from 1 to 65535", entry, port)
		}
	}
	if hook := c.Channels.Webhook; len(hook.Allow) > 0 && hook.Secret.Empty() {
		c.bad("channels.webhook.secret", "is missing: webhooks to channels.webhook.allow are signed with it")
	}
	w := c.Channels.WeChat
	c.url("channels.wechat.base_url", w.BaseURL.Reveal(), "http", "https")
	switch {
	case w.AppID != "" && w.Secret.Empty() && w.SecretFile == "":
		c.bad("channels.wechat.secret", "is missing: channels.wechat.app_id needs it")
	case w.AppID == "" && !w.Secret.Empty():
		c.bad("channels.wechat.app_id", "is missing: channels.wechat.secret is of no use without it")
	}
	if c.Sandbox.Enabled && w.AppID != "" {
		c.bad("sandbox.enabled", "messages go to the sandbox or to channels.wechat.app_id, not to both: set one of them off")
	}
}

func (c *checker) rest() {
	if !slices.Contains([]string{"auto", "text", "json"}, c.Log.Format) {
		c.bad("log.format", "%q is none of auto, text, json", c.Log.Format)
	}
	atLeast := func(path string, have, want Size) {
		if have < want {
			c.bad(path, "%s is too small: want %s or more", have, want)
		}
	}
	atLeast("limits.body", c.Limits.Body, 1<<10)
	atLeast("limits.upload", c.Limits.Upload, 1<<20)
	atLeast("limits.line", c.Limits.Line, 1<<10)
	if c.Limits.Uploads < 1 || c.Limits.Uploads > 10_000 {
		c.bad("limits.uploads", "%d is not from 1 to 10000", c.Limits.Uploads)
	}
	if c.Memory.Go != 0 {
		atLeast("memory.go", c.Memory.Go, 64<<20)
	}
	if c.Memory.Engine != 0 {
		atLeast("memory.engine", c.Memory.Engine, 256<<20)
	}
}
