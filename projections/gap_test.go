package projections_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/projections"
	"muster/projections/queries"
	"muster/projections/verify"
)

// unlocked makes a log's stream anew without what forbids to delete, as a server would have it whose files were
// damaged, or an operator's with more rights than we give.
func unlocked(t *testing.T, js jetstream.JetStream, name string) jetstream.Stream {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	if err := js.DeleteStream(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	cfg.DenyDelete, cfg.DenyPurge = false, false
	if s, err = js.CreateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// A hole in a log stops the projections that read it right before it, for all to see. Neither a restart, nor more
// events, nor a rebuild gets them over it.
func TestAHoleInTheLogStopsAndShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		stream string
		hole   uint64
		read   bool // what is before the hole was read by an earlier run: reading goes on right at the hole
	}{
		{"in the middle", events.StreamEvents, 6, false},
		{"at the start", events.StreamEvents, 1, false},
		{"where reading goes on", events.StreamEvents, 9, true},
		{"in the ledger", events.StreamLedger, 2, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := projections.NewBench(t)
			stream := unlocked(t, b.NATS().JS, c.stream)
			b.Group(9)
			b.Members(9, 1, 2, 3)
			launched(t, b, []uint64{1, 2, 3})
			for user := range uint64(3) {
				b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", "1"), Events: []events.Event{b.Event(events.LedgerOutcomes{
					Sender: "s", Results: []events.Outcome{{Status: events.Skipped, Code: "no_openid", Count: 1, Users: bitmap(t, user+1)}}})}})
			}
			if c.read {
				b.RunTo(c.hole - 1)
			}
			if err := stream.DeleteMsg(t.Context(), c.hole); err != nil {
				t.Fatal(err)
			}
			h := hole{b: b, stream: c.stream, at: c.hole, names: projections.EventNames()}
			if c.stream == events.StreamLedger {
				h.names = []string{projections.Deliveries}
			}
			h.during(t, "at first", nil)
			h.during(t, "after a restart", nil)
			h.during(t, "after more events", func(*projections.Service) { b.Group(10) })
			h.during(t, "after a rebuild", func(s *projections.Service) {
				if _, err := s.Rebuild(t.Context()); err != nil {
					t.Log(err)
				}
			})
			found, err := verify.Run(t.Context(), verify.Options{DB: b.DB(), JS: b.NATS().JS})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(found.Findings, func(f verify.Finding) bool { return f.Check == "log" }) {
				t.Errorf("verify does not see the hole: %+v", found.Findings)
			}
		})
	}
}

// hole is a sequence that a log has lost, with those who must not get past it.
type hole struct {
	b      projections.Bench
	stream string
	at     uint64
	names  []string
}

// during runs the projections, does something, and looks where they stand.
func (h hole) during(t *testing.T, when string, do func(*projections.Service)) {
	t.Helper()
	s, stop := h.b.Service()
	defer stop()
	q, err := queries.New(queries.Options{DB: h.b.DB(), NATS: h.b.NATS().Connect()})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	h.halted(t, s, q, when)
	if do == nil {
		return
	}
	do(s)
	h.halted(t, s, q, when)
}

// halted waits until the projections stand still, and checks where.
func (h hole) halted(t *testing.T, s *projections.Service, q *queries.Queries, when string) {
	t.Helper()
	h.b.Until(when+" they stop", func() bool {
		st := s.State()
		return !slices.ContainsFunc(h.names, func(name string) bool { return st[name].Stopped == "" })
	})
	list, err := q.Projections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if !slices.Contains(h.names, p.Name) {
			if p.Error != "" {
				t.Errorf("%s: %s reads another log and has stopped: %s", when, p.Name, p.Error)
			}
			continue
		}
		if p.Seq != h.at-1 || !strings.Contains(p.Error, "missing") {
			t.Errorf("%s: %s stands at %d and says %q; the hole is at %d", when, p.Name, p.Seq, p.Error, h.at)
		}
	}
}
