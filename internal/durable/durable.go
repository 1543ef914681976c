package durable

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options describe one consumer. Stream, Name and Log are needed; the zero value
// of everything else is right for most.
type Options struct {
	Stream  string
	Name    string   // of the durable consumer, shared by all processes
	Filters []string // subjects; none is the whole stream
	Lanes   int      // how many messages are worked on at once in this process; default 4
	AckWait time.Duration
	Linger  time.Duration // how long work in hand may take after ctx ends; default 10 s
	Log     *slog.Logger

	// Single is for long work: a lane fetches for itself, and nothing before it is free. So nothing waits in one
	// process while another idles, but nothing keeps messages of one key in one lane.
	Single        bool
	MaxAckPending int                 // delayed and in hand, in all processes; default 1024
	Acked         func(jetstream.Msg) // called after a message was acked, or its ack was lost; optional
}

const (
	prefetchMsgs = 32 // of at most 1 MB: far below the 64 MB at which the server drops a connection
	laneQueue    = 16
	firstDelay   = 100 * time.Millisecond
	longestDelay = 30 * time.Second
	awayLooks    = time.Second // a server that is away at two looks is not waited for by a process that stops
)

// Work does what a message asks for, in a lane from 0. A nil error acks the message.
// *LaterError delays it by a given time, *DropError ends it; every other error delays
// it by a time that grows with each delivery.
type Work func(ctx context.Context, lane int) error

// Route says what a message asks for. Messages with the same key are worked on by
// one lane, in the order in which this process got them.
type Route func(m jetstream.Msg) (key string, work Work)

// LaterError says that a message cannot be handled yet.
type LaterError struct {
	Delay time.Duration
	Err   error
}

// Error says why.
func (e *LaterError) Error() string { return "not yet: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *LaterError) Unwrap() error { return e.Err }

// DropError says that a message can never be handled, and that this is recorded elsewhere.
type DropError struct{ Err error }

// Error says why.
func (e *DropError) Error() string { return "given up: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *DropError) Unwrap() error { return e.Err }

// Run consumes until ctx ends. It then takes no more messages, lets work in hand
// finish for at most Linger, hands back what it has not begun, and returns nil.
func Run(ctx context.Context, js jetstream.JetStream, opt Options, route Route) error {
	if opt.Lanes <= 0 {
		opt.Lanes = 4
	}
	if opt.AckWait <= 0 {
		opt.AckWait = 30 * time.Second
	}
	if opt.Linger <= 0 {
		opt.Linger = 10 * time.Second
	}
	if opt.MaxAckPending <= 0 {
		opt.MaxAckPending = 1024
	}
	opt.Log = opt.Log.With("consumer", opt.Name)
	consumer := &shared{js: js, opt: opt}
	if !opt.Single {
		run(ctx, consumer, opt, route)
		return nil
	}
	var wg sync.WaitGroup
	lanes := opt.Lanes
	opt.Lanes = 1
	for range lanes {
		wg.Go(func() { run(ctx, consumer, opt, route) })
	}
	wg.Wait()
	return nil
}

func run(ctx context.Context, consumer *shared, opt Options, route Route) {
	// Work in hand outlives ctx, but not for ever.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		linger(work, opt, consumer.js.Conn())
		cancel()
	})
	defer stop()

	p := newPool(opt, work)
	defer p.close()
	for wait := firstDelay; ; wait = min(2*wait, 5*time.Second) {
		began := time.Now()
		err := p.consume(ctx, consumer, route)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			wait = firstDelay
		}
		opt.Log.Warn("the consumer was lost and is made again", "error", err, "in", wait)
		if !pause(ctx, wait) {
			return
		}
	}
}

// linger waits until work may take no longer. Short work that finds no server can only
// be done again by another process; what long work knows already is worth the wait.
func linger(work context.Context, opt Options, nc *nats.Conn) {
	end, look := time.NewTimer(opt.Linger), time.NewTicker(awayLooks)
	defer end.Stop()
	defer look.Stop()
	for away := 0; opt.Single || away < 2; {
		select {
		case <-work.Done():
			return
		case <-end.C:
			return
		case <-look.C:
			if away++; nc.IsConnected() {
				away = 0
			}
		}
	}
}

// consume feeds the lanes from the consumer until it is lost or ctx ends.
func (p *pool) consume(ctx context.Context, consumer *shared, route Route) error {
	c, err := consumer.get(ctx)
	if err != nil {
		return err
	}
	defer consumer.lost(c)
	// No limit of bytes: the server ends each such request with a status message, for which the
	// client keeps no place. It, or the message after it, would be dropped, and missed until AckWait.
	prefetch := prefetchMsgs
	if p.opt.Single {
		prefetch = 1 // which is asked for by Next: while there is work, nothing is
	}
	msgs, err := c.Messages(jetstream.PullMaxMessages(prefetch),
		jetstream.PullHeartbeat(5*time.Second), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		return err
	}
	defer msgs.Stop()
	drain := context.AfterFunc(ctx, msgs.Drain)
	defer drain()
	for {
		m, err := msgs.Next()
		if errors.Is(err, jetstream.ErrMsgIteratorClosed) && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			_ = m.Nak() // another process may go on with it at once
			continue
		}
		key, work := route(m)
		if j := (job{m, work}); p.opt.Single {
			p.hold(m)
			p.serve(j, 0)
		} else {
			p.give(ctx, key, j)
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
