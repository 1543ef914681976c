package projections_test

import (
	"slices"
	"testing"

	"muster/events"
	"muster/projections"
	"muster/projections/queries"
	"muster/projections/verify"
)

// A sender that was thought dead may say after the campaign's end how it went: the ledger takes it, and the report
// follows the ledger. What the end itself says are the books of its moment.
func TestTheReportFollowsTheLedgerAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := projections.NewBench(t)
	b.Group(9)
	b.Members(9, 1, 2, 3, 70_000, 70_001)
	launched(t, b, []uint64{1, 2, 3}, []uint64{70_000, 70_001})
	tell := func(rng string, results ...events.Outcome) {
		b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", rng), Events: []events.Event{
			b.Event(events.LedgerOutcomes{Sender: "s", Results: results})}})
	}
	claim := func(rng string, users ...uint64) {
		b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", rng), Events: []events.Event{
			b.Event(events.LedgerClaimed{Sender: "s", Count: uint64(len(users)), Users: bitmap(t, users...)})}})
	}
	q, err := queries.New(queries.Options{DB: b.DB()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	check := func(when, status string, want events.Books, codes map[string]uint64, unknown ...uint64) {
		t.Helper()
		b.Run()
		r, err := q.Report(t.Context(), "demo", 31)
		if err != nil {
			t.Fatal(err)
		}
		if r.Campaign.Status != status || r.Books != want || len(r.ByCode) != len(codes) {
			t.Errorf("%s: %s %+v %v, want %s %+v %v", when, r.Campaign.Status, r.Books, r.ByCode, status, want, codes)
		}
		for c, n := range codes {
			if r.ByCode[c] != n {
				t.Errorf("%s: code %q has %d users, want %d", when, c, r.ByCode[c], n)
			}
		}
		if got := listed(t, q, "unknown"); !slices.Equal(got, unknown) {
			t.Errorf("%s: unknown are %v, want %v", when, got, unknown)
		}
		if got := listed(t, q, "sent"); uint64(len(got)) != want.Sent {
			t.Errorf("%s: %v are listed as sent, want %d users", when, got, want.Sent)
		}
		found, err := verify.Run(t.Context(), verify.Options{DB: b.DB(), JS: b.NATS().JS})
		if err != nil {
			t.Fatal(err)
		}
		if !found.OK() {
			t.Errorf("%s: verify finds %+v", when, found.Findings)
		}
	}

	claim("1", 1, 2, 3)
	tell("1", events.Outcome{Status: events.Sent, Count: 1, Users: bitmap(t, 1)}, events.Outcome{Status: events.Failed, Code: "43101", Count: 1, Users: bitmap(t, 2)},
		events.Outcome{Status: events.Unknown, Code: "timeout", Count: 1, Users: bitmap(t, 3)})
	claim("2", 70_000, 70_001)
	tell("2", events.Outcome{Status: events.Unknown, Code: "crashed", Count: 2, Users: bitmap(t, 70_000, 70_001)})
	closing := events.Books{Audience: 5, Sent: 1, Failed: 1, Unknown: 3}
	check("before the end", "sending", closing, map[string]uint64{"43101": 1, "timeout": 1, "crashed": 2}, 3, 70_000, 70_001)
	b.Emit("campaign", "31", "c6", events.CampaignCompleted{Books: closing})
	check("at the end", "completed", closing, map[string]uint64{"43101": 1, "timeout": 1, "crashed": 2}, 3, 70_000, 70_001)

	tell("2", events.Outcome{Status: events.Sent, Count: 1, Users: bitmap(t, 70_000)})
	check("one corrected", "completed", events.Books{Audience: 5, Sent: 2, Failed: 1, Unknown: 2}, map[string]uint64{"43101": 1, "timeout": 1, "crashed": 1}, 3, 70_001)
	tell("2", events.Outcome{Status: events.Failed, Code: "40003", Count: 1, Users: bitmap(t, 70_001)})
	tell("1", events.Outcome{Status: events.Sent, Count: 1, Users: bitmap(t, 3)})
	check("all corrected", "completed", events.Books{Audience: 5, Sent: 3, Failed: 2}, map[string]uint64{"43101": 1, "40003": 1})

	b.Rebuild()
	check("rebuilt", "completed", events.Books{Audience: 5, Sent: 3, Failed: 2}, map[string]uint64{"43101": 1, "40003": 1})
	if w, err := q.Why(t.Context(), "demo", 31, 70_000); err != nil || w.Status != "sent" || w.Code != "" {
		t.Errorf("why 70000: %+v %v", w, err)
	}
}

// launched writes campaign 31 over group 9, with an audience of these ranges.
func launched(t *testing.T, b projections.Bench, ranges ...[]uint64) {
	t.Helper()
	tpl := events.Template{ID: "ready", Channel: "wechat", Data: map[string]string{"thing1": "x"}}
	b.Emit("template", "ready", "c2", events.TemplateDefined{Template: tpl})
	b.Emit("campaign", "31", "c3", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: []byte(`{"group":9}`)})
	b.Emit("campaign", "31", "c4", events.CampaignLaunched{ID: 31, Template: tpl, Where: []byte(`{"group":9}`), Timezone: "Asia/Shanghai", RangeSize: 3})
	launch, users := b.Last(), uint64(0)
	audience := []events.Event{b.Event(events.AudienceStarted{Campaign: 31, Position: launch, RangeSize: 3})}
	for i, r := range ranges {
		users += uint64(len(r))
		audience = append(audience, events.Event{Type: events.TypeAudienceRange, Version: 1, Encoding: events.EncodingRoaring64,
			Part: uint64(i + 1), Count: uint64(len(r)), Data: bitmap(t, r...)})
	}
	b.Append(events.Append{Subject: events.EventSubject("demo", "audience", "31"), Events: audience})
	b.Emit("campaign", "31", "c5", events.CampaignAudienceFrozen{Position: launch, Audience: users, Ranges: uint64(len(ranges))})
}

func listed(t *testing.T, q *queries.Queries, status string) []uint64 {
	t.Helper()
	list, err := q.Recipients(t.Context(), queries.RecipientList{Biz: "demo", Campaign: 31, Status: status})
	if err != nil {
		t.Fatal(err)
	}
	var ids []uint64
	for _, r := range list {
		if r.Status != status {
			t.Errorf("%d is listed as %s and is %s", r.UserID, status, r.Status)
		}
		ids = append(ids, r.UserID)
	}
	return ids
}
