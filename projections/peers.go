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

// Subjects between services, on core NATS. All but the last carry a talk.
const (
	subjectPause   = "muster.projections.pause"   // stand still and answer; repeated by who exchanges tables
	subjectResume  = "muster.projections.resume"  // go on
	subjectRunning = "muster.projections.rebuild" // who is there, and who of them rebuilds
	// RebuildSubject takes a RebuildRequest; one of the services carries it out and answers with a RebuildReply.
	RebuildSubject = "muster.rebuild"
)

// talk is what services tell each other.
type talk struct {
	Runner     string `json:"runner"`
	Call       uint64 `json:"call,omitempty"`       // number of a call for a pause, and of the one that is answered
	Still      bool   `json:"still,omitempty"`      // stands between two batches
	Rebuilding bool   `json:"rebuilding,omitempty"` // has a rebuild under way
	Exchanging bool   `json:"exchanging,omitempty"` // and keeps the others still
}

// peers knows the other services, and which of them asked for a pause.
type peers struct {
	heartbeat time.Duration // how often positions are announced when nothing happens
	gone      time.Duration // silence after which a service is taken for dead
	ask       time.Duration // how long answers to a question to all are collected
	renew     time.Duration // how often a call for a pause is repeated
	hold      time.Duration // how long a pause lasts after the last call
	wait      time.Duration // how long to wait for the others to finish their batches
	leftover  time.Duration // age of a copy from which on it is a leftover when its service is not there

	mu    sync.Mutex
	heard map[string]time.Time // by service
	held  map[string]*hold     // by who asked
}

func newPeers() *peers {
	return &peers{heartbeat: 5 * time.Second, gone: 20 * time.Second, ask: time.Second, renew: 2 * time.Second, hold: 30 * time.Second,
		wait: 2 * time.Minute, leftover: time.Hour, heard: map[string]time.Time{}, held: map[string]*hold{}}
}

func (p *peers) saw(runner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[runner] = time.Now()
}

func (p *peers) alive() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]bool{}
	for r, at := range p.heard {
		if time.Since(at) < p.gone {
			out[r] = true
		} else {
			delete(p.heard, r)
		}
	}
	return out
}

// say publishes something to the other services.
func (s *Service) say(subject, reply string, t talk) {
	t.Runner = s.env.run
	data, err := json.Marshal(t)
	if err == nil {
		err = s.opt.JS.Conn().PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: data})
	}
	if err != nil { // whoever should have heard it is missed soon
		s.env.log.Debug("cannot talk to the other services", "subject", subject, "error", err)
	}
}

// answer tells who asked, under the number of the call.
func (s *Service) answer(m *nats.Msg, t talk) {
	var asked talk
	if m.Reply == "" || json.Unmarshal(m.Data, &asked) != nil {
		return
	}
	t.Call = asked.Call
	s.say(m.Reply, "", t)
}

// census asks who else is there, and says what the others are up to. From then on this service knows them.
func (s *Service) census(ctx context.Context) (rebuilding, exchanging bool, err error) {
	answers, err := s.opt.JS.Conn().SubscribeSync(nats.NewInbox())
	if err != nil {
		return false, false, fault.Wrap(fault.Unavailable, err, "ask for the other services")
	}
	defer func() { _ = answers.Unsubscribe() }()
	s.say(subjectRunning, answers.Subject, talk{})
	asking, cancel := context.WithTimeout(ctx, s.peers.ask)
	defer cancel()
	for {
		m, err := answers.NextMsgWithContext(asking)
		if ctx.Err() != nil {
			return false, false, ctx.Err()
		}
		if asking.Err() != nil || errors.Is(err, nats.ErrNoResponders) {
			return rebuilding, exchanging, nil
		}
		if err != nil {
			return false, false, fault.Wrap(fault.Unavailable, err, "ask for the other services")
		}
		var t talk
		if json.Unmarshal(m.Data, &t) == nil && t.Runner != "" {
			s.peers.saw(t.Runner)
			rebuilding, exchanging = rebuilding || t.Rebuilding, exchanging || t.Exchanging
		}
	}
}

// ears are a service's subscriptions to what the others say.
type ears struct {
	in   chan *nats.Msg
	subs []*nats.Subscription
}

// openEars subscribes to what concerns every service.
func (s *Service) openEars() (*ears, error) {
	e := &ears{in: make(chan *nats.Msg, 256)}
	for _, subject := range []string{PositionSubject, subjectPause, subjectResume, subjectRunning} {
		sub, err := s.opt.JS.Conn().ChanSubscribe(subject, e.in)
		if err != nil {
			e.close()
			return nil, fault.Wrap(fault.Unavailable, err, "listen to "+subject)
		}
		e.subs = append(e.subs, sub)
	}
	return e, nil
}

// offer takes part in carrying out rebuilds, too.
func (s *Service) offer(e *ears) error {
	sub, err := s.opt.JS.Conn().ChanQueueSubscribe(RebuildSubject, "projections", e.in)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "listen to "+RebuildSubject)
	}
	e.subs = append(e.subs, sub)
	return nil
}

func (e *ears) close() {
	for _, sub := range e.subs {
		_ = sub.Unsubscribe()
	}
}

// listen takes part in the talk between services until ctx ends.
func (s *Service) listen(ctx context.Context, e *ears) error {
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(s.peers.heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			s.announceAgain()
		case m := <-e.in:
			s.hear(ctx, &work, m)
		}
	}
}

func (s *Service) hear(ctx context.Context, work *sync.WaitGroup, m *nats.Msg) {
	if m.Subject == RebuildSubject {
		work.Go(func() { s.rebuildFor(ctx, m) })
		return
	}
	var from talk
	if json.Unmarshal(m.Data, &from) != nil || from.Runner == "" || from.Runner == s.env.run {
		return
	}
	s.peers.saw(from.Runner)
	switch m.Subject {
	case subjectPause:
		s.called(ctx, work, from.Runner, m)
	case subjectResume:
		s.released(from.Runner)
	case subjectRunning:
		s.answer(m, talk{Rebuilding: s.rebuilding.Load(), Exchanging: s.exchanging.Load()})
	}
}
