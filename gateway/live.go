package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/internal/fault"
)

const (
	heartbeat  = 15 * time.Second       // silence on a live stream is broken by a comment
	booksEvery = 500 * time.Millisecond // how often a campaign's books are read while it sends
)

// live streams a product line's events, and the books of campaigns that are sending.
func (g *Gateway) live(c *fiber.Ctx) error {
	biz := c.Params("biz")
	if _, err := g.state.biz(biz); err != nil {
		return err
	}
	from, err := g.ends(c.UserContext(), events.StreamEvents, events.StreamLedger)
	if err != nil {
		return err
	}
	end := ID(from[0])
	if last := c.Get("Last-Event-ID"); last != "" {
		if from[0], err = strconv.ParseUint(last, 10, 63); err != nil {
			return fault.Field("Last-Event-ID", "is not a sequence")
		}
	}
	follow := func(stream, filter string, last uint64) events.FollowOptions {
		return events.FollowOptions{Stream: stream, Filters: []string{filter}, From: last + 1, HeadersOnly: true, Log: g.opt.Log}
	}
	log := follow(events.StreamEvents, "evt."+biz+".>", from[0])
	ledger := follow(events.StreamLedger, "ledger."+biz+".>", from[1])
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set("X-Accel-Buffering", "no")
	return g.streamBody(c, func(ctx context.Context, l *live) error {
		if err := l.send(0, "hello", struct {
			Seq ID `json:"seq"`
		}{end}); err != nil {
			return err
		}
		if own, ok := l.conn.(*conn); ok {
			go own.watch()
		}
		return g.relay(ctx, biz, log, ledger, l)
	})
}

// ends are the last sequences of streams. A client is told of what comes behind them, and so of everything
// that came since its own first byte, however long it takes until they are followed.
func (g *Gateway) ends(ctx context.Context, streams ...string) (last []uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, g.opt.Read)
	defer cancel()
	for _, name := range streams {
		s, err := g.opt.JS.Stream(ctx, name)
		if err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "read the log")
		}
		last = append(last, s.CachedInfo().State.LastSeq)
	}
	return last, nil
}

// relay brings what two followers read to one writer.
func (g *Gateway) relay(ctx context.Context, biz string, log, ledger events.FollowOptions, l *live) error {
	group, ctx := errgroup.WithContext(ctx)
	news, sending := make(chan events.Event, 64), make(chan uint64, 64)
	start := func(fn func() error) { group.Go(g.guarded(ctx, "live", fn)) }
	start(func() error {
		return events.Follow(ctx, g.opt.JS, log, func(e events.Event) error { return put(ctx, news, e) })
	})
	start(func() error {
		return events.Follow(ctx, g.opt.JS, ledger, func(e events.Event) error {
			id, err := strconv.ParseUint(e.Subject.Aggregate, 10, 64)
			if err != nil {
				return nil //nolint:nilerr // not a campaign's
			}
			return put(ctx, sending, id)
		})
	})
	start(func() error { return g.write(ctx, biz, l, news, sending) })
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func put[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write sends what comes; books are read twice a second at the most.
func (g *Gateway) write(ctx context.Context, biz string, l *live, news <-chan events.Event, sending <-chan uint64) error {
	beat, look := time.NewTicker(heartbeat), time.NewTicker(booksEvery)
	defer beat.Stop()
	defer look.Stop()
	dirty := map[uint64]bool{}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-news:
			if err := l.send(e.Seq, "event", readable(e)); err != nil {
				return err
			}
			if e.Subject.Aggregate == "campaign" {
				if id, err := strconv.ParseUint(e.Subject.ID, 10, 64); err == nil {
					dirty[id] = true
				}
			}
		case id := <-sending:
			dirty[id] = true
		case <-beat.C:
			if _, err := l.w.WriteString(": still here\n\n"); err != nil {
				return err
			}
			if err := l.flush(); err != nil {
				return err
			}
		case <-look.C:
			for id := range dirty {
				delete(dirty, id)
				if err := g.sendBooks(ctx, biz, l, id); err != nil {
					return err
				}
			}
		}
	}
}

// sendBooks sends a campaign's counts; while the read model is away there are none.
func (g *Gateway) sendBooks(ctx context.Context, biz string, l *live, id uint64) error {
	qctx, cancel := context.WithTimeout(ctx, g.opt.Read)
	defer cancel()
	r, err := g.opt.Queries.Report(qctx, biz, id)
	if err != nil {
		return nil //nolint:nilerr // the next look may find them
	}
	return l.send(0, "books", struct {
		CampaignID ID `json:"campaign_id"`
		Report
	}{ID(id), r})
}
