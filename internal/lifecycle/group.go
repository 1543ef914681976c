package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// ErrEnded is the failure of a service that returned nil although nobody had
// asked it to stop.
var ErrEnded = errors.New("ended without being asked to")

// ErrStopped is what Start returns when the group was stopped before or meanwhile.
var ErrStopped = errors.New("the group has been stopped")

// Group is a set of services with one life: it is started once and stopped once.
// Its methods are safe for concurrent use.
type Group struct {
	log      *slog.Logger
	services []Service

	mu       sync.Mutex
	started  bool       // Start has been called
	stopping bool       // from the first Stop on, nothing more is started
	live     []*running // in the order of their start
	failure  error      // the first one
	stopErr  error      // what Stop found; valid once stopped is closed

	failed  chan struct{} // closed with the first failure
	halt    chan struct{} // closed by the first Stop
	settled chan struct{} // closed when Start has returned
	stopped chan struct{} // closed when Stop is through
}

// New makes a group of services that start in the order given.
func New(log *slog.Logger, services ...Service) *Group {
	return &Group{
		log:      log,
		services: services,
		failed:   make(chan struct{}),
		halt:     make(chan struct{}),
		settled:  make(chan struct{}),
		stopped:  make(chan struct{}),
	}
}

// Run starts the group, waits until ctx ends or a service fails, stops the group
// and returns the failure together with whatever went wrong while stopping. The
// end of ctx is no failure.
func (g *Group) Run(ctx context.Context) error {
	if err := g.Start(ctx); err != nil {
		if ctx.Err() != nil || errors.Is(err, ErrStopped) {
			return errors.Join(g.Failure(), g.Stop()) // asked to stop while still starting
		}
		return err
	}
	select {
	case <-ctx.Done():
		g.log.Info("stopping", "reason", context.Cause(ctx))
	case <-g.failed:
		g.log.Error("stopping", "reason", g.Failure())
	case <-g.halt:
	}
	stopErr := g.Stop()
	return errors.Join(g.Failure(), stopErr)
}

// Start starts the services one after the other, each when the one before it is
// ready. If one fails, or ctx ends, those already started are stopped in reverse
// order before Start returns the error. A group starts once; a second call is an error.
//
// The services do not inherit ctx's end, only its values: they end one by one in Stop.
func (g *Group) Start(ctx context.Context) error {
	g.mu.Lock()
	if g.started {
		g.mu.Unlock()
		return errors.New("the group has been started before")
	}
	g.started = true
	g.mu.Unlock()

	err := g.startAll(ctx)
	close(g.settled)
	if err != nil {
		return errors.Join(err, g.Stop())
	}
	return nil
}

func (g *Group) startAll(ctx context.Context) error {
	for _, s := range g.services {
		begun := time.Now()
		r, err := g.launch(ctx, s)
		if err != nil {
			return err
		}
		if err := g.awaitReady(ctx, r); err != nil {
			return err
		}
		g.log.Debug("started", "service", s.Name, "took", time.Since(begun))
	}
	return nil
}

// launch runs s in its own goroutine, unless the group has been stopped meanwhile.
func (g *Group) launch(ctx context.Context, s Service) (*running, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{Service: s, cancel: cancel, ended: make(chan struct{})}

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		cancel()
		return nil, ErrStopped
	}
	g.live = append(g.live, r)
	go func() {
		r.err = s.Run(own)
		g.ended(own, r)
		close(r.ended)
	}()
	return r, nil
}

// ended judges how a service ended and tells the group about a failure.
func (g *Group) ended(own context.Context, r *running) {
	asked := own.Err() != nil
	switch {
	case r.err == nil && (asked || r.Once):
		return
	case r.err == nil:
		r.err = fmt.Errorf("%s: %w", r.Name, ErrEnded)
	case asked && errors.Is(r.err, context.Canceled):
		r.err = nil
		return
	default:
		r.err = fmt.Errorf("%s: %w", r.Name, r.err)
	}
	if asked {
		return // Stop collects it
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failure == nil {
		g.failure = r.err
		close(g.failed)
	}
}

// awaitReady waits until r lets the next service start.
func (g *Group) awaitReady(ctx context.Context, r *running) error {
	if err := g.Failure(); err != nil {
		return err // an earlier service failed meanwhile
	}
	ready := r.Ready
	switch {
	case r.Once:
		ready = r.ended
	case ready == nil:
		return context.Cause(ctx)
	}
	if limit := r.startTimeout(); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit,
			fmt.Errorf("%s: not ready within %s", r.Name, limit))
		defer cancel()
	}
	select {
	case <-ready:
		if r.Once {
			return r.err
		}
		return nil
	case <-g.failed:
		return g.Failure()
	case <-g.halt:
		return ErrStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Failure is the first failure of a service that had not been asked to stop, or nil.
func (g *Group) Failure() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failure
}

// Failed is closed when the first service fails.
func (g *Group) Failed() <-chan struct{} { return g.failed }

// Stop ends the services in the reverse order of their start, each one after the
// other has returned or its deadline has passed, and returns what went wrong
// while doing so. Every further call waits for the first and returns the same.
func (g *Group) Stop() error {
	g.mu.Lock()
	first, started := !g.stopping, g.started
	g.stopping = true
	if first {
		close(g.halt)
	}
	g.mu.Unlock()
	if !first {
		<-g.stopped
		return g.stopErr
	}
	defer close(g.stopped)
	if !started {
		return nil
	}
	// A Start in progress sees halt and returns at once; only then is live final.
	<-g.settled
	var errs []error
	for _, r := range slices.Backward(g.live) {
		if err := g.stopOne(r); err != nil {
			errs = append(errs, err)
		}
	}
	g.stopErr = errors.Join(errs...)
	return g.stopErr
}

// stopOne ends one service and returns its error, unless that is the group's
// failure, which Run reports once.
func (g *Group) stopOne(r *running) error {
	begun := time.Now()
	r.cancel()
	deadline := time.NewTimer(r.stopTimeout())
	defer deadline.Stop()
	select {
	case <-r.ended:
	case <-deadline.C:
		g.log.Error("still running past its deadline", "service", r.Name, "deadline", r.stopTimeout())
		return fmt.Errorf("%s: still running after %s", r.Name, r.stopTimeout())
	}
	g.log.Debug("stopped", "service", r.Name, "took", time.Since(begun))
	if failure := g.Failure(); failure != nil && errors.Is(r.err, failure) {
		return nil
	}
	return r.err
}

// Wait waits until every service has returned or ctx ends, and names those that
// still run, in the order of their start.
func (g *Group) Wait(ctx context.Context) []string {
	g.mu.Lock()
	live := slices.Clone(g.live)
	g.mu.Unlock()

	var left []string
	for _, r := range live {
		select {
		case <-r.ended:
			continue
		case <-ctx.Done():
		}
		select { // both may have been true
		case <-r.ended:
		default:
			left = append(left, r.Name)
		}
	}
	return left
}
