package events_test

import (
	"errors"
	"testing"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

// A server whose disk is full, or that dies, in the middle of a batch may keep its
// beginning alone. That is neither stored nor anybody else's doing: who asked must look again.
func TestABatchThatWasCutIsNeitherStoredNorAConflict(t *testing.T) {
	t.Parallel()
	a, b := events.EventSubject("demo", "upload", "u"), events.EventSubject("demo", "group", "9")
	named := func(id string) events.Event {
		e := note(id)
		e.ID = id
		return e
	}
	for name, c := range map[string]struct {
		meanwhile []events.Subject // where another writer was since
		appends   func() []events.Append
	}{
		"between two subjects": {nil, func() []events.Append {
			return []events.Append{{Subject: a, Events: []events.Event{named("1")}}, {Subject: b, Events: []events.Event{named("2")}}}
		}},
		"within one": {nil, func() []events.Append {
			return []events.Append{{Subject: a, Events: []events.Event{named("1"), named("2"), named("3")}}}
		}},
		"and then another writer elsewhere": {[]events.Subject{events.EventSubject("demo", "tag", "1")}, func() []events.Append {
			return []events.Append{{Subject: a, Events: []events.Event{named("1"), named("2")}}}
		}},
		"and then another writer of the second subject": {[]events.Subject{b}, func() []events.Append {
			return []events.Append{{Subject: a, Events: []events.Event{named("1")}}, {Subject: b, Events: []events.Event{named("2")}}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, ctx := natstest.New(t), within(t)
			if _, err := add(ctx, n.Store, a, events.Version{}, named("1")); err != nil {
				t.Fatal(err)
			}
			for _, s := range c.meanwhile {
				if _, err := add(ctx, n.Store, s, events.Version{}, note("other")); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // however often it is asked
				v, err := n.Store.Append(ctx, c.appends())
				var conflict *events.ConflictError
				if !fault.Is(err, fault.Unavailable) || errors.As(err, &conflict) || v != nil {
					t.Fatalf("got %v, %v; want it to be tried again later", v, err)
				}
			}
			if es, _, err := n.Store.Load(ctx, a, 0); err != nil || len(es) != 1 {
				t.Fatalf("%d events, want the one that was there: %v", len(es), err)
			}
			if es, _, err := n.Store.Load(ctx, b, 0); err != nil || len(es) != 0 && len(c.meanwhile) == 0 {
				t.Fatalf("%d events of the batch's rest: %v", len(es), err)
			}
		})
	}
}
