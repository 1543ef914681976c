package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/internal/fault"
)

// search is what is looked for in the audit log. The log knows subjects; types, actors and
// the moments of decisions are read off the envelopes, a bounded number at a time.
type search struct {
	filter       string     // NATS subject
	typ, actor   string     // "" is any
	since, until *time.Time // nil is any
	limit        int
}

const (
	maxLooked   = 200_000 // envelopes read for one answer
	maxInWindow = 50_000  // of those in one go
	wideWindow  = 20_000  // sequences in one go where most are matching
	slack       = time.Minute
	maxPage     = 4 << 20 // bytes of the payloads of one answer
	maxLooks    = 4       // answers made at once, for all clients together, and half as many for one key; each asks for 8 messages at once
)

// look finds a page of the log. A few are made at a time, however many ask: each costs the log hundreds of messages,
// read singly, and the blocks that they stand in. The time for reading begins with its turn.
func (g *Gateway) look(ctx context.Context, s search, newest bool, after, before uint64) (found []Event, next uint64, err error) {
	key := principalOf(ctx).KeyID
	if !g.turn(ctx, key) {
		return nil, 0, fault.New(fault.Unavailable, "too many are looking at the audit log, with this key or altogether; try again later")
	}
	defer g.looks.giveBack(key)
	ctx, cancel := context.WithTimeout(ctx, g.opt.Read)
	defer cancel()
	stream, first, end, err := g.opened(ctx, s)
	if err != nil {
		return nil, 0, err
	}
	if newest {
		found, next, err = g.backward(ctx, s, first, end, before)
	} else {
		found, next, err = g.forward(ctx, s, first, end, after)
	}
	if err != nil {
		return nil, 0, err
	}
	n, err := payloads(ctx, stream, found)
	if err != nil {
		return nil, 0, err
	}
	if n < len(found) {
		found, next = found[:n], uint64(found[n-1].Seq)
	}
	return found, next, nil
}

// turn waits for a place among those who look, though not for long.
func (g *Gateway) turn(ctx context.Context, key string) bool {
	ctx, cancel := context.WithTimeout(ctx, g.opt.Turn)
	defer cancel()
	return g.looks.wait(ctx, key)
}

func (s *search) matches(e *events.Event) bool {
	return (s.typ == "" || string(e.Type) == s.typ) && (s.actor == "" || e.Actor == s.actor || e.Actor == "key:"+s.actor) &&
		(s.since == nil || !e.Time.Before(*s.since)) && (s.until == nil || e.Time.Before(*s.until))
}

// opened is the log, and its sequences [first, end) that hold everything decided in the time asked for.
func (g *Gateway) opened(ctx context.Context, s search) (stream jetstream.Stream, first, end uint64, err error) {
	if stream, err = g.opt.JS.Stream(ctx, events.StreamEvents); err != nil {
		return nil, 0, 0, fault.Wrap(fault.Unavailable, err, "read the log")
	}
	state := stream.CachedInfo().State
	first, end = max(state.FirstSeq, 1), state.LastSeq+1
	if s.since != nil {
		first, err = storedSince(ctx, stream, first, end, s.since.Add(-slack))
	}
	if err == nil && s.until != nil { // what was decided by then is stored a moment later
		end, err = storedSince(ctx, stream, first, end, s.until.Add(slack))
	}
	return stream, first, end, err
}

