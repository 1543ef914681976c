package config_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/internal/config"
	"muster/internal/fault"
)

// write puts content into a file of its own and returns its name.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// problems loads what must not load and returns the problems, with dir cut from file names.
func problems(t *testing.T, src config.Sources) []string {
	t.Helper()
	c, err := config.Load(src)
	if err == nil {
		t.Fatalf("loaded: %+v", c)
	}
	var all config.Problems
	if !errors.As(err, &all) || !fault.Is(err, fault.Invalid) {
		t.Fatalf("want problems under the code invalid, got %v", err)
	}
	lines := make([]string, len(all))
	for i, p := range all {
		lines[i] = p.String()
		if src.File != "" {
			lines[i] = strings.ReplaceAll(lines[i], filepath.Dir(src.File)+"/", "")
		}
	}
	return lines
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestDefaultsAreValid(t *testing.T) {
	c, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if !c.NATS.Embedded() || !c.ClickHouse.Embedded() || !c.Sandbox.Enabled || !c.Has(config.Sends) {
		t.Fatalf("not everything in one process: %+v", c)
	}
	if c.NATS.Replicas != 0 { // any other number would change the streams of a cluster that has more
		t.Errorf("replicas %d, although nobody said so", c.NATS.Replicas)
	}
	for _, v := range c.Values() {
		if v.Origin != "default" {
			t.Errorf("%s comes from %s", v.Path, v.Origin)
		}
	}
}

func TestLaterWins(t *testing.T) {
	file := write(t, "muster.yaml", `
# a comment
data: /var/lib/muster
roles: [gateway, sends]
http:
  listen: 127.0.0.1:1
nats: {url: "nats://file:4222"}
clickhouse:
  dsn: http://ch:8123/muster
log:
  level: debug
limits:
  upload: 2GiB
channels:
  webhook:
    allow:
      - api.example.com
`)
	c, err := config.Load(config.Sources{
		Mode: config.Serve, File: file,
		Env: []string{"MUSTER_CHANNELS_WEBHOOK_SECRET=s", "MUSTER_HTTP_LISTEN=127.0.0.1:2", "MUSTER_NATS_URL=nats://env:4222", "MUSTER_ROLES=gateway, commands",
			"MUSTER_URL=http://client", "MUSTER_SERVICE_HOST=10.0.0.1", "PATH=/bin"},
		Flags: []config.Override{{Path: "nats.url", Value: "nats://flag:4222", Flag: "--nats"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ // path -> value and origin
		"data":                   "/var/lib/muster muster.yaml:3",
		"roles":                  "gateway,commands MUSTER_ROLES",
		"http.listen":            "127.0.0.1:2 MUSTER_HTTP_LISTEN",
		"nats.url":               "nats://flag:4222 --nats",
		"clickhouse.dsn":         "http://ch:8123/muster muster.yaml:9",
		"log.level":              "debug muster.yaml:11",
		"limits.upload":          "2GiB muster.yaml:13",
		"channels.webhook.allow": "api.example.com muster.yaml:17",
		"sandbox.enabled":        "false default",
	}
	for _, v := range c.Values() {
		got := v.Value + " " + strings.TrimPrefix(v.Origin, filepath.Dir(file)+"/")
		if w, ok := want[v.Path]; ok && got != w {
			t.Errorf("%s: got %q, want %q", v.Path, got, w)
		}
		delete(want, v.Path)
	}
	if len(want) > 0 {
		t.Errorf("no such settings: %v", want)
	}
	if c.Log.Level != slog.LevelDebug || c.Limits.Upload != 2<<30 {
		t.Errorf("parsed wrongly: %+v", c)
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	file := write(t, "muster.yaml", `data: ""
htpp:
  listen: x
http:
  listen: nowhere
  lisen: 127.0.0.1:80
  listen: again
nats:
  replicas: many
  url: [a, b]
clickhouse: localhost
listen: 127.0.0.1:1
files:
  allow: [relative, /ok, {a: b}]
sandbox:
  listen: 127.0.0.1:99999
`)
	got := problems(t, config.Sources{
		File:  file,
		Env:   []string{"MUSTER_LIMITS_BODY=lots", "MUSTER_LIMITS_BODDY=1", "MUSTER_LOG_FORMAT=xml"},
		Flags: []config.Override{{Path: "channels.wechat.secret", Value: "hunter2", Flag: "--wechat-secret"}},
	})
	expect(t, got,
		"muster.yaml:2: htpp: there is no such setting",
		"muster.yaml:6: http.lisen: there is no such setting; is http.listen meant?",
		"muster.yaml:7: http.listen: is given twice, first in line 5",
		`muster.yaml:9: nats.replicas: "many" is no number`,
		"muster.yaml:10: nats.url: want a value, found a list",
		"muster.yaml:11: clickhouse: want keys with values, found a plain value",
		"muster.yaml:12: listen: there is no such setting; is http.listen meant?",
		"muster.yaml:14: files.allow: want a list of values, found keys in it",
		`MUSTER_LIMITS_BODY: limits.body: "lots" is no size: want a number of bytes or something like 64MiB`,
		"MUSTER_LIMITS_BODDY: there is no such setting; is limits.body meant?",
		"--wechat-secret: channels.wechat.secret: a secret is not taken from a flag, where others see it: use MUSTER_CHANNELS_WECHAT_SECRET or a file",
		"muster.yaml:1: data: is empty",
		`muster.yaml:5: http.listen: "nowhere" is no address: want host:port`,
		`muster.yaml:16: sandbox.listen: port "99999" is no number up to 65535`,
		`MUSTER_LOG_FORMAT: log.format: "xml" is none of auto, text, json`,
	)
}

func TestWrongWhole(t *testing.T) {
	for name, test := range map[string]struct {
		src  config.Sources
		want []string
	}{
		"serve without servers or roles": {config.Sources{Mode: config.Serve}, []string{
			"default: roles: is empty: name one or more of commands, projections, policies, sends, gateway",
			"default: nats.url: is missing: `muster serve` needs a NATS server",
		}},
		"serve without ClickHouse": {config.Sources{Mode: config.Serve, Env: []string{"MUSTER_ROLES=gateway,boss,gateway", "MUSTER_NATS_URL=nats://n"}}, []string{
			`MUSTER_ROLES: roles: "boss" is none of commands, projections, policies, sends, gateway`,
			"MUSTER_ROLES: roles: gateway is named twice",
			"default: clickhouse.dsn: is missing: every role but commands reads or writes ClickHouse",
		}},
		"up with some roles": {config.Sources{Env: []string{"MUSTER_ROLES=gateway"}}, []string{
			"MUSTER_ROLES: roles: `muster up` runs all of them: use `muster serve` for some",
		}},
		"one address twice": {config.Sources{Env: []string{"MUSTER_NATS_LISTEN=127.0.0.1:8080"}}, []string{
			"MUSTER_NATS_LISTEN: nats.listen: 127.0.0.1:8080 is http.listen already",
		}},
		"copies and clusters of what is one": {config.Sources{Env: []string{"MUSTER_NATS_REPLICAS=3", "MUSTER_CLICKHOUSE_CLUSTER=c 1", "MUSTER_NATS_CREDS=x"}}, []string{
			"MUSTER_NATS_REPLICAS: nats.replicas: the embedded server is one: 3 copies need nats.url",
			"MUSTER_NATS_CREDS: nats.creds: is only for nats.url, which is missing",
			`MUSTER_CLICKHOUSE_CLUSTER: clickhouse.cluster: "c 1" is no name of a cluster`,
			"MUSTER_CLICKHOUSE_CLUSTER: clickhouse.cluster: the embedded engine is one: a cluster needs clickhouse.dsn",
		}},
		"URLs that are none": {config.Sources{Env: []string{"MUSTER_NATS_URL=nats://a,localhost:1", "MUSTER_CLICKHOUSE_DSN=http://u:hunter2@%zz"}}, []string{
			"MUSTER_NATS_URL: nats.url: want a URL that begins with one of nats://, tls://, ws://, wss://",
			"MUSTER_CLICKHOUSE_DSN: clickhouse.dsn: is no URL",
		}},
		"half a WeChat account": {config.Sources{Env: []string{"MUSTER_CHANNELS_WECHAT_APP_ID=wx1"}}, []string{
			"default: channels.wechat.secret: is missing: channels.wechat.app_id needs it",
			"default: sandbox.enabled: messages go to the sandbox or to channels.wechat.app_id, not to both: set one of them off",
		}},
		"hosts and directories": {config.Sources{Env: []string{"MUSTER_FILES_ALLOW=data,/a/../b,/c", "MUSTER_CHANNELS_WEBHOOK_ALLOW=https://x.com,*,a.b:0,x.com:443,[::1]:80,*.x.com"}}, []string{
			`MUSTER_FILES_ALLOW: files.allow: "data": want an absolute directory, without . or .. in it`,
			`MUSTER_FILES_ALLOW: files.allow: "/a/../b": want an absolute directory, without . or .. in it`,
			`MUSTER_CHANNELS_WEBHOOK_ALLOW: channels.webhook.allow: "https://x.com" is no host: want api.example.com, api.example.com:8443 or *.example.com`,
			`MUSTER_CHANNELS_WEBHOOK_ALLOW: channels.webhook.allow: "*" is no host: want api.example.com, api.example.com:8443 or *.example.com`,
			`MUSTER_CHANNELS_WEBHOOK_ALLOW: channels.webhook.allow: "a.b:0": port "0" is no number from 1 to 65535`,
			"default: channels.webhook.secret: is missing: webhooks to channels.webhook.allow are signed with it",
		}},
		"too small": {config.Sources{Env: []string{"MUSTER_LIMITS_LINE=1", "MUSTER_LIMITS_UPLOADS=0", "MUSTER_MEMORY_GO=1MiB"}}, []string{
			"MUSTER_LIMITS_LINE: limits.line: 1 is too small: want 1KiB or more",
			"MUSTER_LIMITS_UPLOADS: limits.uploads: 0 is not from 1 to 10000",
			"MUSTER_MEMORY_GO: memory.go: 1MiB is too small: want 64MiB or more",
		}},
		"rejected rows are a runtime setting": {config.Sources{Env: []string{"MUSTER_LIMITS_REJECTED=5"}}, []string{
			"MUSTER_LIMITS_REJECTED: there is no such setting",
		}},
		"copies": {config.Sources{Env: []string{"MUSTER_NATS_REPLICAS=2"}}, []string{
			"MUSTER_NATS_REPLICAS: nats.replicas: the embedded server is one: 2 copies need nats.url",
			"MUSTER_NATS_REPLICAS: nats.replicas: 2 is none of 0, 1, 3, 5",
		}},
		"a file that is not there": {config.Sources{File: "/nonexistent/muster.yaml"}, []string{
			"--config: open muster.yaml: no such file or directory",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, problems(t, test.src), test.want...)
		})
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	for content, want := range map[string]string{
		"a: [":                       "muster.yaml: line 1: did not find expected node content",
		"- a":                        "muster.yaml:1: want keys with values, found a list",
		"data: x\n---\ndata: y":      "muster.yaml: want one document, found more after ---",
		"data: &a x\nhttp: *a":       "muster.yaml:2: http: want keys with values, found an alias (*a)",
		"? [a]\n: b":                 "muster.yaml:1: there is no such setting",
		strings.Repeat("#", 1<<20+1): "--config: muster.yaml is larger than 1MiB",
	} {
		file := write(t, "muster.yaml", content)
		expect(t, problems(t, config.Sources{File: file}), want)
	}
	for _, content := range []string{"", "# nothing\n", "nats:\nhttp: ~\n", "null"} {
		if _, err := config.Load(config.Sources{File: write(t, "muster.yaml", content)}); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestTheNamedFileComesFromTheEnvironmentToo(t *testing.T) {
	file := write(t, "other.yaml", "data: elsewhere")
	c, err := config.Load(config.Sources{Env: []string{"MUSTER_CONFIG=" + file}})
	if err != nil || c.Data != "elsewhere" {
		t.Fatalf("got %+v, %v", c, err)
	}
}

func TestSecretFile(t *testing.T) {
	env := []string{"MUSTER_CHANNELS_WECHAT_APP_ID=wx1", "MUSTER_SANDBOX_ENABLED=off",
		"MUSTER_CHANNELS_WECHAT_SECRET_FILE=" + write(t, "secret", "hunter2\n")}
	c, err := config.Load(config.Sources{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Channels.WeChat.Secret.Reveal(); got != "hunter2" {
		t.Fatalf("read %q", got)
	}
	got := problems(t, config.Sources{Env: append(env, "MUSTER_CHANNELS_WECHAT_SECRET=x")})
	expect(t, got, "MUSTER_CHANNELS_WECHAT_SECRET_FILE: channels.wechat.secret_file: channels.wechat.secret is given too (MUSTER_CHANNELS_WECHAT_SECRET): keep one of them")
	got = problems(t, config.Sources{Env: append(env, "MUSTER_CHANNELS_WECHAT_SECRET_FILE="+write(t, "empty", "\n"))})
	if len(got) != 1 || !strings.HasSuffix(got[0], "is empty") {
		t.Fatalf("got %q", got)
	}
}
