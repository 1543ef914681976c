package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// listener hands out connections that know whether the client has stopped sending, and
// that wait for no client any more once ctx has ended.
type listener struct {
	net.Listener
	ctx context.Context //nolint:containedctx // the gateway's life
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	own := &conn{Conn: c, ctx: l.ctx}
	own.life, own.end = context.WithCancel(l.ctx)
	own.forget = context.AfterFunc(l.ctx, func() { _ = own.SetDeadline(time.Time{}) })
	return own, nil
}

// lastWords is how long a client may take for the rest of its answer once the gateway ends.
const lastWords = 2 * time.Second

// conn remembers the end of what the client sent. A chunked body that is cut off
// between two chunks ends for fasthttp as a whole one does; only the connection knows
// better: a whole body ends before the connection is asked for more.
type conn struct {
	net.Conn
	ctx    context.Context //nolint:containedctx // the gateway's life
	life   context.Context //nolint:containedctx // the connection's: what its requests go by
	end    context.CancelFunc
	forget func() bool
	ended  atomic.Bool
	unread atomic.Bool // the client is still sending what nobody reads
}

// SetReadDeadline sets a deadline, which is over once the gateway ends. It looks after
// setting it, so that whoever comes last, it or the end, finds the other.
func (c *conn) SetReadDeadline(t time.Time) error {
	err := c.Conn.SetReadDeadline(t)
	if err == nil && c.ctx.Err() != nil {
		err = c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
	return err
}

// SetWriteDeadline sets a deadline, which is short once the gateway ends.
func (c *conn) SetWriteDeadline(t time.Time) error {
	err := c.Conn.SetWriteDeadline(t)
	if err == nil && c.ctx.Err() != nil {
		err = c.Conn.SetWriteDeadline(time.Now().Add(lastWords))
	}
	return err
}

// SetDeadline sets both.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Close closes the connection. A client that is still sending first gets to see the
// answer: with unread bytes there, closing at once would reset the connection.
func (c *conn) Close() error {
	c.forget()
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && c.unread.Load() && c.ctx.Err() == nil && half.CloseWrite() == nil {
		if c.Conn.SetReadDeadline(time.Now().Add(lastWords)) == nil {
			_, _ = io.Copy(io.Discard, struct{ io.Reader }{c.Conn})
		}
	}
	c.end() // before the connection, so that who still writes to it knows why that fails
	return c.Conn.Close()
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.ended.Store(true)
	}
	return n, err
}

// Write ends the connection's life when the client takes no more.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		c.end()
	}
	return n, err
}

// maxIgnored is how much a client may send beside its stream.
const maxIgnored = 64 << 10

// watch ends the connection's life once the client has gone, which otherwise only writing to it
// would show. One that has closed its own side counts as gone, as in net/http, and so does one
// that sends on and on. It returns when the connection is closed, and is for answers that are the
// last on it, to requests that were read to their end: what the client still sends is nothing to
// anybody.
func (c *conn) watch() {
	if c.SetReadDeadline(time.Time{}) == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, maxIgnored)
	}
	c.end()
}

// body reads a request's body from its connection. Every read has its own deadline:
// an upload may take hours, silence may not.
type body struct {
	r     io.Reader
	conn  net.Conn
	want  int // bytes, by Content-Length; negative when the body is chunked
	n     int
	quiet time.Duration
	done  bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.r == nil || b.done {
		return 0, io.EOF
	}
	if err := b.conn.SetReadDeadline(time.Now().Add(b.quiet)); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.n += n
	if errors.Is(err, io.EOF) {
		if b.cut() {
			return n, io.ErrUnexpectedEOF
		}
		b.done = true
		return n, io.EOF
	}
	return n, err
}

// cut says whether a body that ended is not whole.
func (b *body) cut() bool {
	if b.want >= 0 {
		return b.n < b.want
	}
	c, ok := b.conn.(*conn)
	return ok && c.ended.Load()
}

const (
	drainBytes = 64 << 20
	drainTime  = 2 * time.Second
)

// drain reads what a handler left of a body, within bounds, so that a client that is
// still sending gets to see the answer. It reports whether the connection may be used
// again: the next request must not begin in the middle of this body.
func (b *body) drain() bool {
	if b.r == nil || b.want == 0 || b.done {
		return true
	}
	deadline := time.Now().Add(drainTime)
	buf := make([]byte, 32<<10)
	for left := drainBytes; left > 0; {
		if b.conn.SetReadDeadline(deadline) != nil {
			return false
		}
		n, err := b.r.Read(buf)
		b.n += n
		left -= n
		if err != nil {
			return errors.Is(err, io.EOF) && !b.cut()
		}
	}
	return false
}
