package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"muster/internal/fault"
)

// Options of a sandbox.
type Options struct {
	File     string        // where accepted messages are kept; made when it is not there
	TokenTTL time.Duration // how long a token is good; default 2 h, as WeChat's
	Log      *slog.Logger
}

// Sandbox is a local WeChat. It is safe for concurrent use.
type Sandbox struct {
	journal   *journal
	ttl       time.Duration
	log       *slog.Logger
	behaviour atomic.Pointer[Behaviour]
	sends     atomic.Uint64 // send requests ever, of any kind
	fetches   atomic.Uint64 // tokens asked for
	stop      chan struct{}
	stopOnce  sync.Once
	lines     sync.Pool // of *[]byte

	mu    sync.Mutex
	token atomic.Pointer[token]
}

type token struct {
	value string
	until time.Time
}

// New opens the file of messages.
func New(opt Options) (*Sandbox, error) {
	j, err := openJournal(opt.File)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "start the WeChat sandbox")
	}
	if opt.TokenTTL == 0 {
		opt.TokenTTL = 2 * time.Hour
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	s := &Sandbox{journal: j, ttl: opt.TokenTTL, log: opt.Log, stop: make(chan struct{})}
	s.lines.New = func() any { b := make([]byte, 0, 512); return &b }
	_ = s.Behave(Behaviour{}) // the zero behaviour is valid
	return s, nil
}

// Serve answers on ln until ctx ends, then closes the listener and the file. Call it once.
func (s *Sandbox) Serve(ctx context.Context, ln net.Listener) error {
	srv := &fasthttp.Server{
		Handler: s.handle, NoDefaultServerHeader: true, NoDefaultDate: true, NoDefaultContentType: true,
		MaxRequestBodySize: 1 << 20, // no timeouts: it listens on loopback, and each costs a timer per request
		CloseOnShutdown:    true, Logger: quiet{s.log},
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		s.stopOnce.Do(func() { close(s.stop) })
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = srv.ShutdownWithContext(stopping) // whoever still waits for an answer loses the connection
		err = <-done
	}
	return errors.Join(err, s.journal.close())
}

type quiet struct{ log *slog.Logger }

func (q quiet) Printf(format string, _ ...any) { q.log.Debug("sandbox http", "problem", format) }

// Behave sets how sends are answered from now on.
func (s *Sandbox) Behave(b Behaviour) error {
	b, err := b.normal()
	if err != nil {
		return err
	}
	s.behaviour.Store(&b)
	return nil
}

// ExpireToken ends the token in use: the next send with it gets 40001.
func (s *Sandbox) ExpireToken() { s.token.Store(nil) }

// Requests counts send requests ever received, valid or not.
func (s *Sandbox) Requests() uint64 { return s.sends.Load() }

// TokenFetches counts how often a token was asked for.
func (s *Sandbox) TokenFetches() uint64 { return s.fetches.Load() }

func (s *Sandbox) handle(c *fasthttp.RequestCtx) {
	post := c.IsPost()
	switch path := string(c.Path()); {
	case post && path == "/cgi-bin/message/subscribe/send":
		s.send(c)
	case post && path == "/cgi-bin/stable_token":
		s.stableToken(c)
	case path == "/sandbox/messages" && c.IsGet():
		c.SetContentType("application/x-ndjson")
		c.SetBodyStream(s.journal.reader(), -1)
	case path == "/sandbox/messages" && c.IsDelete():
		if err := s.journal.clear(); err != nil {
			c.Error("cannot clear the messages", fasthttp.StatusInternalServerError)
			return
		}
		c.SetStatusCode(fasthttp.StatusNoContent)
	case path == "/sandbox/behaviour" && c.IsPut():
		b, err := parseBehaviour(c.PostBody())
		if err == nil {
			err = s.Behave(b)
		}
		if err != nil {
			c.Error(err.Error(), fasthttp.StatusBadRequest)
			return
		}
		s.showBehaviour(c)
	case path == "/sandbox/behaviour" && c.IsGet():
		s.showBehaviour(c)
	default:
		c.Error("the sandbox has no such path", fasthttp.StatusNotFound)
	}
}

