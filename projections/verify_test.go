package projections_test

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/rows"
	"muster/projections"
	"muster/projections/verify"
)

func bitmap(t *testing.T, ids ...uint64) []byte {
	t.Helper()
	d, err := roaring64.BitmapOf(ids...).ToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// campaign writes the whole life of a campaign over group 9: launch, audience of two
// ranges, claims, outcomes. User 1 was given back at first; user 70_000 was unknown at first and then sent.
func campaign(t *testing.T, b projections.Bench) {
	t.Helper()
	tpl := events.Template{ID: "ready", Channel: "wechat", Data: map[string]string{"thing1": "x"}}
	b.Emit("template", "ready", "c2", events.TemplateDefined{Template: tpl})
	b.Emit("campaign", "31", "c3", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: []byte(`{"group":9}`)})
	b.Emit("campaign", "31", "c4", events.CampaignLaunched{ID: 31, Template: tpl, Where: []byte(`{"group":9}`), Timezone: "Asia/Shanghai", RangeSize: 2})
	launch := b.Last()
	b.Members(9, 999) // after the launch: not in the audience
	b.Run()           // while nobody has frozen the audience yet
	b.Append(events.Append{Subject: events.EventSubject("demo", "audience", "31"), Events: []events.Event{
		b.Event(events.AudienceStarted{Campaign: 31, Position: launch, RangeSize: 2}),
		{Type: events.TypeAudienceRange, Version: 1, Encoding: events.EncodingRoaring64, Part: 1, Count: 2, Data: bitmap(t, 1, 2)},
		{Type: events.TypeAudienceRange, Version: 1, Encoding: events.EncodingRoaring64, Part: 2, Count: 2, Data: bitmap(t, 3, 70_000)}}})
	b.Emit("campaign", "31", "c5", events.CampaignAudienceFrozen{Position: launch, Audience: 4, Ranges: 2})
	for _, e := range []any{events.LedgerClaimed{Sender: "s", Count: 2, Users: bitmap(t, 1, 2)},
		events.LedgerReleased{Sender: "s", Claim: 1, Count: 1, Users: bitmap(t, 1)}, events.LedgerClaimed{Sender: "s", Count: 1, Users: bitmap(t, 1)}} {
		b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", "1"), Events: []events.Event{b.Event(e)}})
	}
	b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", "2"), Events: []events.Event{b.Event(events.LedgerClaimed{Sender: "s", Count: 1, Users: bitmap(t, 70_000)})}})
	ledger := func(rng string, out ...events.Outcome) events.Append {
		return events.Append{Subject: events.LedgerSubject("demo", "31", rng), Events: []events.Event{b.Event(events.LedgerOutcomes{Sender: "s", Results: out})}}
	}
	list := []events.Append{ledger("1", events.Outcome{Status: events.Sent, Count: 1, Users: bitmap(t, 1)}, events.Outcome{Status: events.Failed, Code: "43101", Reason: "refused", Count: 1, Users: bitmap(t, 2)}),
		ledger("2", events.Outcome{Status: events.Unknown, Code: "crashed", Count: 1, Users: bitmap(t, 70_000)})}
	for _, a := range append(list, ledger("2", events.Outcome{Status: events.Sent, Count: 1, Users: bitmap(t, 70_000)})) {
		b.Append(a)
	}
}

