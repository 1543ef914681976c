package lifecycle

import (
	"context"
	"time"
)

// The deadlines of a service that names none.
const (
	DefaultStartTimeout = 30 * time.Second
	DefaultStopTimeout  = 10 * time.Second
)

// Service is one part of the process.
type Service struct {
	// Name says in logs and errors which part this is; unique within its group.
	Name string

	// Run works until ctx ends, then returns nil or ctx's error. Any other end
	// stops the whole group.
	Run func(ctx context.Context) error

	// Ready is closed by the service once those after it may start. Nil means at once.
	Ready <-chan struct{}

	// Once marks a step rather than a service, a migration for instance: those
	// after it start when Run has returned nil.
	Once bool

	// StartTimeout bounds the wait for Ready, or for a step's end. Zero means
	// DefaultStartTimeout; negative waits as long as it takes.
	StartTimeout time.Duration

	// StopTimeout bounds the wait for Run to return after its context has ended.
	// Zero means DefaultStopTimeout.
	StopTimeout time.Duration
}

func (s Service) startTimeout() time.Duration {
	if s.StartTimeout == 0 {
		return DefaultStartTimeout
	}
	return s.StartTimeout
}

func (s Service) stopTimeout() time.Duration {
	if s.StopTimeout <= 0 {
		return DefaultStopTimeout
	}
	return s.StopTimeout
}

// running is a service that has been started.
type running struct {
	Service
	cancel context.CancelFunc
	ended  chan struct{} // closed when Run has returned
	err    error         // what Run returned; read only after ended is closed
}
