package durable

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

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
}

const (
	prefetchMsgs  = 32 // of at most 1 MB: far below the 64 MB at which the server drops a connection
	maxAckPending = 1024
	laneQueue     = 16
	firstDelay    = 100 * time.Millisecond
	longestDelay  = 30 * time.Second
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
	opt.Log = opt.Log.With("consumer", opt.Name)
	// Work in hand outlives ctx, but not for ever.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(opt.Linger)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-work.Done():
		}
	})
	defer stop()

	p := newPool(opt, work)
	defer p.close()
	for wait := firstDelay; ; wait = min(2*wait, 5*time.Second) {
		began := time.Now()
		err := p.consume(ctx, js, route)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > time.Minute {
			wait = firstDelay
		}
		opt.Log.Warn("the consumer was lost and is made again", "error", err, "in", wait)
		if !pause(ctx, wait) {
			return nil
		}
	}
}

// consume makes sure that the consumer exists and feeds the lanes from it.
func (p *pool) consume(ctx context.Context, js jetstream.JetStream, route Route) error {
	c, err := js.CreateOrUpdateConsumer(ctx, p.opt.Stream, jetstream.ConsumerConfig{
		Durable: p.opt.Name, FilterSubjects: p.opt.Filters, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: p.opt.AckWait, MaxDeliver: -1, MaxAckPending: maxAckPending,
	})
	if err != nil {
		return err
	}
	// No limit of bytes: the server ends each such request with a status message, for which the
	// client keeps no place. It, or the message after it, would be dropped, and missed until AckWait.
	msgs, err := c.Messages(jetstream.PullMaxMessages(prefetchMsgs),
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
		p.give(ctx, key, job{m, work})
	}
}

// job is one message in hand.
type job struct {
	msg  jetstream.Msg
	work Work
}

// pool is the lanes of one process.
type pool struct {
	opt   Options
	ctx   context.Context // of the work itself; outlives the consumer's
	seed  maphash.Seed
	lanes []chan job
	wg    sync.WaitGroup
	done  chan struct{}

	mu   sync.Mutex
	held map[jetstream.Msg]struct{} // given to a lane, not yet answered
	over bool                       // nothing new is begun
}

func newPool(opt Options, ctx context.Context) *pool { //nolint:revive // the context is kept on purpose: it is the work's, not the call's
	p := &pool{opt: opt, ctx: ctx, seed: maphash.MakeSeed(), lanes: make([]chan job, opt.Lanes),
		done: make(chan struct{}), held: map[jetstream.Msg]struct{}{}}
	for i := range p.lanes {
		p.lanes[i] = make(chan job, laneQueue)
		p.wg.Go(func() { p.run(i) })
	}
	go p.keepAlive()
	return p
}

// close stops beginning new work and waits for what is in hand.
func (p *pool) close() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	for _, lane := range p.lanes {
		close(lane)
	}
	p.wg.Wait()
	p.done <- struct{}{}
}

func (p *pool) give(ctx context.Context, key string, j job) {
	p.mu.Lock()
	p.held[j.msg] = struct{}{}
	p.mu.Unlock()
	select {
	case p.lanes[maphash.String(p.seed, key)%uint64(len(p.lanes))] <- j:
	case <-ctx.Done():
		p.release(j.msg)
		_ = j.msg.Nak()
	}
}

func (p *pool) release(m jetstream.Msg) {
	p.mu.Lock()
	delete(p.held, m)
	p.mu.Unlock()
}

func (p *pool) stopping() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

func (p *pool) run(lane int) {
	for j := range p.lanes[lane] {
		if p.stopping() {
			_ = j.msg.Nak()
		} else {
			p.answer(j.msg, j.work(p.ctx, lane))
		}
		p.release(j.msg)
	}
}

// answer tells the server how the work ended. A lost answer only means that the
// message comes again.
func (p *pool) answer(m jetstream.Msg, err error) {
	log := p.opt.Log.With("subject", m.Subject())
	var later *LaterError
	var drop *DropError
	switch {
	case err == nil:
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		defer cancel()
		err = m.DoubleAck(ctx)
	case errors.As(err, &later):
		log.Debug("handled later", "reason", later.Err, "in", later.Delay)
		err = m.NakWithDelay(later.Delay)
	case errors.As(err, &drop):
		log.Error("given up", "error", drop.Err)
		err = m.TermWithReason("given up; see the log")
	default:
		delay := delayOf(m)
		log.Warn("failed, tried again later", "error", err, "in", delay)
		err = m.NakWithDelay(delay)
	}
	if err != nil && p.ctx.Err() == nil {
		log.Warn("the ack was lost, the message will come again", "error", err)
	}
}

// delayOf doubles with each delivery, with some chance in it so that what failed
// together does not come back together.
func delayOf(m jetstream.Msg) time.Duration {
	n := uint64(1)
	if meta, err := m.Metadata(); err == nil {
		n = meta.NumDelivered
	}
	d := longestDelay
	if n < 10 {
		d = min(longestDelay, firstDelay<<(n-1))
	}
	return d/2 + rand.N(d)/2
}

// keepAlive tells the server about every message in hand, queued ones included,
// so that none of them is delivered elsewhere meanwhile.
func (p *pool) keepAlive() {
	t := time.NewTicker(p.opt.AckWait / 3)
	defer t.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-t.C:
		}
		p.mu.Lock()
		held := make([]jetstream.Msg, 0, len(p.held))
		for m := range p.held {
			held = append(held, m)
		}
		p.mu.Unlock()
		for _, m := range held {
			_ = m.InProgress() // one that was answered meanwhile refuses, which is right
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
