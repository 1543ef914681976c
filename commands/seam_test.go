package commands

import (
	"errors"
	"testing"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

// The store in memory, which most tests here use, and the real one keep the same
// promises at this seam.
func TestSeam(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]Store{"memory": newMemory(), "NATS": natstest.New(t).Store} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, store)
			a, b := events.EventSubject("demo", aggTag, "1"), events.EventSubject("demo", aggTag, "2")
			if _, err := store.Last(t.Context(), a); !fault.Is(err, fault.NotFound) {
				t.Fatalf("the last event of nothing: %v", err)
			}
			named := func() []events.Event {
				e, err := s.catalog.Encode(events.TagNamed{ID: 1, Name: "x"})
				if err != nil {
					t.Fatal(err)
				}
				return []events.Event{e}
			}
			v, err := store.Append(t.Context(), []events.Append{{Subject: a, Events: named()}})
			if err != nil || len(v) != 1 || v[0].Seq == 0 || v[0].Hash == "" {
				t.Fatalf("got %v, %v", v, err)
			}
			var conflict *events.ConflictError // all of it, or nothing
			_, err = store.Append(t.Context(), []events.Append{{Subject: b, Events: named()}, {Subject: a, Events: named()}})
			if !errors.As(err, &conflict) || conflict.Subject != a || conflict.Actual != v[0].Seq || !fault.Is(err, fault.Conflict) {
				t.Fatalf("got %v", err)
			}
			if len(s.log(b)) != 0 || len(s.log(a)) != 1 {
				t.Fatal("a part of a refused append is stored")
			}
			v2, err := store.Append(t.Context(), []events.Append{{Subject: b, Events: named()}, {Subject: a, Expected: v[0], Events: named()}})
			if err != nil || len(v2) != 2 || v2[1].Seq != v2[0].Seq+1 {
				t.Fatalf("got %v, %v", v2, err)
			}
			var seen []events.Event
			at, err := store.Each(t.Context(), a, v[0].Seq, func(e events.Event) error { seen = append(seen, e); return nil })
			if err != nil || len(seen) != 1 || at != v2[1] || seen[0].PrevHash != v[0].Hash {
				t.Fatalf("got %d events at %v, %v", len(seen), at, err)
			}
		})
	}
}

// Aggregates go from the cache that were not used for longest, and come back whole.
func TestCache(t *testing.T) {
	s := demo(t)
	s.cache = newCache(3 * 20)
	for i := range uint32(50) {
		s.do0(NameTagType, NameTag{ID: i%5 + 1, Name: "tag"})
	}
	if s.cache.order.Len() > 3 || len(s.cache.bySubject) != s.cache.order.Len() || s.cache.weight > s.cache.max {
		t.Fatalf("%d aggregates of weight %d are kept", s.cache.order.Len(), s.cache.weight)
	}
	for i := range uint32(5) {
		r := s.cache.get(events.EventSubject("demo", aggTag, "9"))
		if r.version.Seq != 0 || len(s.log(events.EventSubject("demo", aggTag, string(rune('1'+i))))) != 10 {
			t.Fatal("an aggregate lost events")
		}
	}
}
