package gateway

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"muster/internal/fault"
	"muster/projections"
)

// rebuildTimeout bounds one rebuild as this gateway follows it; the rebuild itself
// goes on for as long as it takes.
const rebuildTimeout = 24 * time.Hour

// RemoteRebuilds asks whichever process runs projections for rebuilds. It knows those
// that were asked for here, and shows them until they end.
type RemoteRebuilds struct {
	nc   *nats.Conn
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc

	mu   sync.Mutex
	busy map[string]bool
	work sync.WaitGroup
}

// NewRemoteRebuilds makes one; Close ends it.
func NewRemoteRebuilds(nc *nats.Conn, log *slog.Logger) *RemoteRebuilds {
	r := &RemoteRebuilds{nc: nc, log: log, busy: map[string]bool{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Close stops following; rebuilds under way go on.
func (r *RemoteRebuilds) Close() {
	r.stop()
	r.work.Wait()
}

// Rebuild asks for a projection, or all of them, and returns.
func (r *RemoteRebuilds) Rebuild(_ context.Context, name string) error {
	names, err := projections.RebuildNames(name)
	if err != nil {
		return &fault.Error{Code: fault.NotFound, Field: "name", Msg: "there is no such projection that could be rebuilt"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.busy) > 0 {
		return fault.New(fault.Conflict, "a rebuild is under way")
	}
	if !r.nc.IsConnected() {
		return fault.New(fault.Unavailable, "the connection to NATS is lost; try again")
	}
	for _, n := range names {
		r.busy[n] = true
	}
	r.work.Go(func() { r.follow(names) })
	return nil
}

func (r *RemoteRebuilds) follow(names []string) {
	ctx, cancel := context.WithTimeout(r.ctx, rebuildTimeout)
	defer cancel()
	report, err := projections.RequestRebuild(ctx, r.nc, names...)
	if err != nil {
		r.log.ErrorContext(ctx, "a rebuild failed", "projections", names, "err", err)
	} else {
		r.log.InfoContext(ctx, "rebuilt", "projections", names, "took_ms", report.TookMS, "pause_ms", report.PauseMS)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range names {
		delete(r.busy, n)
	}
}

// Rebuilding says which projections are being rebuilt.
func (r *RemoteRebuilds) Rebuilding(context.Context) (map[string]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.busy), nil
}
