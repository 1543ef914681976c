package projections

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"muster/internal/fault"
)

// Subjects between services, on core NATS.
const (
	subjectPause   = "muster.projections.pause"   // stand still and answer; from who exchanges tables
	subjectResume  = "muster.projections.resume"  // go on
	subjectRunning = "muster.projections.rebuild" // answered by who is rebuilding
	// RebuildSubject takes a RebuildRequest; one of the services carries it out and answers with a RebuildReply.
	RebuildSubject = "muster.rebuild"
)

const (
	heartbeat  = 5 * time.Second  // how often positions are announced when nothing happens
	peerGone   = 20 * time.Second // silence after which a service is taken for dead
	pauseLimit = time.Minute      // how long one service may keep the others still
	pauseWait  = 30 * time.Second // how long to wait for the others to stand still
)

// pauses knows the other services and whether one of them asked for a pause.
type pauses struct {
	mu     sync.Mutex
	peers  map[string]time.Time
	resume map[string]chan struct{} // by who asked
}

func newPauses() *pauses {
	return &pauses{peers: map[string]time.Time{}, resume: map[string]chan struct{}{}}
}

func (p *pauses) saw(runner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.peers[runner] = time.Now()
}

func (p *pauses) alive() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]bool{}
	for r, at := range p.peers {
		if time.Since(at) < peerGone {
			out[r] = true
		} else {
			delete(p.peers, r)
		}
	}
	return out
}

type pauseMessage struct {
	Runner string `json:"runner"`
}

// listen takes part in the talk between services until ctx ends.
func (s *Service) listen(ctx context.Context) error {
	in := make(chan *nats.Msg, 256)
	nc := s.opt.JS.Conn()
	for _, subject := range []string{PositionSubject, subjectPause, subjectResume, subjectRunning} {
		sub, err := nc.ChanSubscribe(subject, in)
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "listen to "+subject)
		}
		defer func() { _ = sub.Unsubscribe() }()
	}
	sub, err := nc.ChanQueueSubscribe(RebuildSubject, "projections", in)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "listen to "+RebuildSubject)
	}
	defer func() { _ = sub.Unsubscribe() }()
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			s.announceAgain()
		case m := <-in:
			s.heard(ctx, &work, m)
		}
	}
}

func (s *Service) heard(ctx context.Context, work *sync.WaitGroup, m *nats.Msg) {
	var from pauseMessage
	if m.Subject != RebuildSubject && (json.Unmarshal(m.Data, &from) != nil || from.Runner == s.env.run) {
		return
	}
	switch m.Subject {
	case PositionSubject:
		s.paused.saw(from.Runner)
	case subjectPause:
		work.Go(func() { s.standStill(ctx, from.Runner, m) })
	case subjectResume:
		s.paused.mu.Lock()
		if c := s.paused.resume[from.Runner]; c != nil {
			delete(s.paused.resume, from.Runner)
			close(c)
		}
		s.paused.mu.Unlock()
	case subjectRunning:
		if !s.rebuilds.TryLock() {
			_ = m.Respond([]byte("yes"))
			return
		}
		s.rebuilds.Unlock()
	case RebuildSubject:
		work.Go(func() { s.rebuildFor(ctx, m) })
	}
}

// standStill finishes the batch at work, says so, and waits for the word to go on.
func (s *Service) standStill(ctx context.Context, who string, m *nats.Msg) {
	on := make(chan struct{})
	s.paused.mu.Lock()
	s.paused.resume[who] = on
	s.paused.mu.Unlock()
	for _, l := range []*loop{s.events, s.ledger} {
		select {
		case l.gate <- struct{}{}:
			defer func() { <-l.gate }()
		case <-ctx.Done():
			return
		}
	}
	answer, _ := json.Marshal(pauseMessage{Runner: s.env.run})
	if err := m.Respond(answer); err != nil {
		return
	}
	limit := time.NewTimer(pauseLimit)
	defer limit.Stop()
	select {
	case <-on:
	case <-limit.C:
		s.env.log.Warn("another service asked for a pause and did not end it")
	case <-ctx.Done():
	}
}

// pauseAll brings this service's loop and every other service to a halt between two
// batches. resume must be called.
func (s *Service) pauseAll(ctx context.Context, l *loop) (resume func(), err error) {
	select {
	case l.gate <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	nc := s.opt.JS.Conn()
	me, _ := json.Marshal(pauseMessage{Runner: s.env.run})
	resume = func() {
		_ = nc.Publish(subjectResume, me)
		<-l.gate
	}
	missing := s.paused.alive()
	if len(missing) == 0 {
		return resume, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pauseWait)
	defer cancel()
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		resume()
		return nil, fault.Wrap(fault.Unavailable, err, "ask the other services to pause")
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := nc.PublishRequest(subjectPause, inbox, me); err != nil {
		resume()
		return nil, fault.Wrap(fault.Unavailable, err, "ask the other services to pause")
	}
	for len(missing) > 0 {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			resume()
			return nil, fault.Wrap(fault.Unavailable, err, "wait for the other services to pause")
		}
		var from pauseMessage
		if json.Unmarshal(m.Data, &from) == nil {
			delete(missing, from.Runner)
		}
	}
	return resume, nil
}
