package wechat_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/sandbox"
	"muster/channels/wechat"
)

// provider is a sandbox that can be stopped and started on the same port.
type provider struct {
	t    *testing.T
	box  *sandbox.Sandbox
	addr string
	stop func()
}

func start(t *testing.T, addr string, ttl time.Duration) *provider {
	t.Helper()
	p := &provider{t: t}
	var err error
	if p.box, err = sandbox.New(sandbox.Options{File: filepath.Join(t.TempDir(), "m"), TokenTTL: ttl}); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.box.Serve(ctx, ln) }()
	p.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(p.stop)
	return p
}

func channel(t *testing.T, addr string, opt wechat.Options) *wechat.Channel {
	t.Helper()
	opt.BaseURL, opt.AppID, opt.Secret, opt.Timeout = "http://"+addr, "app", "secret", 2*time.Second
	c, err := wechat.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// send sends n messages and counts verdicts and codes.
func send(t *testing.T, c *wechat.Channel, n int) map[string]int {
	t.Helper()
	l, err := c.Compile(channels.Template{ProviderID: "t", Data: map[string]string{"thing1": "Hi {{name}}"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := channels.Batch{Campaign: "1", Layout: l}
	for i := range n {
		b.To = append(b.To, channels.Recipient{UserID: uint64(i), OpenID: fmt.Sprint("o", i), Values: []channels.Value{{Text: "A", OK: true}}})
	}
	results := make([]channels.Result, n)
	c.Send(context.Background(), b, results)
	got := make(map[string]int)
	for _, r := range results {
		got[fmt.Sprint(r.Verdict, " ", r.Code)]++
	}
	return got
}

func want(t *testing.T, got map[string]int, verdict channels.Verdict, code string, n int) {
	t.Helper()
	if key := fmt.Sprint(verdict, " ", code); len(got) != 1 || got[key] != n {
		t.Fatalf("got %v, want %d of %q", got, n, key)
	}
}

func TestVerdicts(t *testing.T) {
	p := start(t, "127.0.0.1:0", 0)
	c := channel(t, p.addr, wechat.Options{})
	want(t, send(t, c, 40), channels.Sent, "", 40)
	for _, code := range []int{40003, 43101, 47003, 99999} {
		_ = p.box.Behave(sandbox.Behaviour{ErrCode: code})
		want(t, send(t, c, 3), channels.Refused, fmt.Sprint(code), 3)
	}
	for _, code := range []int{-1, 45009, 45011} {
		_ = p.box.Behave(sandbox.Behaviour{ErrCode: code})
		want(t, send(t, c, 3), channels.Later, fmt.Sprint(code), 3)
	}
	_ = p.box.Behave(sandbox.Behaviour{HTTP500Rate: 1})
	want(t, send(t, c, 3), channels.Unknown, "http_500", 3)
	_ = p.box.Behave(sandbox.Behaviour{DropRate: 1})
	want(t, send(t, c, 3), channels.Unknown, "no_answer", 3)
	_ = p.box.Behave(sandbox.Behaviour{DelayMS: 3000})
	want(t, send(t, c, 3), channels.Unknown, "no_answer", 3)
}

func TestOneTokenForAll(t *testing.T) {
	p := start(t, "127.0.0.1:0", 0)
	c := channel(t, p.addr, wechat.Options{})
	want(t, send(t, c, 300), channels.Sent, "", 300)
	if n := p.box.TokenFetches(); n != 1 {
		t.Fatalf("%d tokens were fetched", n)
	}
	p.box.ExpireToken()
	want(t, send(t, c, 300), channels.Sent, "", 300)
	if n := p.box.TokenFetches(); n != 2 {
		t.Fatalf("%d tokens were fetched", n)
	}
}

func TestTokenIsRefreshedBeforeItsEnd(t *testing.T) {
	p := start(t, "127.0.0.1:0", 2*time.Hour)
	var mu sync.Mutex
	now := time.Now()
	c := channel(t, p.addr, wechat.Options{Clock: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	want(t, send(t, c, 3), channels.Sent, "", 3)
	mu.Lock()
	now = now.Add(2*time.Hour - 4*time.Minute)
	mu.Unlock()
	want(t, send(t, c, 3), channels.Sent, "", 3)
	if n := p.box.TokenFetches(); n < 2 || p.box.Requests() != 6 {
		t.Fatalf("%d tokens were fetched, %d requests", n, p.box.Requests())
	}
}

// TestARestartedProvider has connections that the server closed while they were idle: nothing becomes unknown.
func TestARestartedProvider(t *testing.T) {
	p := start(t, "127.0.0.1:0", 0)
	c := channel(t, p.addr, wechat.Options{})
	want(t, send(t, c, 100), channels.Sent, "", 100)
	p.stop()
	want(t, send(t, c, 3), channels.Later, "unreachable", 3)
	start(t, p.addr, 0)
	got := send(t, c, 100)
	if got[fmt.Sprint(channels.Unknown, " no_answer")] > 0 {
		t.Fatalf("got %v", got)
	}
}

// The page that a message opens may name its user.
func TestThePageIsFilledIn(t *testing.T) {
	c := channel(t, "127.0.0.1:1", wechat.Options{})
	l, err := c.Compile(channels.Template{ProviderID: "t", Page: "pages/index?id={{user_id}}&from={{from}}", Data: map[string]string{"thing1": "Hi"}}, map[string]string{"from": "autumn"})
	if err != nil {
		t.Fatal(err)
	}
	got := string(l.Append(nil, &channels.Recipient{UserID: 7, OpenID: "o7"}))
	if !strings.Contains(got, `"page":"pages/index?id=7&from=autumn"`) && !strings.Contains(got, `"page":"pages/index?id=7\u0026from=autumn"`) {
		t.Errorf("got %s", got)
	}
}
