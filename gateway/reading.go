package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"muster/internal/fault"
)

// Reading is what every read of a product line takes.
type Reading struct {
	MinSeq string `query:"min_seq" doc:"Answer once the read model holds this sequence of the log" example:"1042"`
}

// Paging is what every list takes.
type Paging struct {
	Cursor string `query:"cursor" doc:"Where the page before said to go on"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"At most so many"`
}

// from is the number in a cursor; 0 when there is none.
func (p Paging) from() (uint64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	v, err := strconv.ParseUint(p.Cursor, 10, 64)
	if err != nil {
		return 0, fault.Field("cursor", "is not one that a page before gave")
	}
	return v, nil
}

// minSeqWait is how long a read waits for the read model.
const minSeqWait = 10 * time.Second

// caughtUp waits until the read model holds what the reader wants to see, and
// checks that there is such a product line.
func (g *Gateway) caughtUp(ctx context.Context, biz string, r Reading) error {
	if biz != "" {
		if _, err := g.state.biz(biz); err != nil {
			return err
		}
	}
	if r.MinSeq == "" {
		return nil
	}
	seq, err := strconv.ParseUint(r.MinSeq, 10, 64)
	if err != nil {
		return fault.Field("min_seq", "is not a sequence")
	}
	ctx, cancel := context.WithTimeout(ctx, min(minSeqWait, g.opt.Read))
	defer cancel()
	err = g.opt.Queries.Await(ctx, seq)
	if err != nil && ctx.Err() != nil {
		return g.unlessAway(fault.New(fault.Timeout, "the read model does not hold sequence %d yet", seq))
	}
	return err
}

// unlessAway tells a read that took too long from an engine that does not answer at all:
// one that was stopped, or that a broken network hides, refuses no connection. Who asks
// for much should ask for less; who asks in vain should come again.
func (g *Gateway) unlessAway(err error) error {
	if !fault.Is(err, fault.Timeout) {
		return err
	}
	ctx, cancel := context.WithTimeout(g.base, checkTimeout)
	defer cancel()
	if silence := g.opt.Queries.Alive(ctx); silence != nil {
		return &fault.Error{Code: fault.Unavailable, Msg: "the read model does not answer; try again", Err: errors.Join(err, silence)}
	}
	return err
}

// asked is what fn reads within a deadline.
func asked[O any](ctx context.Context, g *Gateway, fn func(ctx context.Context) (O, error)) (O, error) {
	ctx, cancel := context.WithTimeout(ctx, g.opt.Read)
	defer cancel()
	out, err := fn(ctx)
	return out, g.unlessAway(err)
}

// read is a route that reads: it waits for min_seq, then asks within a deadline.
func read[I any, O any](g *Gateway, r route, where func(in *I) (string, Reading), fn func(ctx context.Context, in *I) (*O, error)) {
	handle(g, r, func(ctx context.Context, in *I) (*O, error) {
		biz, rd := where(in)
		if err := g.caughtUp(ctx, biz, rd); err != nil {
			return nil, err
		}
		return asked(ctx, g, func(ctx context.Context) (*O, error) { return fn(ctx, in) })
	})
}

// pageOf cuts a page out of one item more than was asked for.
func pageOf[T any](items []T, limit int, cursor func(last T) string) list[T] {
	if items == nil {
		items = []T{}
	}
	l := list[T]{Items: items}
	if len(items) > limit {
		l.Items = items[:limit]
		l.Next = cursor(l.Items[limit-1])
	}
	return l
}
