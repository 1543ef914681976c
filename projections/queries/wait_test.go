package queries

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
	"muster/projections"
)

func (w *world) allAt(seq uint64) {
	w.Helper()
	for _, name := range projections.EventNames() {
		w.position(name, seq)
	}
}

func TestWaitForEveryProjection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := newQueries(t, Options{DB: w.db, Poll: time.Millisecond})
	w.must(q.WaitFor(t.Context(), 0))
	w.allAt(5)
	w.must(q.WaitFor(t.Context(), 5))
	late := func(seq uint64) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if err := q.WaitFor(ctx, seq); !fault.Is(err, fault.Timeout) {
			t.Errorf("waiting for %d: %v", seq, err)
		}
	}
	late(6)
	for _, name := range projections.EventNames()[1:] {
		w.position(name, 7)
	}
	late(6)
	if at, err := q.Position(t.Context()); err != nil || at != 5 {
		t.Errorf("position %d, %v", at, err)
	}
	w.fault(projections.EventNames()[0], 1, 0) // who has stopped is not waited for
	w.must(q.WaitFor(t.Context(), 7))
	if at, err := q.Position(t.Context()); err != nil || at != 7 {
		t.Errorf("position %d, %v", at, err)
	}
	all, err := q.Projections(t.Context())
	if err != nil || len(all) != len(projections.EventNames())+1 || all[0].Seq != 5 || all[0].Error == "" || all[1].Seq != 7 || all[1].Error != "" {
		t.Errorf("%+v, %v", all, err)
	}
	w.fault(projections.EventNames()[0], 2, 1)
	late(8)
	if all, err := q.Projections(t.Context()); err != nil || all[0].Error != "" {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestWaitWakesOnAnnouncements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := natstest.New(t)
	q := newQueries(t, Options{DB: w.db, NATS: n.Conn, Poll: time.Hour})
	w.must(n.Conn.Flush()) // the server knows of the subscription
	done := make(chan error, 1)
	go func() { done <- q.WaitFor(t.Context(), 9) }()
	other := n.Connect()
	defer other.Close()
	say := func(seq uint64) {
		p := projections.Positions{Runner: "r", Stream: events.StreamEvents, Projections: map[string]projections.State{}}
		for _, name := range projections.EventNames() {
			p.Projections[name] = projections.State{Seq: seq}
		}
		data, err := json.Marshal(p)
		w.must(err)
		w.must(other.Publish(projections.PositionSubject, data))
		w.must(other.Flush())
	}
	say(8)
	say(9)
	w.must(<-done)
	if at, err := q.Position(t.Context()); err != nil || at != 9 {
		t.Errorf("position %d, %v", at, err)
	}
}

func TestFreezesAreAwaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := newQueries(t, Options{DB: w.db, Poll: time.Millisecond})
	type answer struct {
		users   uint64
		problem string
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.users, a.problem, a.err = q.AwaitFreeze(t.Context(), "b", 4, 20)
		done <- a
	}()
	users := spread(9)
	by := map[uint64][]uint64{}
	for _, u := range users {
		by[u>>16] = append(by[u>>16], u)
	}
	var rows [][]any
	for s, list := range by {
		rows = append(rows, []any{"b", uint64(4), s, uint64(20), state(t, list...)})
	}
	w.insert("freezes", []string{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "shard", "UInt64", "seq", "UInt64", "bytes", "String"}, rows...)
	mark := []string{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "seq", "UInt64", "users", "UInt64", "error", "String"}
	w.insert("freeze_marks", mark, []any{"b", uint64(4), uint64(20), uint64(len(users)), ""}, []any{"b", uint64(5), uint64(21), uint64(0), "no"})
	w.position(projections.Freezes, 20)
	if a := <-done; a.err != nil || a.users != uint64(len(users)) || a.problem != "" {
		t.Errorf("%+v", a)
	}
	for _, first := range []uint64{0, 5, 1 << 40} {
		got, want, last := roaring64.New(), roaring64.New(), uint64(0)
		for _, u := range users {
			if u>>16 >= first {
				want.Add(u)
			}
		}
		w.must(q.FrozenUsers(t.Context(), "b", 4, first, func(s uint64, m *roaring64.Bitmap) error {
			if s < last || m.Minimum()>>16 != s {
				t.Errorf("shard %d after %d", s, last)
			}
			last = s
			got.Or(m)
			return nil
		}))
		if !got.Equals(want) {
			t.Errorf("from shard %d: %d users, want %d", first, got.GetCardinality(), want.GetCardinality())
		}
	}
	w.position(projections.Freezes, 22)
	if users, problem, err := q.AwaitFreeze(t.Context(), "b", 5, 21); err != nil || users != 0 || problem != "no" {
		t.Errorf("%d, %q, %v", users, problem, err)
	}
	if _, _, err := q.AwaitFreeze(t.Context(), "b", 6, 22); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a launch that was not evaluated: %v", err)
	}
}
