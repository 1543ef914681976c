package events

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"muster/internal/fault"
)

// MaxAppend is how many events one atomic append may hold (ADR-50).
const MaxAppend = 1000

// StoreOptions are what a test or a slow network may want to differ.
// The zero value is right for production.
type StoreOptions struct {
	Clock   func() time.Time // default time.Now
	NewID   func() string    // default nuid.Next
	Attempt time.Duration    // how long one request may take; default 5 s
	GiveUp  time.Duration    // how long a call tries altogether; default 20 s
}

// Store loads and appends aggregates. It is safe for concurrent use and keeps no
// state, so any number of processes may have one.
type Store struct {
	rpc    rpc
	clock  func() time.Time
	newID  func() string
	giveUp time.Duration
}

// NewStore makes a store over the streams EVENTS and LEDGER.
func NewStore(js jetstream.JetStream, opt StoreOptions) *Store {
	s := &Store{rpc: newRPC(js, opt.Attempt), clock: opt.Clock, newID: opt.NewID, giveUp: opt.GiveUp}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.newID == nil {
		s.newID = nuid.Next
	}
	if s.giveUp == 0 {
		s.giveUp = 20 * time.Second
	}
	return s
}

// Last returns the last event of an aggregate as the stream's leader knows it;
// fault.NotFound when it has none.
func (s *Store) Last(ctx context.Context, subject Subject) (Event, error) {
	if err := subject.Validate(); err != nil {
		return Event{}, err
	}
	e, err := s.rpc.leaderEvent(ctx, subject.Stream, getRequest{LastFor: subject.String()})
	if err != nil {
		return Event{}, fault.Wrap(fault.Unavailable, err, "read the last event of "+subject.String())
	}
	return e, nil
}

// Load returns every event of an aggregate after a stream sequence (0: all), and
// the aggregate's version: that of the last event returned, the zero Version when
// there is none. For aggregates of more than some hundred events use Each.
func (s *Store) Load(ctx context.Context, subject Subject, after uint64) ([]Event, Version, error) {
	var all []Event
	v, err := s.Each(ctx, subject, after, func(e Event) error {
		all = append(all, e)
		return nil
	})
	return all, v, err
}

// Each calls fn with every event of an aggregate after a stream sequence, in
// order, in memory bounded by one page (4 MB), and checks hashes and their chain
// on the way. It returns the version of the last event seen. An error of fn ends
// it and is returned as it is.
func (s *Store) Each(ctx context.Context, subject Subject, after uint64, fn func(Event) error) (Version, error) {
	var at Version
	if err := subject.Validate(); err != nil {
		return at, err
	}
	name := subject.String()
	for next := after + 1; ; {
		page, pending, err := s.rpc.page(ctx, subject.Stream, name, next)
		if err != nil {
			return at, fault.Wrap(fault.Unavailable, err, "load "+name)
		}
		for _, m := range page {
			e, err := m.event(subject.Stream)
			if err != nil {
				return at, err
			}
			if chained := at.Seq > 0 || after == 0; chained && e.PrevHash != at.Hash {
				return at, &CorruptError{Stream: subject.Stream, Seq: e.Seq, Subject: name, Reason: "it does not chain to the event before it"}
			}
			if err := fn(e); err != nil {
				return at, err
			}
			at = e.At()
			next = e.Seq + 1
		}
		if pending == 0 || len(page) == 0 {
			return at, nil
		}
	}
}
