package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/webhook"
	"muster/internal/config"
)

// receiver is a server that records what it gets and answers what a test says.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string][]string // by idempotency key
	answer func(w http.ResponseWriter, key string, nth int)
}

func newReceiver(t *testing.T, answer func(w http.ResponseWriter, key string, nth int)) *receiver {
	r := &receiver{bodies: map[string][]string{}, answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		key, sig := req.Header.Get("Idempotency-Key"), req.Header.Get("Muster-Signature")
		if sig != webhook.Sign("s3cret", time.Unix(1700000000, 0), body) {
			t.Errorf("signature %q", sig)
		}
		r.mu.Lock()
		r.bodies[key] = append(r.bodies[key], string(body))
		nth := len(r.bodies[key])
		r.mu.Unlock()
		r.answer(w, key, nth)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) host() string { return strings.TrimPrefix(r.URL, "http://") }

func send(t *testing.T, r *receiver, url string, users ...uint64) []channels.Result {
	t.Helper()
	c, err := webhook.New(webhook.Options{Allow: []string{r.host()}, Private: true, Secret: "s3cret",
		Clock: func() time.Time { return time.Unix(1700000000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := c.Compile(channels.Template{URL: url, Data: map[string]string{"text": `Hi "{{name}}"`}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := channels.Batch{Campaign: "31", Layout: l}
	for _, u := range users {
		b.To = append(b.To, channels.Recipient{UserID: u, Values: []channels.Value{{Text: "An\nn", OK: true}}})
	}
	results := make([]channels.Result, len(users))
	c.Send(context.Background(), b, results)
	return results
}

func TestUnknownIsOfferedAgainUnderItsKey(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, key string, nth int) {
		switch {
		case key == "31-1" && nth == 1:
			conn, _, _ := w.(http.Hijacker).Hijack() // took it, and hung up
			conn.Close()
		case key == "31-2":
			w.WriteHeader(503)
		case key == "31-3":
			w.WriteHeader(410)
		case key == "31-4":
			w.WriteHeader(429)
		}
	})
	got := send(t, r, r.URL+"/hook", 1, 2, 3, 4, 5)
	want := []string{"1 ", "0 http_503", "2 http_410", "3 http_429", "1 "}
	for i, g := range got {
		if s := fmt.Sprintf("%d %s", g.Verdict, g.Code); s != want[i] {
			t.Errorf("user %d: %s, want %s", i+1, s, want[i])
		}
	}
	if n := len(r.bodies["31-1"]); n != 2 {
		t.Errorf("user 1 was offered %d times", n)
	}
	if n := len(r.bodies["31-2"]); n != 3 {
		t.Errorf("user 2 was offered %d times", n)
	}
	if got, want := r.bodies["31-5"][0], `{"user_id":"5","data":{"text":"Hi \"An\nn\""}}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, _ string, _ int) {
		w.Header().Set("Location", "http://169.254.169.254/")
		w.WriteHeader(307)
	})
	if got := send(t, r, r.URL, 1); got[0].Verdict != channels.Refused || got[0].Code != "http_307" {
		t.Fatalf("%+v", got)
	}
}

// The list is read as the configuration reads it.
func TestAllowedHosts(t *testing.T) {
	c, err := webhook.New(webhook.Options{Secret: "s", Allow: config.Hosts{
		"Hooks.example.com", "*.shop.cn", "*.ports.cn:8443", "api.ports.cn:9443", "8.8.8.8", "[2606:4700::1]:8443", "*.8.8",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{
		"https://hooks.example.com/x":       true,
		"https://hooks.example.com:443/":    true,
		"https://HOOKS.Example.COM/":        true,
		"https://hooks.example.com./":       true,
		"https://hooks.example.com../":      false,
		"https://hooks.example.com:8443/":   false,
		"https://hooks.example.com.evil.cn": false,
		"https://below.hooks.example.com/":  false,
		"https://a.shop.cn/":                true,
		"https://A.b.SHOP.cn.:443/":         true,
		"https://a.shop.cn:8443/":           false,
		"https://shop.cn/":                  false,
		"https://evilshop.cn/":              false,
		"https://a.shop.cn.evil.com/":       false,
		"https://a.ports.cn:8443/":          true,
		"https://a.ports.cn/":               false,
		"https://api.ports.cn:9443/":        true,
		"https://8.8.8.8/":                  true,
		"https://8.8.8.8:444/":              false,
		"https://1.1.8.8/":                  false, // no name below 8.8
		"https://[2606:4700::1]:8443/":      true,
		"https://[2606:4700:0:0::1]:8443/":  true,
		"https://[2606:4700::1]/":           false,
		"https://1.1.1.1/":                  false,
		"https://elsewhere.com/":            false,
	} {
		_, err := c.Compile(channels.Template{URL: url, Data: map[string]string{"a": "b"}}, nil)
		if got := err == nil; got != want {
			t.Errorf("%s: taken %v, want %v (%v)", url, got, want, err)
		}
	}
}

func TestOnlyAllowedHostsAndPublicAddresses(t *testing.T) {
	c, err := webhook.New(webhook.Options{Allow: []string{"hooks.example.com", "localhost"}, Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", "http://hooks.example.com/", "https://evil.com/", "https://hooks.example.com:8443/",
		"https://u:p@hooks.example.com/", "https://hooks.example.com.evil.com/", "file:///etc/passwd"} {
		if _, err := c.Compile(channels.Template{URL: bad, Data: map[string]string{"a": "b"}}, nil); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l, err := c.Compile(channels.Template{URL: "https://localhost/", Data: map[string]string{"a": "b"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]channels.Result, 1)
	c.Send(context.Background(), channels.Batch{Campaign: "1", Layout: l, To: make([]channels.Recipient, 1)}, results)
	if results[0].Verdict != channels.Refused || results[0].Code != "not_allowed" {
		t.Fatalf("%+v", results[0])
	}
	for addr, want := range map[string]bool{"8.8.8.8": true, "127.0.0.1": false, "10.0.0.1": false, "169.254.169.254": false,
		"::1": false, "fe80::1": false, "fd00::1": false, "100.64.0.1": false, "0.0.0.0": false, "2606:4700::1": true, "224.0.0.1": false} {
		if got := webhook.Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s public: %v", addr, got)
		}
	}
}

func TestUnknownIsNotOfferedAgainAfterAHalt(t *testing.T) {
	halt := make(chan struct{})
	r := newReceiver(t, func(w http.ResponseWriter, _ string, nth int) {
		if nth == 1 {
			close(halt)
		}
		w.WriteHeader(503)
	})
	c, err := webhook.New(webhook.Options{Allow: []string{r.host()}, Private: true, Secret: "s3cret",
		Clock: func() time.Time { return time.Unix(1700000000, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := c.Compile(channels.Template{URL: r.URL, Data: map[string]string{"text": "Hi"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]channels.Result, 1)
	c.Send(t.Context(), channels.Batch{Campaign: "31", Layout: l, To: []channels.Recipient{{UserID: 1}}, Halt: halt}, results)
	if results[0].Verdict != channels.Unknown || results[0].Code != "http_503" {
		t.Fatalf("result %+v", results[0])
	}
	if n := len(r.bodies["31-1"]); n != 1 {
		t.Fatalf("it was offered %d times", n)
	}
}
