package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"muster/internal/fault"
	"muster/projections"
)

// rebuildTimeout bounds one rebuild as this gateway follows it; the rebuild itself
// goes on for as long as it takes.
const rebuildTimeout = 24 * time.Hour

// keptRebuilds is how many are remembered.
const keptRebuilds = 64

// Rebuild is one rebuild: under way, or what became of it.
type Rebuild struct {
	ID          string         `json:"id"`
	Projections []string       `json:"projections"`
	Status      string         `json:"status" enum:"running,completed,failed"`
	StartedAt   time.Time      `json:"started_at"`
	EndedAt     *time.Time     `json:"ended_at,omitempty"`
	TookMS      int64          `json:"took_ms"`
	PauseMS     int64          `json:"pause_ms" doc:"How long the live projections stood still"`
	Tables      []RebuiltTable `json:"tables" doc:"Compared with the live ones before they took their places"`
	Error       string         `json:"error,omitempty" doc:"Why it failed; what was live goes on"`
}

// RebuiltTable is one table made anew, against the one it replaced.
type RebuiltTable struct {
	Table     string `json:"table"`
	Rows      ID     `json:"rows"`
	Differing ID     `json:"differing" doc:"Rows in which the replaced table was not what the log says"`
}

// LastRebuild is what the last rebuild made of one projection.
type LastRebuild struct {
	ID      string         `json:"id"`
	At      time.Time      `json:"at" doc:"When it ended"`
	TookMS  int64          `json:"took_ms"`
	PauseMS int64          `json:"pause_ms"`
	Tables  []RebuiltTable `json:"tables"`
	Error   string         `json:"error,omitempty"`
}

// Rebuilding is what is known of one projection's rebuilds.
type Rebuilding struct {
	Now  bool // one is under way
	Last *LastRebuild
}

// States of a rebuild.
const (
	rebuildRunning   = "running"
	rebuildCompleted = "completed"
	rebuildFailed    = "failed"
)

// RemoteRebuilds asks whichever process runs projections for rebuilds. Gateways tell each other of
// those that were asked of them, so that every one can say what became of any of them.
type RemoteRebuilds struct {
	nc   *nats.Conn
	log  *slog.Logger
	ctx  context.Context
	stop context.CancelFunc
	subs []*nats.Subscription
	work sync.WaitGroup

	mu    sync.Mutex
	known map[string]*rebuildSeen // by id
}

// rebuildSeen is a rebuild and when this gateway last heard that it goes on.
type rebuildSeen struct {
	Rebuild
	own   bool // asked for here
	heard time.Time
}

