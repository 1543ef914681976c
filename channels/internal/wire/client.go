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
	host    fasthttp.HostClient // its connections; it sends nothing by itself
	timeout time.Duration
	maxBody int
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
	return &Client{timeout: opt.Timeout, maxBody: opt.MaxBody, host: fasthttp.HostClient{
		Addr: addr, IsTLS: opt.TLS,
		MaxConns: opt.Connections, MaxConnWaitTimeout: time.Minute,
		// Shorter than what servers wait: a connection that the server closes under a request is an unknown.
		MaxIdleConnDuration: 4 * time.Second,
		ReadBufferSize:      4096, WriteBufferSize: 4096,
		Dial: func(addr string) (net.Conn, error) { return dial(addr, opt) },
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

// Close drops idle connections.
func (c *Client) Close() { c.host.CloseIdleConnections() }
