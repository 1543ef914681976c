package events_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"muster/events"
	"muster/events/natstest"
)

// TestStoreAgainstAMap runs random appends, with right and wrong expectations, over
// a few subjects, and compares every answer and every load with a map.
func TestStoreAgainstAMap(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	var run atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		biz := fmt.Sprintf("biz%d", run.Add(1)) // a fresh world in the same server
		type state struct {
			ids []string
			at  []events.Version
		}
		model := map[events.Subject]*state{}
		subject := rapid.Custom(func(t *rapid.T) events.Subject {
			return events.EventSubject(biz, "group", fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "id")))
		})
		known := func(s events.Subject) *state {
			if model[s] == nil {
				model[s] = &state{}
			}
			return model[s]
		}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			var appends []events.Append
			var stale *events.Subject
			for _, sub := range rapid.SliceOfNDistinct(subject, 1, 2, rapid.ID).Draw(t, "subjects") {
				have := known(sub).at
				a := events.Append{Subject: sub}
				back := min(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "stale by"), len(have))
				if keep := len(have) - back; keep > 0 {
					a.Expected = have[keep-1]
				}
				if back > 0 && stale == nil {
					stale = &a.Subject
				}
				for i := range rapid.SampledFrom([]int{1, 1, 3}).Draw(t, "events") {
					a.Events = append(a.Events, note(fmt.Sprint(i)))
				}
				appends = append(appends, a)
			}
			versions, err := n.Store.Append(ctx, appends)
			if stale != nil {
				var conflict *events.ConflictError
				if !errors.As(err, &conflict) || conflict.Subject != *stale {
					t.Fatalf("want a conflict on %s, got %v", stale, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range appends {
				for _, e := range a.Events {
					known(a.Subject).ids = append(known(a.Subject).ids, e.ID)
					known(a.Subject).at = append(known(a.Subject).at, e.At())
				}
				if versions[i] != a.Events[len(a.Events)-1].At() {
					t.Fatal("wrong version")
				}
			}
		}
		for sub, want := range model {
			es, v, err := n.Store.Load(ctx, sub, 0)
			if err != nil || len(es) != len(want.ids) {
				t.Fatalf("%d events, want %d: %v", len(es), len(want.ids), err)
			}
			for i, e := range es {
				if e.ID != want.ids[i] || e.At() != want.at[i] {
					t.Fatalf("event %d of %s differs", i, sub)
				}
			}
			if len(es) > 0 && v != want.at[len(es)-1] {
				t.Fatal("wrong version")
			}
		}
	})
}