// NewRemoteRebuilds makes one; Close ends it.
func NewRemoteRebuilds(nc *nats.Conn, log *slog.Logger) *RemoteRebuilds {
	r := &RemoteRebuilds{nc: nc, log: log, known: map[string]*rebuildSeen{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	r.meet()
	return r
}

// Close stops following; rebuilds under way go on.
func (r *RemoteRebuilds) Close() {
	r.stop()
	r.work.Wait()
	for _, s := range r.subs {
		_ = s.Unsubscribe()
	}
}

// Rebuild asks for a projection, or all of them, and returns.
func (r *RemoteRebuilds) Rebuild(_ context.Context, name string) (Rebuild, error) {
	names, err := projections.RebuildNames(name)
	if err != nil {
		return Rebuild{}, &fault.Error{Code: fault.NotFound, Field: "name", Msg: "there is no such projection that could be rebuilt"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing()
	for _, k := range r.known {
		if k.Status == rebuildRunning {
			return Rebuild{}, fault.New(fault.Conflict, "a rebuild is under way")
		}
	}
	if !r.nc.IsConnected() {
		return Rebuild{}, fault.New(fault.Unavailable, "the connection to NATS is lost; try again")
	}
	now := time.Now().UTC()
	one := Rebuild{ID: nuid.Next(), Projections: names, Status: rebuildRunning, StartedAt: now, Tables: []RebuiltTable{}}
	r.keep(&rebuildSeen{Rebuild: one, own: true, heard: now})
	r.work.Go(func() { r.follow(one) })
	return one, nil
}

// follow waits for the outcome of a rebuild, keeps it and tells it. When this gateway ends first,
// the others miss its word and say that nobody knows how it ended.
func (r *RemoteRebuilds) follow(one Rebuild) {
	ctx, cancel := context.WithTimeout(r.ctx, rebuildTimeout)
	defer cancel()
	var telling sync.WaitGroup
	quit := make(chan struct{})
	telling.Go(func() { r.tellUntil(quit, one) })
	report, err := projections.RequestRebuild(ctx, r.nc, one.Projections...)
	close(quit)
	telling.Wait()
	if r.ctx.Err() != nil {
		return
	}
	now := time.Now().UTC()
	one.EndedAt, one.TookMS = &now, now.Sub(one.StartedAt).Milliseconds()
	if err != nil {
		one.Status, one.Error = rebuildFailed, err.Error()
		r.log.ErrorContext(ctx, "a rebuild failed", "projections", one.Projections, "err", err)
	} else {
		one.Status, one.TookMS, one.PauseMS = rebuildCompleted, report.TookMS, report.PauseMS
		for _, t := range report.Tables {
			one.Tables = append(one.Tables, RebuiltTable{Table: t.Table, Rows: ID(t.Rows), Differing: ID(t.Differing)})
		}
		r.log.InfoContext(ctx, "rebuilt", "projections", one.Projections, "took_ms", report.TookMS, "pause_ms", report.PauseMS)
	}
	r.mu.Lock()
	r.keep(&rebuildSeen{Rebuild: one, own: true, heard: now})
	r.mu.Unlock()
	r.tell(one)
}

// keep remembers a rebuild, and forgets the oldest of too many. r.mu is held.
func (r *RemoteRebuilds) keep(k *rebuildSeen) {
	r.known[k.ID] = k
	for len(r.known) > keptRebuilds {
		oldest := k
		for _, o := range r.known {
			if o.StartedAt.Before(oldest.StartedAt) {
				oldest = o
			}
		}
		delete(r.known, oldest.ID)
	}
}

// Find returns a rebuild by its id.
func (r *RemoteRebuilds) Find(id string) (Rebuild, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing()
	k := r.known[id]
	if k == nil {
		return Rebuild{}, &fault.Error{Code: fault.NotFound, Field: "id", Msg: "no rebuild of this id is remembered"}
	}
	return k.Rebuild, nil
}

// Rebuilding says of projections whether they are being rebuilt, and what became of the last time.
func (r *RemoteRebuilds) Rebuilding(context.Context) (map[string]Rebuilding, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing()
	list := make([]Rebuild, 0, len(r.known))
	for _, k := range r.known {
		list = append(list, k.Rebuild)
	}
	slices.SortFunc(list, func(a, b Rebuild) int {
		return cmp.Or(a.end().Compare(b.end()), cmp.Compare(a.ID, b.ID))
	})
	out := map[string]Rebuilding{}
	for _, one := range list {
		for _, name := range one.Projections {
			p := out[name]
			if one.Status == rebuildRunning {
				p.Now = true
			} else {
				p.Last = one.of(name)
			}
			out[name] = p
		}
	}
	return out, nil
}

func (b *Rebuild) end() time.Time {
	if b.EndedAt == nil {
		return b.StartedAt
	}
	return *b.EndedAt
}

// of is what a rebuild that has ended made of one of its projections.
func (b *Rebuild) of(name string) *LastRebuild {
	last := &LastRebuild{ID: b.ID, At: b.end(), TookMS: b.TookMS, PauseMS: b.PauseMS, Tables: []RebuiltTable{}, Error: b.Error}
	tables := projections.TablesOf(name)
	for _, t := range b.Tables {
		if slices.Contains(tables, t.Table) {
			last.Tables = append(last.Tables, t)
		}
	}
	return last
}

// decodeRebuild reads what another gateway tells.
func decodeRebuild(data []byte) (Rebuild, bool) {
	var one Rebuild
	err := json.Unmarshal(data, &one)
	return one, err == nil && one.ID != "" && (one.Status == rebuildRunning || one.EndedAt != nil)
}
