package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// Options of a client. Zero values are right for production.
type Options struct {
	TLS         bool
	Connections int           // kept open at the most; default 512
	Timeout     time.Duration // from the last byte written to the answer read; default 15 s
	MaxBody     int           // bytes of an answer that are read; default 64 KB
	// Dial opens a connection; default net.Dialer. It decides which addresses are allowed.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

// Client posts to one host. It is safe for concurrent use.
type Client struct {
	host fasthttp.HostClient
}

// notSent marks errors after which the receiver cannot have the whole request.
type notSent struct{ err error }

func (e notSent) Error() string { return e.err.Error() }
func (e notSent) Unwrap() error { return e.err }

// NotSent says whether the receiver provably does not have the request: the connection was never made, or the
// kernel did not take the request's last byte.
func NotSent(err error) bool {
	var mark notSent
	if errors.As(err, &mark) || errors.Is(err, fasthttp.ErrNoFreeConns) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write"
}

// New makes a client of addr, "host:port".
func New(addr string, opt Options) *Client {
	if opt.Connections == 0 {
		opt.Connections = 512
	}
	if opt.Timeout == 0 {
		opt.Timeout = 15 * time.Second
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = 64 << 10
	}
	if opt.Dial == nil {
		d := net.Dialer{Timeout: 5 * time.Second}
		opt.Dial = func(ctx context.Context, addr string) (net.Conn, error) { return d.DialContext(ctx, "tcp", addr) }
	}
	return &Client{host: fasthttp.HostClient{
		Addr: addr, IsTLS: opt.TLS, Name: "muster",
		MaxConns: opt.Connections, MaxConnWaitTimeout: time.Minute,
		// Shorter than what servers wait: a connection that the server closes under a request is an unknown.
		MaxIdleConnDuration: 4 * time.Second,
		ReadTimeout:         opt.Timeout, WriteTimeout: opt.Timeout, MaxResponseBodySize: opt.MaxBody,
		ReadBufferSize: 4096, WriteBufferSize: 4096,
		RetryIfErr: func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		Dial:       func(addr string) (net.Conn, error) { return dial(addr, opt) },

		NoDefaultUserAgentHeader: false, DisablePathNormalizing: true, SecureErrorLogMessage: true,
	}}
}

func dial(addr string, opt Options) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	raw, err := opt.Dial(ctx, addr)
	if err != nil {
		return nil, notSent{fmt.Errorf("connect: %w", err)}
	}
	conn := checked(raw)
	if !opt.TLS {
		return conn, nil
	}
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		_ = raw.Close()
		return nil, notSent{err}
	}
	secure := tls.Client(conn, &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, notSent{fmt.Errorf("TLS handshake: %w", err)}
	}
	return secure, nil
}

// Exchange is one request and its answer, reused for many messages to the same URL. It belongs to one goroutine;
// Release it.
type Exchange struct {
	req  *fasthttp.Request
	resp *fasthttp.Response
	url  string // that req is set up for
}

// Acquire takes an exchange from the pool.
func Acquire() *Exchange {
	return &Exchange{req: fasthttp.AcquireRequest(), resp: fasthttp.AcquireResponse()}
}

// Release gives it back. What Post returned must not be used any more.
func (x *Exchange) Release() {
	fasthttp.ReleaseRequest(x.req)
	fasthttp.ReleaseResponse(x.resp)
}

// Header sets one header of the next Post, and of those after it.
func (x *Exchange) Header(name, value string) { x.req.Header.Set(name, value) }

// Post offers a JSON body once to a whole URL of the client's host. The answer is valid until the exchange is
// used again.
func (c *Client) Post(x *Exchange, url string, body []byte) (status int, answer []byte, err error) {
	if x.url != url { // parsing it costs as much as all else here
		x.req.SetRequestURI(url)
		x.req.Header.SetMethod(fasthttp.MethodPost)
		x.req.Header.SetContentType("application/json")
		x.url = url
	}
	x.req.SetBodyRaw(body)
	if err := c.host.Do(x.req, x.resp); err != nil {
		return 0, nil, err
	}
	return x.resp.StatusCode(), x.resp.Body(), nil
}

// Close drops idle connections.
func (c *Client) Close() { c.host.CloseIdleConnections() }
