package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"muster/internal/config"
)

func TestSecretsNeverShow(t *testing.T) {
	c := config.Default(config.Up)
	c.Channels.WeChat.Secret = config.NewSecret("hunter2")
	c.Channels.Webhook.Secret = config.NewSecret("hunter2")
	c.ClickHouse.DSN = config.NewURL("http://default:hunter2@ch:8123/muster?password=hunter2&x=1")
	c.NATS.URL = config.NewURL("nats://hunter2@a:4222, nats://user:hunter2@b:4222")
	shown := map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", *c), "%#v": fmt.Sprintf("%#v", *c),
		"%s": fmt.Sprintf("%s", c.Channels.WeChat), "values": fmt.Sprint(c.Values()),
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		slog.New(h).Info("x", "config", c, "s", c.Channels.WeChat.Secret, "dsn", c.ClickHouse.DSN)
	}
	shown["json"], shown["yaml"], shown["slog"] = string(asJSON), string(asYAML), logged.String()
	for how, text := range shown {
		if strings.Contains(text, "hunter2") {
			t.Errorf("%s shows a secret: %s", how, text)
		}
	}
	if got := c.NATS.URL.String(); got != "nats://***@a:4222,nats://user:***@b:4222" {
		t.Errorf("URL prints as %s", got)
	}
	if got := c.ClickHouse.DSN.String(); got != "http://default:***@ch:8123/muster?password=***&x=1" {
		t.Errorf("DSN prints as %s", got)
	}
	if got := c.ClickHouse.DSN.Reveal(); !strings.Contains(got, "hunter2@ch") {
		t.Errorf("Reveal hides too: %s", got)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]config.Size{
		"0": 0, "4096": 4096, "64KiB": 64 << 10, "1 MiB": 1 << 20, "3gb": 3e9, "5B": 5, "2TiB": 2 << 40,
	} {
		if got, err := config.ParseSize(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5GB", "MiB", "99999999999GiB", "1 2"} {
		if got, err := config.ParseSize(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := config.Size(rapid.Uint64Max(1<<62).Draw(t, "size"))
		if back, err := config.ParseSize(s.String()); err != nil || back != s {
			t.Fatalf("%d printed as %s, read as %d, %v", uint64(s), s, uint64(back), err)
		}
	})
}

func TestHosts(t *testing.T) {
	h := config.Hosts{"api.example.com", "Hook.example.com:8443", "*.shop.cn", "[::1]:9000", "*.8.8", "8.8.8.8", "2606:4700::1"}
	for _, test := range []struct {
		host, port string
		want       bool
	}{
		{"api.example.com", "443", true}, {"API.example.com.", "80", true}, {"api.example.com", "22", false},
		{"hook.example.com", "8443", true}, {"hook.example.com", "443", false},
		{"a.b.shop.cn", "443", true}, {"shop.cn", "443", false}, {"evilshop.cn", "443", false},
		{"::1", "9000", true}, {"::1", "80", false}, {"", "80", false},
		{"0:0::1", "9000", true}, {"8.8.8.8", "443", true}, {"1.1.8.8", "443", false}, {"8.8.8.8.", "443", true}, {"1.1.8.8.", "443", false},
		{"2606:4700:0::1", "443", true}, {"2606:4700::2", "443", false}, {"A.SHOP.cn.", "443", true}, {"a.shop.cn..", "443", false},
	} {
		if got := h.Allows(test.host, test.port); got != test.want {
			t.Errorf("%s port %s: %v", test.host, test.port, got)
		}
	}
	if (config.Hosts{}).Allows("a", "80") {
		t.Error("an empty list allows a host")
	}
}
