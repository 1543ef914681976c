package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

const streamWait = time.Minute // how long a client may take for one piece

// live writes to a client piece by piece. Every piece has a deadline of its own.
type live struct {
	w    *bufio.Writer
	conn net.Conn
}

func (l *live) flush() error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(streamWait)); err != nil {
		return err
	}
	return l.w.Flush()
}

func (l *live) Write(p []byte) (int, error) { return l.w.Write(p) }

// send writes one server-sent event.
func (l *live) send(id uint64, event string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if id > 0 {
		fmt.Fprintf(l.w, "id: %d\n", id)
	}
	fmt.Fprintf(l.w, "event: %s\ndata: %s\n\n", event, b)
	return l.flush()
}

// streamBody streams the answer's body from fn, for as long as the gateway runs and the key
// holds. A failure after the first byte cuts the connection, and so does a revoked key: the
// client must not take it for the end. There must be no body to the request: fasthttp starts fn
// before the handler returns, and nobody else may read the connection from then on.
func (g *Gateway) streamBody(c *fiber.Ctx, fn func(ctx context.Context, l *live) error) error {
	if bodyOf(c).want != 0 {
		return fault.New(fault.Invalid, "this is only read: send no body")
	}
	if c.Context().IsHead() {
		c.Context().Response.Header.SetContentLength(-1) // chunked, as to GET
		return nil                                       // its headers are all that is asked for
	}
	key := principalOf(c.UserContext()).KeyID
	if !g.streams.take(key) {
		return fault.New(fault.RateLimited, "too many streams are open, with this key or altogether; try again later")
	}
	conn, ctx, where := c.Context().Conn(), c.UserContext(), c.Route().Path
	c.Context().SetConnectionClose()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer g.streams.giveBack(key)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			if g.state.lapsed(ctx, key) {
				g.opt.Log.InfoContext(ctx, "a stream was cut: its key may be used no more", "path", where, "key_id", key)
				_ = conn.Close() // ends ctx too
			}
		}()
		l := &live{w: w, conn: conn}
		err := g.guarded(ctx, where, func() error { return fn(ctx, l) })()
		if err == nil {
			err = l.flush()
		}
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			g.opt.Log.WarnContext(ctx, "a stream was cut", "path", where, "err", err)
		}
		_ = conn.Close() // a stop, too, leaves the rest out
	})
	return nil
}

func (g *Gateway) registerStreams() {
	text := func(kind, what string) map[string]*huma.Response {
		return map[string]*huma.Response{"200": {Description: what, Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	}
	biz, id := parameter("path", "biz", "The product line", true), parameter("path", "id", "The group", true)
	r := at(Viewer, http.MethodGet, "/v1/{biz}/stream", "live", tagOperations, "Live events (SSE)").
		about("`event: hello` comes first, with the `seq` that the log ends at; `event: event` is an event of the product line without its payload, `event: books` a campaign's counts while it sends. Reconnect with Last-Event-ID.")
	r.op.Parameters, r.op.Responses = []*huma.Param{biz, parameter("header", "Last-Event-ID", "Go on behind this sequence", false)}, text("text/event-stream", "A stream that does not end")
	g.raw(r, g.live)

	r = at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}/members.csv", "export-members", tagGroups, "All users of a group as CSV")
	r.op.Parameters, r.op.Responses = []*huma.Param{biz, id, minSeq()}, text("text/csv", "user_id, one per line, ascending")
	g.raw(r, func(c *fiber.Ctx) error {
		return g.export(c, "user_id", "members.csv", func(ctx context.Context, biz string, group Group, row func(uint64) error) error {
			return g.opt.Queries.EachMember(ctx, biz, uint64(group.ID), row)
		})
	})
	r = at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}/unmatched.csv", "export-unmatched", tagGroups, "The phones that matched no user, of all uploads since the group's members were last replaced")
	r.op.Parameters, r.op.Responses = []*huma.Param{biz, id, minSeq()}, text("text/csv", "phone, one per line")
	g.raw(r, func(c *fiber.Ctx) error {
		return g.export(c, "phone", "unmatched.csv", func(ctx context.Context, biz string, group Group, row func(uint64) error) error {
			return g.opt.Queries.EachUnmatched(ctx, biz, uint64(group.ID), row)
		})
	})
}

// export streams numbers of a group, one per line.
func (g *Gateway) export(c *fiber.Ctx, header, file string, each func(ctx context.Context, biz string, group Group, row func(uint64) error) error) error {
	biz := c.Params("biz")
	if err := g.caughtUp(c.UserContext(), biz, Reading{MinSeq: c.Query("min_seq")}); err != nil {
		return err
	}
	id, err := pathID("group", c.Params("id"))
	if err != nil {
		return err
	}
	group, err := asked(c.UserContext(), g, func(ctx context.Context) (Group, error) { return g.opt.Queries.Group(ctx, biz, id) })
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="group-`+group.ID.String()+`-`+file+`"`)
	return g.streamBody(c, func(ctx context.Context, l *live) error {
		if _, err := l.w.WriteString(header + "\n"); err != nil {
			return err
		}
		var line [24]byte
		return each(ctx, biz, group, func(v uint64) error {
			b := append(strconv.AppendUint(line[:0], v, 10), '\n')
			if l.w.Available() < len(b) {
				if err := l.flush(); err != nil {
					return err
				}
			}
			_, err := l.w.Write(b)
			return err
		})
	})
}
