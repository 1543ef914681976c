package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"muster/channels"
	"muster/channels/internal/wire"
	"muster/internal/fault"
)

// Options of a channel.
type Options struct {
	BaseURL string // default https://api.weixin.qq.com; the sandbox's address for tests
	AppID   string
	Secret  string
	State   string // miniprogram_state: developer, trial or formal; "" leaves it to WeChat (formal)
	Lang    string // zh_CN (WeChat's default), en_US, zh_HK, zh_TW

	Width   int              // requests under way for one batch at the most; default 64
	Timeout time.Duration    // for one answer; default 15 s
	Clock   func() time.Time // default time.Now
	Log     *slog.Logger     // told why there is no token; default nowhere
}

// Channel sends subscribe messages of one account.
type Channel struct {
	client *wire.Client
	tokens *tokens
	state  string
	lang   string
	width  int
}

// New makes a channel. It opens no connection before the first message.
func New(opt Options) (*Channel, error) {
	if opt.BaseURL == "" {
		opt.BaseURL = "https://api.weixin.qq.com"
	}
	u, err := url.Parse(opt.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.Field("channels.wechat.base_url", "want http://host or https://host")
	}
	if opt.Width == 0 {
		opt.Width = 64
	}
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	addr := u.Host
	if u.Port() == "" {
		addr = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	client := wire.New(addr, wire.Options{TLS: u.Scheme == "https", Timeout: opt.Timeout})
	base := u.Scheme + "://" + u.Host
	return &Channel{
		client: client, tokens: newTokens(client, base, opt.AppID, opt.Secret, opt.Clock, opt.Log),
		state: opt.State, lang: opt.Lang, width: opt.Width,
	}, nil
}

// Name is "wechat".
func (c *Channel) Name() string { return "wechat" }

// Idempotent is false: WeChat knows no key.
func (c *Channel) Idempotent() bool { return false }

// Close drops idle connections.
func (c *Channel) Close() { c.client.Close() }

// Compile checks a template: it needs a provider template id and data.
func (c *Channel) Compile(t channels.Template, vars map[string]string) (*channels.Layout, error) {
	if t.ProviderID == "" {
		return nil, fault.Field("provider_template_id", "a wechat template needs one")
	}
	if len(t.Data) == 0 {
		return nil, fault.Field("data", "a wechat template needs data")
	}
	l := channels.NewLayout(vars)
	l.Raw(`{"touser":`).OpenID().Raw(`,"template_id":`).String(t.ProviderID)
	if t.Page != "" {
		l.Raw(`,"page":`)
		if err := l.Link("page", t.Page); err != nil {
			return nil, err
		}
	}
	for _, kv := range [][2]string{{"miniprogram_state", c.state}, {"lang", c.lang}} {
		if kv[1] != "" {
			l.Raw(`,"` + kv[0] + `":`).String(kv[1])
		}
	}
	l.Raw(`,"data":{`)
	for i, name := range slices.Sorted(maps.Keys(t.Data)) {
		if i > 0 {
			l.Raw(",")
		}
		l.String(name).Raw(`:{"value":`)
		if err := l.Text("data."+name, t.Data[name]); err != nil {
			return nil, err
		}
		l.Raw("}")
	}
	return l.Raw("}}"), nil
}

// Send offers every message once; once more after its token was refused, since a refused token proves that the
// message was not taken.
func (c *Channel) Send(ctx context.Context, b channels.Batch, results []channels.Result) {
	open := func() *hand { return &hand{x: wire.Acquire(ctx), body: make([]byte, 0, 1024)} }
	channels.Each(ctx, &b, c.width, open, func(i int, h *hand) {
		h.body = b.Layout.Append(h.body[:0], &b.To[i])
		results[i] = c.send(ctx, h)
	}, func(h *hand) { h.x.Release() }, func(i int) { results[i] = channels.NotOffered() })
}

// hand is what one goroutine of a batch works with.
type hand struct {
	x    *wire.Exchange
	body []byte
}

func (c *Channel) send(ctx context.Context, h *hand) channels.Result {
	tok, err := c.tokens.get(ctx)
	if err != nil {
		return noToken(err)
	}
	code, res := c.post(h, tok)
	if k, _ := meaning(code); k != tokenBad {
		return res
	}
	if tok, err = c.tokens.replace(ctx, tok); err != nil {
		return noToken(err)
	}
	_, res = c.post(h, tok)
	return res
}

func noToken(err error) channels.Result {
	return channels.Result{Verdict: channels.Later, Code: "no_token", Reason: "WeChat gave no access token: " + whyNoToken(err)}
}

// post offers one message once. code is WeChat's errcode, 0 when there was none.
func (c *Channel) post(h *hand, tok *token) (code int, res channels.Result) {
	status, answer, err := c.client.Post(h.x, tok.sendURL, h.body)
	if err != nil {
		if wire.NotSent(err) {
			return 0, channels.Result{Verdict: channels.Later, Code: "unreachable", Reason: "WeChat could not be reached"}
		}
		return 0, channels.Result{Code: "no_answer", Reason: "the connection ended before WeChat answered"}
	}
	code, ok := errcode(answer)
	if ok && (status == 200 || code != 0) {
		return code, result(code)
	}
	return 0, bare(status)
}

// bare is the verdict on an answer without an errcode: it comes from something in front of the API, which may have
// handed the message on before it failed.
func bare(status int) channels.Result {
	code := "http_" + strconv.Itoa(status)
	switch {
	case status == 429:
		return channels.Result{Verdict: channels.Later, Code: code, Reason: "too many requests"}
	case status >= 300 && status < 500:
		return channels.Result{Verdict: channels.Refused, Code: code, Reason: "the request was refused"}
	}
	return channels.Result{Code: code, Reason: "an answer that does not say whether the message was taken"}
}

// errcode reads the code of an answer.
func errcode(answer []byte) (int, bool) {
	if bytes.HasPrefix(answer, []byte(`{"errcode":0,`)) {
		return 0, true
	}
	var a struct {
		ErrCode *int `json:"errcode"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.ErrCode == nil {
		return 0, false
	}
	return *a.ErrCode, true
}
