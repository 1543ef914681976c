package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Exchange is one request and its answer, reused for many messages to the same URL. It belongs to one goroutine;
// Release it.
type Exchange struct {
	req  *fasthttp.Request
	resp *fasthttp.Response
	url  string // that req is set up for

	unwatch func() bool
	mu      sync.Mutex
	conn    net.Conn // the request is under way on it
	over    bool     // the context ended
}

// Acquire takes an exchange from the pool. When ctx ends it hangs up: a request under way fails at once, as if the
// receiver had ended the connection, and no other begins.
func Acquire(ctx context.Context) *Exchange {
	x := &Exchange{req: fasthttp.AcquireRequest(), resp: fasthttp.AcquireResponse()}
	x.unwatch = context.AfterFunc(ctx, x.hangUp)
	return x
}

// Release gives it back. What Post returned must not be used any more.
func (x *Exchange) Release() {
	x.unwatch()
	fasthttp.ReleaseRequest(x.req)
	fasthttp.ReleaseResponse(x.resp)
}

// Header sets one header of the next Post, and of those after it.
func (x *Exchange) Header(name, value string) { x.req.Header.Set(name, value) }

func (x *Exchange) hangUp() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over = true
	raw := x.conn
	if raw == nil {
		return
	}
	if secure, ok := raw.(*tls.Conn); ok {
		raw = secure.NetConn() // without TLS's good-bye, which might have to wait
	}
	_ = raw.Close()
}

// enter says whether a request may go out on conn.
func (x *Exchange) enter(conn net.Conn) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return false
	}
	x.conn = conn
	return true
}

// leave says whether the connection is as good as before.
func (x *Exchange) leave() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.conn = nil
	return !x.over
}

// Post offers a JSON body once to a whole URL of the client's host. The answer is valid until the exchange is
// used again.
func (c *Client) Post(x *Exchange, url string, body []byte) (status int, answer []byte, err error) {
	if x.url != url { // parsing it costs as much as all else here
		x.req.SetRequestURI(url)
		x.req.URI().DisablePathNormalizing = true
		x.req.Header.SetMethod(fasthttp.MethodPost)
		x.req.Header.SetContentType("application/json")
		x.req.Header.SetUserAgent("muster")
		x.url = url
	}
	x.req.SetBodyRaw(body)
	x.resp.Reset()
	cc, err := c.host.AcquireConn(0, false)
	if err != nil {
		return 0, nil, err
	}
	if !x.enter(cc.Conn()) {
		c.host.ReleaseConn(cc)
		return 0, nil, notSent{context.Canceled}
	}
	err = c.exchange(x, cc.Conn())
	if alive := x.leave(); alive && err == nil && !x.resp.ConnectionClose() {
		c.host.ReleaseConn(cc)
	} else {
		c.host.CloseConn(cc)
	}
	if err != nil {
		return 0, nil, err
	}
	return x.resp.StatusCode(), x.resp.Body(), nil
}

// errNoHTTP stands for errors that might quote the answer.
var errNoHTTP = errors.New("the answer is no HTTP, or too long")

// exchange writes the request and reads its answer.
func (c *Client) exchange(x *Exchange, conn net.Conn) error {
	if err := conn.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return notSent{err}
	}
	w := c.host.AcquireWriter(conn)
	err := x.req.Write(w)
	if err == nil {
		err = w.Flush()
	}
	c.host.ReleaseWriter(w)
	if err != nil {
		return timeoutOr(err, err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
		return err
	}
	r := c.host.AcquireReader(conn)
	err = x.resp.ReadLimitBody(r, c.maxBody)
	c.host.ReleaseReader(r)
	var op *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return fasthttp.ErrConnectionClosed
	case errors.As(err, &op):
		return timeoutOr(err, op)
	}
	return timeoutOr(err, errNoHTTP)
}

// timeoutOr tells a timeout from other errors.
func timeoutOr(err, other error) error {
	var t interface{ Timeout() bool }
	if errors.As(err, &t) && t.Timeout() {
		return fasthttp.ErrTimeout
	}
	return other
}