func (s *Sandbox) showBehaviour(c *fasthttp.RequestCtx) {
	b, err := json.Marshal(s.behaviour.Load())
	if err != nil {
		c.Error("", fasthttp.StatusInternalServerError)
		return
	}
	c.SetContentType("application/json")
	c.SetBody(b)
}

// stableToken hands out the one token: the same until it nears its end, a new one when forced.
func (s *Sandbox) stableToken(c *fasthttp.RequestCtx) {
	s.fetches.Add(1)
	var req struct {
		GrantType    string `json:"grant_type"`
		AppID        string `json:"appid"`
		Secret       string `json:"secret"`
		ForceRefresh bool   `json:"force_refresh"`
	}
	c.SetContentType("application/json")
	switch err := json.Unmarshal(c.PostBody(), &req); {
	case err != nil:
		c.SetBody(answer(nil, codeBadJSON, "data format error", 0))
		return
	case req.GrantType != "client_credential":
		c.SetBody(answer(nil, 40002, "invalid grant_type", 0))
		return
	case req.AppID == "":
		c.SetBody(answer(nil, 41002, "appid missing", 0))
		return
	case req.Secret == "":
		c.SetBody(answer(nil, codeBadSecret, "invalid appsecret", 0))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.token.Load()
	if t == nil || req.ForceRefresh || time.Until(t.until) < s.ttl/24 {
		t = &token{value: rand.Text(), until: time.Now().Add(s.ttl)}
		s.token.Store(t)
	}
	left := strconv.Itoa(int(time.Until(t.until).Round(time.Second) / time.Second))
	c.SetBodyString(`{"access_token":"` + t.value + `","expires_in":` + left + `}`)
}

func (s *Sandbox) send(c *fasthttp.RequestCtx) {
	id := s.sends.Add(1)
	b := s.behaviour.Load()
	if b.DelayMS > 0 {
		select {
		case <-time.After(time.Duration(b.DelayMS) * time.Millisecond):
		case <-s.stop:
		}
	}
	c.SetContentType("application/json; encoding=utf-8")
	now := time.Now()
	if code, words := s.checkToken(c.QueryArgs().Peek("access_token"), now); code != 0 {
		c.SetBody(answer(c.Response.Body()[:0], code, words, id))
		return
	}
	m, code := parseMessage(c.PostBody())
	if code != 0 {
		c.SetBody(answer(c.Response.Body()[:0], code, words(code), id))
		return
	}
	act := b.choose()
	switch act {
	case refuse:
		c.SetBody(answer(c.Response.Body()[:0], b.ErrCode, words(b.ErrCode), id))
		return
	case fail500:
		c.Response.Reset()
		c.SetStatusCode(fasthttp.StatusInternalServerError)
		return
	}
	buf := s.lines.Get().(*[]byte)
	var at [32]byte
	*buf = m.line((*buf)[:0], now.UTC().AppendFormat(at[:0], "2006-01-02T15:04:05.000Z"))
	err := s.journal.append(*buf)
	s.lines.Put(buf)
	if err != nil {
		s.log.Error("the sandbox cannot keep a message", "error", err)
		c.SetBody(answer(nil, -1, "system error", id))
		return
	}
	if act == drop {
		c.HijackSetNoResponse(true)
		c.Hijack(func(conn net.Conn) { _ = conn.Close() })
		return
	}
	c.SetBody(answer(c.Response.Body()[:0], 0, "ok", id))
}

func (s *Sandbox) checkToken(got []byte, now time.Time) (code int, words string) {
	if len(got) == 0 {
		return codeNoToken, "access_token missing"
	}
	t := s.token.Load()
	if t == nil || !bytes.Equal(got, []byte(t.value)) {
		return codeBadToken, "invalid credential, access_token is invalid or not latest"
	}
	if now.After(t.until) {
		return 42001, "access_token expired"
	}
	return 0, ""
}