func TestVerifySeesWhatDoesNotAgree(t *testing.T) {
	t.Parallel()
	b := projections.NewBench(t)
	b.Users(rows.User{UserID: 1, Tags: []uint32{1, 11}, HasTags: true}, rows.User{UserID: 2, Tags: []uint32{}, HasTags: true})
	b.Group(9)
	b.Members(9, 1, 2, 3, 70_000)
	campaign(t, b)
	b.Run()

	// The freeze stands at the launch: user 999 came after it.
	var frozen []struct {
		Users uint64   `ch:"users"`
		Error string   `ch:"error"`
		IDs   []uint64 `ch:"ids"`
	}
	if err := b.DB().Select(t.Context(), &frozen, `SELECT m.users AS users, m.error AS error, arraySort(arrayFlatten(groupArray(bitmapToArray(members)))) AS ids
FROM freezes AS f FINAL INNER JOIN freeze_marks AS m USING (biz, campaign_id, seq) GROUP BY m.users, m.error`); err != nil {
		t.Fatal(err)
	}
	if want := []uint64{1, 2, 3, 70_000}; len(frozen) != 1 || frozen[0].Users != 4 || frozen[0].Error != "" || !slices.Equal(frozen[0].IDs, want) {
		t.Errorf("frozen: %+v", frozen)
	}
	look := func() []verify.Finding {
		r, err := verify.Run(t.Context(), verify.Options{DB: b.DB(), JS: b.NATS().JS})
		if err != nil {
			t.Fatal(err)
		}
		return r.Findings
	}
	if f := look(); len(f) != 0 {
		t.Errorf("a read model that was only projected: %+v", f)
	}
	for _, damage := range []struct{ check, sql, mend string }{
		{"tags", "INSERT INTO users (biz, shard, user_id, seq, tags) VALUES ('demo', 0, 2, 90001, [5])", "INSERT INTO users (biz, shard, user_id, seq, tags) VALUES ('demo', 0, 2, 90002, [])"},
		{"groups", "INSERT INTO group_versions (biz, group_id, version, seq, count) VALUES ('demo', 9, 2, 90001, 77)", "INSERT INTO group_versions (biz, group_id, version, seq, count) VALUES ('demo', 9, 2, 90002, 5)"},
		{"sets", "INSERT INTO sets_by_shard (biz, kind, set_id, shard, seq, bytes) VALUES ('demo', 'tag', 11, 7, 90001, unhex('00010700000000000000'))", "INSERT INTO sets_by_shard (biz, kind, set_id, shard, seq, bytes) VALUES ('demo', 'tag', 11, 7, 90002, '')"},
		{"projections", "INSERT INTO faults VALUES ('users', 1, 5, 'poison', 0, now())", "INSERT INTO faults VALUES ('users', 2, 5, '', 1, now())"},
		{"books", "ALTER TABLE deliveries DELETE WHERE status = 'failed' SETTINGS mutations_sync = 1", ""},
	} {
		for _, sql := range []string{damage.sql, damage.mend} {
			if sql == "" {
				continue
			}
			if err := b.DB().Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			f := look()
			if sql == damage.sql && (len(f) != 1 || f[0].Check != damage.check) {
				t.Errorf("after %s: %+v", sql, f)
			}
			if sql == damage.mend && len(f) != 0 {
				t.Errorf("after %s: %+v", sql, f)
			}
		}
	}
}

// TestVerifySeesWhoWasClaimedOrGivenBackAgainstTheRules writes past the sender: user 2 failed, user 3 was never claimed,
// user 1 is claimed already.
func TestVerifySeesWhoWasClaimedOrGivenBackAgainstTheRules(t *testing.T) {
	t.Parallel()
	b := projections.NewBench(t)
	b.Group(9)
	b.Members(9, 1, 2, 3, 70_000)
	campaign(t, b)
	for _, e := range []any{events.LedgerReleased{Sender: "s", Claim: 1, Count: 2, Users: bitmap(t, 2, 3)},
		events.LedgerClaimed{Sender: "s", Count: 2, Users: bitmap(t, 1, 2)}} {
		b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", "1"), Events: []events.Event{b.Event(e)}})
	}
	b.Run()
	r, err := verify.Run(t.Context(), verify.Options{DB: b.DB(), JS: b.NATS().JS})
	if err != nil {
		t.Fatal(err)
	}
	want := []verify.Finding{
		{Check: "books", Biz: "demo", Detail: "campaign 31: ledger event 8 gives 2 users back who were not claimed or had ended"},
		{Check: "books", Biz: "demo", Detail: "campaign 31: ledger event 9 claims 2 users who were claimed before"},
	}
	if !slices.Equal(r.Findings, want) {
		t.Fatalf("found %+v, want %+v", r.Findings, want)
	}
}
