package projections

import (
	"context"
	"testing"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/clickhouse"
)

// Bench opens the harness to tests of what stands on top of projections.
type Bench struct{ b *bench }

// NewBench makes a log and a read model.
func NewBench(t testing.TB) Bench { return Bench{newBench(t)} }

// Run projects what is in both logs.
func (b Bench) Run() {
	b.b.Helper()
	s := b.b.service(b.b.db, 0)
	b.b.must(s.begin(b.b.Context()))
	for _, l := range []*loop{s.events, s.ledger} {
		info, err := b.b.n.JS.Stream(b.b.Context(), l.stream)
		b.b.must(err)
		b.b.must(l.reach(b.b.Context(), info.CachedInfo().State.LastSeq))
	}
	s.sweep(b.b.Context())
}

func (b Bench) DB() *clickhouse.DB                 { return b.b.db }
func (b Bench) NATS() *natstest.NATS               { return b.b.n }
func (b Bench) Last() uint64                       { return b.b.last }
func (b Bench) Emit(agg, id, cmd string, p ...any) { b.b.emit("demo", agg, id, cmd, p...) }
func (b Bench) Event(p any) events.Event           { return b.b.event(p) }
func (b Bench) Append(list ...events.Append)       { b.b.append(list...) }
func (b Bench) Users(list ...rows.User)            { b.b.users("demo", 100, list...) }
func (b Bench) Orders(list ...rows.Order)          { b.b.orders("demo", 100, list...) }
func (b Bench) Group(id uint64)                    { b.b.group("demo", id) }
func (b Bench) Members(group uint64, ids ...uint64) {
	b.b.members("demo", group, events.OpAdd, 100, ids...)
}
func (b Bench) Live(t testing.TB) { b.b.start(b.b.service(b.b.db, 0)) }

// Until waits for what a service announces.
func (b Bench) Until(what string, ok func() bool) {
	b.b.Helper()
	b.b.until(what, ok)
}

// Rebuild makes every table anew.
func (b Bench) Rebuild() {
	b.b.Helper()
	s := b.b.service(b.b.db, 0)
	b.b.must(s.begin(b.b.Context()))
	_, err := s.Rebuild(b.b.Context())
	b.b.must(err)
}

// RunTo projects EVENTS up to a sequence.
func (b Bench) RunTo(seq uint64) {
	b.b.Helper()
	s := b.b.service(b.b.db, 0)
	b.b.must(s.begin(b.b.Context()))
	b.b.must(s.events.reach(b.b.Context(), seq))
	b.b.must(s.stepped(b.b.Context(), s.events, nil))
	s.sweep(b.b.Context())
}

// Service runs one until stop is called.
func (b Bench) Service() (s *Service, stop func()) {
	s = b.b.service(b.b.db, 0)
	ctx, cancel := context.WithCancel(b.b.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s, func() {
		b.b.Helper()
		cancel()
		b.b.must(<-done)
	}
}
