package projections_test

import (
	"slices"
	"testing"

	"muster/events"
	"muster/projections"
	"muster/projections/verify"
)

// Somebody writes past the sender: messages without a claim, after a claim was given back, and to who is not in the range.
func TestVerifySeesWhoWasSentToWithoutAClaim(t *testing.T) {
	t.Parallel()
	sent := func(ids ...uint64) events.LedgerOutcomes {
		return events.LedgerOutcomes{Sender: "s", Results: []events.Outcome{{Status: events.Sent, Count: uint64(len(ids)), Users: bitmap(t, ids...)}}}
	}
	claimed := func(ids ...uint64) events.LedgerClaimed {
		return events.LedgerClaimed{Sender: "s", Count: uint64(len(ids)), Users: bitmap(t, ids...)}
	}
	for name, c := range map[string]struct {
		part string
		list []any
		want []string
	}{
		"never claimed": {"2", []any{sent(3)}, []string{"campaign 31: ledger event 8 says sent of 1 users who were not claimed"}},
		"given back": {"2", []any{claimed(3), events.LedgerReleased{Sender: "s", Claim: 8, Count: 1, Users: bitmap(t, 3)}, sent(3)},
			[]string{"campaign 31: ledger event 10 says sent of 1 users who were not claimed"}},
		"skipped needs no claim": {"2", []any{events.LedgerOutcomes{Sender: "s", Results: []events.Outcome{{Status: events.Skipped, Code: "no_openid", Count: 1, Users: bitmap(t, 3)}}}}, nil},
		"another range's":        {"1", []any{claimed(3), sent(3)}, []string{"campaign 31: the ledger names 1 users in range 1 who are not in that range of the audience"}},
		"no range":               {"7", []any{claimed(3)}, []string{"campaign 31: the ledger names a range 7 that no audience has"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := projections.NewBench(t)
			b.Group(9)
			b.Members(9, 1, 2, 3, 70_000)
			campaign(t, b)
			for _, e := range c.list {
				b.Append(events.Append{Subject: events.LedgerSubject("demo", "31", c.part), Events: []events.Event{b.Event(e)}})
			}
			b.Run()
			r, err := verify.Run(t.Context(), verify.Options{DB: b.DB(), JS: b.NATS().JS})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Detail)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
