package gateway

import (
	"context"
	"sync"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// turns lets requests with one command id look and store one after the other. A command of
// another kind has a subject of its own, so that the log alone would take both.
type turns struct {
	mu sync.Mutex
	by map[string]*turn
}

// turn is one id's: who can send to free has it.
type turn struct {
	free chan struct{}
	held int // by those who have it or wait for it
}

func newTurns() *turns { return &turns{by: map[string]*turn{}} }

// take waits for an id's turn. Unless ctx ended first, done must be called.
func (t *turns) take(ctx context.Context, id string) (done func(), err error) {
	t.mu.Lock()
	one := t.by[id]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		t.by[id] = one
	}
	one.held++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.held--; one.held == 0 {
			delete(t.by, id)
		}
	}
	select {
	case one.free <- struct{}{}:
		return func() { <-one.free; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// store stores a command, once.
func (g *Gateway) store(ctx context.Context, req commands.Request, cmd events.Command, keyed bool) (stored events.StoredCommand, existed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if keyed {
		done, err := g.turns.take(ctx, cmd.ID)
		if err != nil {
			return stored, false, err
		}
		defer done()
		if err := g.unused(ctx, cmd); err != nil {
			return stored, false, err
		}
	}
	stored, existed, err = commands.Send(ctx, g.opt.JS, req)
	if err != nil || !existed { // what was stored before proves nothing
		g.wrote(err)
	}
	return stored, existed, err
}

// unused refuses an idempotency key that was used for a command of another kind, which has
// a subject of its own, so that storing this one would not meet it.
func (g *Gateway) unused(ctx context.Context, cmd events.Command) error {
	before, err := events.GetCommand(ctx, g.opt.JS, cmd.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case before.Type != cmd.Type:
		return fault.New(fault.Mismatch, "this idempotency key was used for another request")
	}
	return nil
}
