package projections_test

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/rows"
	"muster/projections"
	"muster/projections/verify"
)

// mover writes into every table that verify compares, one small step after the other.
type mover struct {
	projections.Bench
	t    *testing.T
	step uint64
}

const moved = 100_000 // users of the running campaign

func (m *mover) begin() {
	m.Group(9)
	m.Emit("campaign", "31", "c3", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: []byte(`{"group":9}`)})
	users := make([]uint64, moved)
	for i := range users {
		users[i] = uint64(i)
	}
	m.Append(events.Append{Subject: events.EventSubject("demo", "audience", "31"), Events: []events.Event{
		m.Event(events.AudienceStarted{Campaign: 31, Position: m.Last(), RangeSize: moved}),
		{Type: events.TypeAudienceRange, Version: 1, Encoding: events.EncodingRoaring64, Part: 1, Count: moved, Data: bitmap(m.t, users...)}}})
	m.Emit("campaign", "31", "c5", events.CampaignAudienceFrozen{Position: m.Last(), Audience: moved, Ranges: 1})
}

// move tags users, two of them always the same ones, adds a member to a group, and sends a message.
func (m *mover) move() {
	n := m.step
	m.step++
	m.Users(rows.User{UserID: 1, Tags: []uint32{uint32(1 + n%2)}, HasTags: true}, rows.User{UserID: 70_000 + n, Tags: []uint32{1, 2}, HasTags: true},
		rows.User{UserID: 2, Tags: []uint32{uint32(1 + n%3)}, HasTags: true})
	m.Members(9, n)
	for _, e := range []any{events.LedgerClaimed{Sender: "s", Count: 1, Users: bitmap(m.t, n)},
		events.LedgerOutcomes{Sender: "s", Results: []events.Outcome{{Status: events.Sent, Count: 1, Users: bitmap(m.t, n)}}}} {
		m.Append(events.Append{Subject: events.LedgerSubject("demo", "31", "1"), Events: []events.Event{m.Event(e)}})
	}
}

// during writes for as long as fn takes.
func (m *mover) during(fn func() error) {
	m.t.Helper()
	done := make(chan error, 1)
	go func() { done <- fn() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				m.t.Error(err)
			}
			return
		default:
			m.move()
		}
	}
}

func TestVerifyWhileEverythingMoves(t *testing.T) {
	t.Parallel()
	m := &mover{Bench: projections.NewBench(t), t: t}
	m.begin()
	m.Live(t)
	js, err := jetstream.New(m.NATS().Connect())
	if err != nil {
		t.Fatal(err)
	}
	look := func() (*verify.Report, error) {
		return verify.Run(t.Context(), verify.Options{DB: m.DB(), JS: js})
	}
	m.during(func() error {
		for n := range 6 {
			r, err := look()
			if err != nil {
				return err
			}
			if !r.OK() {
				return fmt.Errorf("look %d, with nothing wrong: %+v", n, r.Findings)
			}
		}
		return nil
	})
	if m.step < 20 {
		t.Fatalf("%d steps: the test shows nothing", m.step)
	}
	// What is wrong is seen all the same.
	for _, sql := range []string{
		"INSERT INTO sets (biz, kind, set_id, shard, seq, bytes) VALUES ('demo', 'tag', 11, 7, 900000, unhex('00010700000000000000'))",
		"INSERT INTO group_versions (biz, group_id, version, seq, count) VALUES ('demo', 77, 2, 900001, 5)",
		"INSERT INTO deliveries (biz, campaign_id, range, seq, part, status, bytes) VALUES ('demo', 31, 1, 1, 0, 'failed', unhex('00010700000000000000'))",
	} {
		if err := m.DB().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	m.during(func() error {
		r, err := look()
		if err != nil {
			return err
		}
		found := map[string]int{}
		for _, f := range r.Findings {
			found[f.Check]++
		}
		if found["tags"] != 1 || found["sets"] != 1 || found["groups"] != 1 || found["books"] == 0 || len(found) != 4 {
			return fmt.Errorf("found %+v", r.Findings)
		}
		return nil
	})
}
