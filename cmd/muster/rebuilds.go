package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/nats-io/nats.go"

	"muster/internal/fault"
	"muster/projections"
)

// rebuilds asks whichever process runs the projections to rebuild them, and remembers
// what is under way, for the gateway to show.
type rebuilds struct {
	nc  *nats.Conn
	log *slog.Logger
	ctx context.Context //nolint:containedctx // outlives the request that started a rebuild

	mu    sync.Mutex
	names []string // under way
	done  sync.WaitGroup
}

func newRebuilds(nc *nats.Conn, log *slog.Logger) *rebuilds {
	return &rebuilds{nc: nc, log: log, ctx: context.Background()}
}

// Run lets rebuilds be started until ctx ends, and waits for the one under way.
func (r *rebuilds) Run(ctx context.Context) error {
	r.mu.Lock()
	r.ctx = ctx
	r.mu.Unlock()
	<-ctx.Done()
	r.done.Wait()
	return nil
}

// Rebuild begins to rebuild a projection, or "all", and returns.
func (r *rebuilds) Rebuild(_ context.Context, name string) error {
	names, err := projections.RebuildNames(name)
	if err != nil {
		return fault.New(fault.NotFound, "there is no projection %q", name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.names) > 0 {
		return fault.New(fault.Conflict, "a rebuild is under way already")
	}
	r.names = names
	ctx := r.ctx
	r.done.Go(func() { r.run(ctx, names) })
	return nil
}

func (r *rebuilds) run(ctx context.Context, names []string) {
	report, err := projections.RequestRebuild(ctx, r.nc, names...)
	if err != nil {
		r.log.Error("rebuild", "projections", names, "error", err)
	} else {
		r.log.Info("rebuilt", "projections", names, "tables", report.Tables, "took_ms", report.TookMS)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names = nil
}

// underWay says which projections are being rebuilt.
func (r *rebuilds) underWay(context.Context) (map[string]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[string]bool{}
	for _, n := range r.names {
		names[n] = true
	}
	return names, nil
}
