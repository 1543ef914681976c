package queries

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/projections"
)

// waiter knows how far the projections are, as far as it was told, and wakes those
// who wait for more. What it knows never goes back: rows do not disappear.
type waiter struct {
	db   *clickhouse.DB
	poll time.Duration
	sub  *nats.Subscription

	mu      sync.Mutex
	at      map[string]uint64
	stopped map[string]string
	moved   chan struct{} // closed and replaced when something changed
	heard   time.Time     // when all of this was last known to be so
}

// fresh is how old news may be; projections repeat them every few seconds.
const fresh = 15 * time.Second

func newWaiter(opt Options) (*waiter, error) {
	w := &waiter{db: opt.DB, poll: opt.Poll, at: map[string]uint64{}, stopped: map[string]string{}, moved: make(chan struct{})}
	if opt.NATS == nil {
		return w, nil
	}
	var err error
	w.sub, err = opt.NATS.Subscribe(projections.PositionSubject, func(m *nats.Msg) {
		var p projections.Positions
		if json.Unmarshal(m.Data, &p) == nil {
			w.learn(p.Projections)
		}
	})
	return w, fault.Wrap(fault.Unavailable, err, "listen for positions")
}

func (w *waiter) close() {
	if w.sub != nil {
		_ = w.sub.Unsubscribe()
	}
}

func (w *waiter) learn(states map[string]projections.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, s := range states {
		w.at[name] = max(w.at[name], s.Seq)
		if s.Stopped == "" {
			delete(w.stopped, name)
		} else {
			w.stopped[name] = s.Stopped
		}
	}
	w.heard = time.Now()
	close(w.moved)
	w.moved = make(chan struct{})
}

// holds says whether all projections, but those that stand still, hold seq.
func (w *waiter) holds(seq uint64, names []string) (bool, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range names {
		if w.at[n] < seq && w.stopped[n] == "" {
			return false, w.moved
		}
	}
	return true, w.moved
}

// least is the lowest sequence of the projections that do not stand still. It is a
// lower bound at any time; without fresh news of all it may be far below, and is not ok.
func (w *waiter) least(names []string) (seq uint64, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seq, ok = ^uint64(0), w.sub != nil && time.Since(w.heard) < fresh
	for _, n := range names {
		at, known := w.at[n]
		ok = ok && known
		if w.stopped[n] == "" {
			seq = min(seq, at)
		}
	}
	if seq == ^uint64(0) { // all have stopped
		return 0, ok
	}
	return seq, ok
}

// wait returns when the projections named hold seq.
func (w *waiter) wait(ctx context.Context, seq uint64, names []string) error {
	tick := time.NewTicker(w.poll)
	defer tick.Stop()
	for first := true; ; first = false {
		ok, moved := w.holds(seq, names)
		if ok {
			return nil
		}
		if !first {
			select {
			case <-moved:
				continue
			case <-tick.C:
			case <-ctx.Done():
				return fault.Wrap(fault.Timeout, ctx.Err(), "the read model does not hold the event yet")
			}
		}
		if err := w.ask(ctx); err != nil {
			return err
		}
	}
}

// insist returns when a projection holds seq, and fault.Unavailable when it stands still
// before it: for who writes down for ever what it reads.
func (w *waiter) insist(ctx context.Context, seq uint64, name string) error {
	if w.has(seq, name) {
		return nil
	}
	if err := w.ask(ctx); err != nil { // what was last heard of a stop may be over
		return err
	}
	if err := w.wait(ctx, seq, []string{name}); err != nil {
		return err
	}
	if !w.has(seq, name) {
		return fault.New(fault.Unavailable, "the projection %s has stopped before event %d", name, seq)
	}
	return nil
}

func (w *waiter) has(seq uint64, name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[name] >= seq
}

// ask reads the tables: the truth behind the announcements.
func (w *waiter) ask(ctx context.Context) error {
	list, err := projectionRows(ctx, w.db)
	if err != nil {
		return err
	}
	states := map[string]projections.State{}
	for _, p := range list {
		states[p.Name] = projections.State{Seq: p.Seq, Stopped: p.Error}
	}
	w.learn(states)
	return nil
}

// WaitFor returns when every projection over EVENTS holds the event minSeq; those
// that have stopped are not waited for. fault.Timeout when ctx ends first, and
// fault.Unavailable when the database is away.
func (q *Queries) WaitFor(ctx context.Context, minSeq uint64) error {
	if minSeq == 0 {
		return nil
	}
	return q.wait.wait(ctx, minSeq, projections.EventNames())
}

// abreast is fault.Unavailable while a projection over EVENTS stands behind the others:
// it has stopped, or is on its way to them again. They go in lock-step, and store their
// positions together, so that none is behind otherwise. When all have stopped, the log
// is damaged, and all of them are behind it. The tables are asked every time, because a
// service that was just started announces nothing of an earlier stop.
func (q *Queries) abreast(ctx context.Context, name string) error {
	list, err := projectionRows(ctx, q.db)
	if err != nil {
		return err
	}
	var at, head uint64
	all, stopped := 0, 0
	for _, p := range list {
		if p.Name == projections.Deliveries {
			continue
		}
		all, head = all+1, max(head, p.Seq)
		if p.Error != "" {
			stopped++
		}
		if p.Name == name {
			at = p.Seq
		}
	}
	if at < head || all > 0 && stopped == all {
		return fault.New(fault.Unavailable, "the projection %s stands at event %d, behind the log", name, at)
	}
	return nil
}

// Position is the sequence of EVENTS that every projection holds, but those that have
// stopped: what a read that follows is sure to reflect. It is 0 while nothing was read.
func (q *Queries) Position(ctx context.Context) (uint64, error) {
	if seq, ok := q.wait.least(projections.EventNames()); ok {
		return seq, nil
	}
	if err := q.wait.ask(ctx); err != nil {
		return 0, err
	}
	seq, _ := q.wait.least(projections.EventNames())
	return seq, nil
}

// Projection is how far one projection is.
type Projection struct {
	Name  string    `ch:"projection" json:"name"`
	Seq   uint64    `ch:"seq" json:"seq"`
	At    time.Time `ch:"at" json:"at"`
	Error string    `ch:"error" json:"error,omitempty"` // why it stands still
}

// Projections lists all projections, those that have not begun with sequence 0. How
// far they lag is their stream's last sequence minus theirs.
func (q *Queries) Projections(ctx context.Context) ([]Projection, error) {
	list, err := projectionRows(ctx, q.db)
	if err != nil {
		return nil, err
	}
	by := map[string]Projection{}
	for _, p := range list {
		by[p.Name] = p
	}
	out := []Projection{}
	for _, name := range append(projections.EventNames(), projections.Deliveries) {
		p := by[name]
		p.Name = name
		out = append(out, p)
	}
	return out, nil
}

func projectionRows(ctx context.Context, db *clickhouse.DB) ([]Projection, error) {
	var out []Projection
	err := db.Select(ctx, &out, `SELECT projection, max(s) AS seq, max(t) AS at, max(e) AS error FROM (
  SELECT projection, seq AS s, at AS t, '' AS e FROM positions FINAL
  UNION ALL SELECT projection, toUInt64(0) AS s, at AS t, error AS e FROM faults FINAL WHERE cleared = 0
) GROUP BY projection`)
	return out, err
}
