package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/internal/fault"
)

// runner is one projection with how far it has come.
type runner struct {
	projection
	pos     uint64 // last sequence applied
	stopped error  // why it stands still; nil while it goes on
	faulted bool   // a row in faults says so
}

// poisonError is an event that a projection cannot apply. What it says is shown to
// every viewer, and logged: it leaves the words of the cause out.
type poisonError struct {
	seq   uint64
	typ   events.Type
	cause error
}

func (p *poisonError) Error() string {
	return fmt.Sprintf("it cannot apply event %d (%s): %s", p.seq, p.typ, brief(p.cause))
}

func (p *poisonError) Unwrap() error { return p.cause }

// loop reads one stream and has all its projections apply it in lock-step.
type loop struct {
	*env
	stream  string
	js      jetstream.JetStream
	opt     events.ReaderOptions
	runners []*runner
	damage  error   // why the log cannot be read any further: nobody goes on, rebuilt or not
	stager  *stager // nil over LEDGER
	gate    chan struct{}
	live    *Service      // told of every step; nil for a rebuild
	pace    time.Duration // steps of a live loop begin at least this far apart; 0: as events come
}

// newLoop makes a loop over projections. gate has one token: who holds it steps.
func newLoop(e *env, js jetstream.JetStream, stream string, opt events.ReaderOptions, list []projection) *loop {
	l := &loop{env: e, stream: stream, js: js, opt: opt, gate: make(chan struct{}, 1)}
	for _, p := range list {
		l.runners = append(l.runners, &runner{projection: p})
	}
	if stream == events.StreamEvents {
		l.stager = newStager(e)
	}
	l.opt.Stream, l.opt.Log = stream, e.log
	return l
}

// from is where reading begins: after the one that is furthest behind.
func (l *loop) from() uint64 {
	least := l.runners[0].pos
	for _, r := range l.runners {
		least = min(least, r.pos)
	}
	return least + 1
}

// run reads until ctx ends or, when limit is not 0, until every event up to there is
// applied. The error is ctx's, or *events.CorruptError: the log cannot be read any
// further, or positions could not be stored.
func (l *loop) run(ctx context.Context, limit uint64) error {
	opt := l.opt
	opt.From = l.from()
	if limit > 0 && opt.From > limit {
		return nil
	}
	reader := events.NewReader(l.js, opt)
	defer reader.Close()
	for {
		b, err := reader.Next(ctx)
		if err != nil {
			if ctx.Err() != nil || fault.Is(err, fault.Corrupt) {
				return err
			}
			l.log.Warn("cannot read the log; trying again", "stream", l.stream, "error", err)
			continue // the reader waits by itself
		}
		list, end := b.Events, false
		for limit > 0 && len(list) > 0 && list[len(list)-1].Seq >= limit {
			end = true
			if list[len(list)-1].Seq == limit {
				break
			}
			list = list[:len(list)-1]
		}
		began := time.Now()
		for _, part := range cut(list) {
			if err := l.step(ctx, part); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
		if limit == 0 && len(list) > 0 {
			if err := rest(ctx, l.pace-time.Since(began)); err != nil {
				return err
			}
		}
	}
}

// rest waits; the error is ctx's.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// step applies one batch everywhere. The error is ctx's.
func (l *loop) step(ctx context.Context, list []events.Event) error {
	select {
	case l.gate <- struct{}{}:
		defer func() { <-l.gate }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b := &batch{events: list}
	if err := l.applied(ctx, b); err != nil {
		return err
	}
	if l.stager != nil {
		if err := persist(ctx, l.log, "drop what was staged", func() error { return l.stager.clean(ctx, b) }); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			l.log.Error("cannot drop what was staged", "error", err)
		}
	}
	return nil
}

// applied collects a batch's uploads and has everyone apply it; once more where staged
// rows expired in between. The error is ctx's.
func (l *loop) applied(ctx context.Context, b *batch) error {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		if l.stager != nil {
			if err := persist(ctx, l.log, "collect uploads", func() error { return l.stager.prepare(ctx, b) }); err != nil {
				return err
			}
		}
		if err := l.advance(ctx, b); !errors.Is(err, errExpired) {
			return err
		}
		l.log.Warn("staged rows expired before they were applied; reading them from the log again", "wait", wait)
		l.stager.distrust(b)
		if err := rest(ctx, wait); err != nil {
			return err
		}
	}
}

// advance has every projection apply a batch: freezes alone and first, because they
// look at what the others have made so far.
func (l *loop) advance(ctx context.Context, b *batch) error {
	var all errgroup.Group
	for _, r := range l.runners {
		if r.name() == Freezes {
			if err := r.advance(ctx, l.log, b); err != nil {
				return err
			}
		}
	}
	for _, r := range l.runners {
		if r.name() != Freezes {
			all.Go(func() error { return r.advance(ctx, l.log, b) })
		}
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if l.live != nil {
		return l.live.stepped(ctx, l, b)
	}
	return nil
}

// advance applies what of a batch is new to one projection. It stops before an event
// that cannot be applied. The error is ctx's, or errExpired.
func (r *runner) advance(ctx context.Context, log *slog.Logger, b *batch) error {
	if r.stopped != nil || b.to() <= r.pos {
		return nil
	}
	if r.pos+1 > b.from() {
		b = b.between(r.pos+1, b.to())
	}
	err := persist(ctx, log, "apply to "+r.name(), func() error { return r.apply(ctx, b) })
	switch {
	case err == nil:
		r.pos = b.to()
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errExpired):
		return err
	case len(b.events) == 1:
		e := b.events[0]
		r.stopped = &poisonError{seq: e.Seq, typ: e.Type, cause: err}
		log.Error("a projection stopped", "projection", r.name(), "error", r.stopped)
		return nil
	}
	// Somewhere in here is the event to blame: go as far as it goes.
	mid := b.events[len(b.events)/2].Seq
	if err := r.advance(ctx, log, b.between(b.from(), mid-1)); err != nil {
		return err
	}
	return r.advance(ctx, log, b.between(mid, b.to()))
}
