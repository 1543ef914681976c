package durable

import (
	"context"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// shared is the consumer as all lanes of a process use it. One of them makes it: the
// server works such requests off one by one, and dozens would keep it from all others.
type shared struct {
	js  jetstream.JetStream
	opt Options

	mu   sync.Mutex
	made jetstream.Consumer
}

// get returns the consumer, which exists or did when somebody last looked.
func (s *shared) get(ctx context.Context) (jetstream.Consumer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made != nil {
		return s.made, nil
	}
	c, err := s.js.CreateOrUpdateConsumer(ctx, s.opt.Stream, jetstream.ConsumerConfig{
		Durable: s.opt.Name, FilterSubjects: s.opt.Filters, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: s.opt.AckWait, MaxDeliver: -1, MaxAckPending: s.opt.MaxAckPending,
	})
	if err == nil {
		s.made = c
	}
	return c, err
}

// lost has the next one who asks make the consumer again.
func (s *shared) lost(c jetstream.Consumer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == c {
		s.made = nil
	}
}
