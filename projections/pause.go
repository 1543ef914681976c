package projections

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"muster/internal/fault"
)

// hold is a pause that another service asked of this one.
type hold struct {
	calls chan *nats.Msg // the newest call; they are repeated while the pause lasts
	over  chan struct{}  // closed by the word to go on
}

// called takes a call for a pause: the first one begins it, others prolong it.
func (s *Service) called(ctx context.Context, work *sync.WaitGroup, who string, m *nats.Msg) {
	s.peers.mu.Lock()
	h := s.peers.held[who]
	fresh := h == nil
	if fresh {
		h = &hold{calls: make(chan *nats.Msg, 1), over: make(chan struct{})}
		s.peers.held[who] = h
	}
	s.peers.mu.Unlock()
	select {
	case <-h.calls: // an older one
	default:
	}
	h.calls <- m
	if fresh {
		work.Go(func() { s.standStill(ctx, who, h) })
	}
}

// released takes the word to go on.
func (s *Service) released(who string) {
	s.peers.mu.Lock()
	defer s.peers.mu.Unlock()
	if h := s.peers.held[who]; h != nil {
		delete(s.peers.held, who)
		close(h.over)
	}
}

// forget is for a pause that ended by itself: the next call begins another.
func (s *Service) forget(who string, h *hold) {
	s.peers.mu.Lock()
	defer s.peers.mu.Unlock()
	if s.peers.held[who] == h {
		delete(s.peers.held, who)
	}
}

// standStill finishes the batches at work, says so at every call, and goes on when it is told to, or when
// the calls end without that: who asked is dead then, or cannot be heard.
func (s *Service) standStill(ctx context.Context, who string, h *hold) {
	defer s.forget(who, h)
	for _, l := range []*loop{s.events, s.ledger} {
		select {
		case l.gate <- struct{}{}:
			defer func() { <-l.gate }()
		case <-h.over:
			return
		case <-ctx.Done():
			return
		}
	}
	silence := time.NewTimer(s.peers.hold)
	defer silence.Stop()
	for {
		select {
		case m := <-h.calls:
			s.answer(m, talk{Still: true})
			silence.Reset(s.peers.hold)
		case <-h.over:
			return
		case <-silence.C:
			s.env.log.Warn("another service asked for a pause and did not end it")
			return
		case <-ctx.Done():
			return
		}
	}
}

// pause keeps one loop of this service, and everything of every other service, between two batches.
type pause struct {
	s       *Service
	loop    *loop
	answers *nats.Subscription
	calling sync.Mutex
	calls   uint64
	quit    chan struct{}
	renewed sync.WaitGroup
}

// pauseAll brings a loop of this service and every other service to a halt between two batches. end must be called.
func (s *Service) pauseAll(ctx context.Context, l *loop) (*pause, error) {
	select {
	case l.gate <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answers, err := s.opt.JS.Conn().SubscribeSync(nats.NewInbox())
	if err != nil {
		<-l.gate
		return nil, fault.Wrap(fault.Unavailable, err, "ask the other services to pause")
	}
	p := &pause{s: s, loop: l, answers: answers, quit: make(chan struct{})}
	s.exchanging.Store(true)
	p.renewed.Go(p.renew)
	if err := p.stand(ctx); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// end lets everyone go on.
func (p *pause) end() {
	close(p.quit)
	p.renewed.Wait()
	_ = p.answers.Unsubscribe()
	p.s.exchanging.Store(false)
	p.s.say(subjectResume, "", talk{})
	<-p.loop.gate
}

// renew repeats the call, so that the pause lasts however long the work takes.
func (p *pause) renew() {
	tick := time.NewTicker(p.s.peers.renew)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.call()
		case <-p.quit:
			return
		}
	}
}

func (p *pause) call() uint64 {
	p.calling.Lock()
	defer p.calling.Unlock()
	p.calls++
	p.s.say(subjectPause, p.answers.Subject, talk{Call: p.calls})
	return p.calls
}

// stand returns when every service that is alive stands still, and has said so after stand was called.
func (p *pause) stand(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.s.peers.wait)
	defer cancel()
	call, still := p.call(), map[string]bool{}
	for {
		standing := true
		for who := range p.s.peers.alive() { // anew each time: one may have died meanwhile, or come
			standing = standing && still[who]
		}
		if standing {
			return nil
		}
		m, err := p.answers.NextMsg(p.s.peers.renew)
		if ctx.Err() != nil || err != nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, nats.ErrNoResponders) {
			return fault.Wrap(fault.Unavailable, errors.Join(err, ctx.Err()), "wait for the other services to pause")
		}
		var t talk
		if err == nil && json.Unmarshal(m.Data, &t) == nil && t.Still && t.Call >= call {
			still[t.Runner] = true
		}
	}
}

// unbroken says whether everybody has stood still at a position all the time, and will for a while.
func (p *pause) unbroken(ctx context.Context, at uint64) error {
	if err := p.stand(ctx); err != nil {
		return err
	}
	now, err := p.s.standsAt(ctx, p.loop)
	if err == nil && now != at {
		err = fault.New(fault.Unavailable, "another service went on to event %d while all were to stand at %d: nothing was exchanged", now, at)
	}
	return err
}
