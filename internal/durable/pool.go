package durable

import (
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

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
	p.hold(j.msg)
	select {
	case p.lanes[maphash.String(p.seed, key)%uint64(len(p.lanes))] <- j:
	case <-ctx.Done():
		p.release(j.msg)
		_ = j.msg.Nak()
	}
}

func (p *pool) hold(m jetstream.Msg) {
	p.mu.Lock()
	p.held[m] = struct{}{}
	p.mu.Unlock()
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
		p.serve(j, lane)
	}
}

func (p *pool) serve(j job, lane int) {
	if p.stopping() {
		_ = j.msg.Nak()
	} else {
		p.answer(j.msg, j.work(p.ctx, lane))
	}
	p.release(j.msg)
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
		if p.opt.Acked != nil {
			p.opt.Acked(m)
		}
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