// forward returns matches behind a sequence, the oldest first, and where to go on: 0 at the end.
func (g *Gateway) forward(ctx context.Context, s search, first, end, after uint64) (found []Event, next uint64, err error) {
	looked, at := 0, max(after+1, first)
	err = g.envelopes(ctx, s.filter, at, end, func(e *events.Event) error {
		if len(found) == s.limit || looked == maxLooked {
			next = at
			return errEnough
		}
		looked++
		at = e.Seq
		if s.matches(e) {
			found = append(found, envelope(e))
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, 0, err
	}
	return found, next, nil
}

// backward returns matches before a sequence, the newest first, and before which to go on: 0 at the beginning.
// A stream can only be read forward: windows of it are, from the end on, wide ones where little is matching.
func (g *Gateway) backward(ctx context.Context, s search, first, end, before uint64) (found []Event, next uint64, err error) {
	if before > 0 {
		end = min(end, before)
	}
	window := uint64(4 * s.limit)
	for looked := 0; end > first && len(found) <= s.limit && looked < maxLooked; {
		from := max(first, end-min(window, end))
		part, seen, err := g.window(ctx, s, from, end)
		if errors.Is(err, errEnough) { // much more is matching here than before
			window = wideWindow
			looked += seen
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		slices.Reverse(part)
		found, looked, end = append(found, part...), looked+seen, from
		if uint64(seen)*16 < window {
			window *= 4
		} else {
			window = max(min(window*4, wideWindow), uint64(4*s.limit))
		}
	}
	switch {
	case len(found) > s.limit:
		found = found[:s.limit]
		next = uint64(found[s.limit-1].Seq)
	case end > first:
		next = end
	}
	return found, next, nil
}

// window returns the last matches within [from, end), one more than the limit, and how many envelopes it read.
func (g *Gateway) window(ctx context.Context, s search, from, end uint64) (found []Event, seen int, err error) {
	err = g.envelopes(ctx, s.filter, from, end, func(e *events.Event) error {
		if seen == maxInWindow {
			return errEnough
		}
		seen++
		if s.matches(e) {
			if len(found) > s.limit {
				found = append(found[:0], found[1:]...)
			}
			found = append(found, envelope(e))
		}
		return nil
	})
	return found, seen, err
}

// envelopes calls fn with what matches within [from, end), without payloads.
func (g *Gateway) envelopes(ctx context.Context, filter string, from, end uint64, fn func(e *events.Event) error) error {
	if from >= end {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := errors.New("done")
	caught := false
	err := events.Follow(ctx, g.opt.JS, events.FollowOptions{
		Filters: []string{filter}, From: from, HeadersOnly: true, Log: g.opt.Log, CaughtUp: func() { caught = true; cancel() },
	}, func(e events.Event) error {
		if caught || e.Seq >= end {
			return done
		}
		return fn(&e)
	})
	switch {
	case errors.Is(err, errEnough):
		return err
	case caught || errors.Is(err, done):
		return nil
	}
	return fault.Wrap(fault.Unavailable, err, "read the log")
}

// storedSince is the first sequence within [from, end) that was stored at a time or after it, or end.
func storedSince(ctx context.Context, stream jetstream.Stream, from, end uint64, t time.Time) (uint64, error) {
	for from < end {
		mid := from + (end-from)/2
		m, err := stream.GetMsg(ctx, mid)
		if err != nil {
			return 0, fault.Wrap(fault.Unavailable, err, "read the log")
		}
		if m.Time.Before(t) {
			from = mid + 1
		} else {
			end = mid
		}
	}
	return from, nil
}

// envelope is an event whose payload is still to be read, if it is one for people.
func envelope(e *events.Event) Event {
	out := readable(*e)
	if e.Encoding == events.EncodingJSON {
		out.Data = rawJSON("null")
	}
	return out
}

// payloads fills in what small events say, and says how many of them: those behind would make the page too large. The
// first is always among them.
func payloads(ctx context.Context, stream jetstream.Stream, all []Event) (n int, err error) {
	bytes := 0
	for part := range slices.Chunk(all, 16) {
		if err := fillPayloads(ctx, stream, part); err != nil {
			return n, err
		}
		for i := range part {
			if bytes += len(part[i].Data); bytes > maxPage && n > 0 {
				return n, nil
			}
			n++
		}
	}
	return n, nil
}

func fillPayloads(ctx context.Context, stream jetstream.Stream, all []Event) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range all {
		if all[i].Data == nil {
			continue // a bulk event
		}
		group.Go(func() error {
			m, err := stream.GetMsg(ctx, uint64(all[i].Seq))
			if err != nil {
				return fault.Wrap(fault.Unavailable, err, "read the log")
			}
			if json.Valid(m.Data) {
				all[i].Data = rawJSON(m.Data)
			}
			return nil
		})
	}
	return group.Wait()
}
