package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"muster/channels"
	"muster/channels/internal/wire"
	"muster/internal/config"
	"muster/internal/fault"
)

// Options of a channel.
type Options struct {
	Allow   config.Hosts     // that may be posted to
	Private bool             // hosts may be loopback or private addresses, and plain http
	Secret  string           // signs every request
	Width   int              // requests under way for one batch; default 16
	Timeout time.Duration    // for one answer; default 15 s
	Tries   int              // how often an unknown is offered in all; default 3
	Clock   func() time.Time // default time.Now
}

// Channel posts to the operator's servers.
type Channel struct {
	opt   Options
	guard *guard

	mu      sync.Mutex
	clients map[string]*wire.Client // by scheme and host; as many as templates name
}

// New makes a channel. It opens no connection before the first message.
func New(opt Options) (*Channel, error) {
	if opt.Secret == "" && len(opt.Allow) > 0 {
		return nil, fault.Field("channels.webhook.secret", "webhooks need a secret to be signed with")
	}
	if opt.Width == 0 {
		opt.Width = 16
	}
	if opt.Tries == 0 {
		opt.Tries = 3
	}
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	return &Channel{opt: opt, guard: newGuard(opt.Private), clients: make(map[string]*wire.Client)}, nil
}

// Name is "webhook".
func (c *Channel) Name() string { return "webhook" }

// Idempotent is true: the receiver recognises a message by its key.
func (c *Channel) Idempotent() bool { return true }

// Close drops idle connections.
func (c *Channel) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cl := range c.clients {
		cl.Close()
	}
}

// Compile checks a template: its URL must be on an allowed host. The body is {"user_id": "...", "data": {...}}, the
// id as a string, since JSON's numbers end at 2^53.
func (c *Channel) Compile(t channels.Template, vars map[string]string) (*channels.Layout, error) {
	if _, err := c.target(t.URL); err != nil {
		return nil, err
	}
	l := channels.NewLayout(vars)
	l.SetURL(t.URL)
	l.Raw(`{"user_id":"`).UserID().Raw(`"`)
	if t.ProviderID != "" {
		l.Raw(`,"template_id":`).String(t.ProviderID)
	}
	l.Raw(`,"data":{`)
	for i, name := range slices.Sorted(maps.Keys(t.Data)) {
		if i > 0 {
			l.Raw(",")
		}
		l.String(name).Raw(":")
		if err := l.Text("data."+name, t.Data[name]); err != nil {
			return nil, err
		}
	}
	return l.Raw("}}"), nil
}

// target checks a URL and returns it parsed.
func (c *Channel) target(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Opaque != "":
		return nil, fault.Field("url", "want https://host/path")
	case u.Scheme != "https" && !(c.opt.Private && u.Scheme == "http"):
		return nil, fault.Field("url", "a webhook goes over https")
	}
	if !c.opt.Allow.Allows(u.Hostname(), portOf(u)) {
		return nil, fault.Field("url", "webhooks may not go to %s: an operator must allow it (channels.webhook.allow)", u.Host)
	}
	return u, nil
}

// portOf is the port a URL names, or its scheme's own.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	default:
		return "443"
	}
}

func (c *Channel) client(u *url.URL) *wire.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	addr := net.JoinHostPort(strings.ToLower(u.Hostname()), portOf(u))
	name := u.Scheme + "://" + addr
	cl := c.clients[name]
	if cl == nil {
		cl = wire.New(addr, wire.Options{TLS: u.Scheme == "https", Timeout: c.opt.Timeout, Connections: 128, Dial: c.guard.dial})
		c.clients[name] = cl
	}
	return cl
}

// Send posts every message; what is unknown is posted again under its key, a few times with growing pauses.
func (c *Channel) Send(ctx context.Context, b channels.Batch, results []channels.Result) {
	u, err := c.target(b.Layout.URL())
	if err != nil {
		for i := range results {
			results[i] = channels.Result{Verdict: channels.Refused, Code: "not_allowed", Reason: "webhooks may not go to this host"}
		}
		return
	}
	cl := c.client(u)
	open := func() *wire.Exchange { return wire.Acquire(ctx) }
	channels.Each(ctx, &b, c.opt.Width, open, func(i int, x *wire.Exchange) {
		body := b.Layout.Append(nil, &b.To[i])
		key := b.Campaign + "-" + strconv.FormatUint(b.To[i].UserID, 10)
		results[i] = c.post(cl, x, b.Layout.URL(), key, body)
		for try, pause := 1, 100*time.Millisecond; try < c.opt.Tries && results[i].Verdict == channels.Unknown; try++ {
			if !b.Pause(ctx, pause) {
				break
			}
			pause *= 4
			if again := c.post(cl, x, b.Layout.URL(), key, body); again.Verdict != channels.Later {
				results[i] = again // "not taken this time" says nothing of the time before
			}
		}
	}, (*wire.Exchange).Release, func(i int) { results[i] = channels.NotOffered() })
}

func (c *Channel) post(cl *wire.Client, x *wire.Exchange, url, key string, body []byte) channels.Result {
	x.Header("Idempotency-Key", key)
	x.Header("Muster-Signature", Sign(c.opt.Secret, c.opt.Clock(), body))
	status, _, err := cl.Post(x, url, body)
	if err != nil {
		if fault.Is(err, fault.Forbidden) {
			return channels.Result{Verdict: channels.Refused, Code: "not_allowed", Reason: "the host has no public address"}
		}
		if wire.NotSent(err) {
			return channels.Result{Verdict: channels.Later, Code: "unreachable", Reason: "the receiver could not be reached"}
		}
		return channels.Result{Code: "no_answer", Reason: "the connection ended before the receiver answered"}
	}
	code := "http_" + strconv.Itoa(status)
	switch {
	case status >= 200 && status < 300:
		return channels.Result{Verdict: channels.Sent}
	case status == 429:
		return channels.Result{Verdict: channels.Later, Code: code, Reason: "too many requests"}
	case status >= 300 && status < 500:
		return channels.Result{Verdict: channels.Refused, Code: code, Reason: "the receiver refused"}
	}
	return channels.Result{Code: code, Reason: "the receiver failed without saying whether it took the message"}
}

// Sign makes the value of Muster-Signature.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
