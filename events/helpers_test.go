package events_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muster/events"
	"muster/events/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// within is a context that ends with the test, at the latest after five minutes, which only a test that hangs reaches.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// note makes a small event.
func note(text string) events.Event {
	return events.Event{Type: "test.noted", Version: 1, Data: []byte(fmt.Sprintf(`{"text":%q}`, text))}
}

// add appends to one subject.
func add(ctx context.Context, s *events.Store, sub events.Subject, v events.Version, es ...events.Event) (events.Version, error) {
	vs, err := s.Append(ctx, []events.Append{{Subject: sub, Expected: v, Events: es}})
	if err != nil {
		return events.Version{}, err
	}
	return vs[0], nil
}

// fill appends n single events over k subjects and returns the versions.
func fill(t testing.TB, n *natstest.NATS, count, subjects int) {
	t.Helper()
	ctx := within(t)
	at := make([]events.Version, subjects)
	for done := 0; done < count; {
		for s := range at {
			var es []events.Event
			for len(es) < 100 && done < count {
				es = append(es, note(fmt.Sprint(done)))
				done++
			}
			if len(es) == 0 {
				break
			}
			v, err := add(ctx, n.Store, events.EventSubject("demo", "group", fmt.Sprint(s)), at[s], es...)
			if err != nil {
				t.Fatal(err)
			}
			at[s] = v
		}
	}
}
