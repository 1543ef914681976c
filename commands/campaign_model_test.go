package commands

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"muster/events"
)

func TestCampaignModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt, campaignSubject("demo", 50))
		m.given(aggTemplate, "ready", events.TemplateDefined{Template: wechat(map[string]string{"thing1": "x"})})
		m.given(aggCampaign, "50", events.CampaignCreated{ID: 50, Name: "c", Template: "ready", Where: json.RawMessage(`{"tag":1}`)})
		status, isFrozen, closed := "created", false, false
		var launch uint64
		in := func(states ...string) bool {
			for _, s := range states {
				if s == status {
					return true
				}
			}
			return false
		}
		expect := func(typ string, payload any, ok, noop bool) bool {
			want := "refused"
			if ok {
				want = "ok"
			} else if noop {
				want = "noop"
			}
			m.says(m.command(typ, payload), want)
			return ok
		}
		ref := CampaignRef{50}
		rt.Repeat(map[string]func(*rapid.T){
			"launch": func(*rapid.T) {
				if expect(LaunchCampaignType, ref, in("created"), in("launched", "paused", "completed")) {
					status = "launched"
					last, _ := m.store.Last(m.ctx, m.subj)
					launch = last.Seq
				}
			},
			"pause": func(*rapid.T) {
				if expect(PauseCampaignType, ref, in("launched"), in("paused")) {
					status = "paused"
				}
			},
			"resume": func(*rapid.T) {
				if expect(ResumeCampaignType, ref, in("paused"), in("launched")) {
					status = "launched"
				}
			},
			"cancel": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "rarely") > 0 {
					return
				}
				if expect(CancelCampaignType, ref, in("created", "launched", "paused"), in("cancelled")) {
					status = "cancelled"
				}
			},
			"freeze": func(*rapid.T) {
				if _, err := m.store.Last(m.ctx, events.EventSubject("demo", aggAudience, "50")); err != nil {
					m.given(aggAudience, "50", events.AudienceStarted{Campaign: 50}, chunk(events.TypeAudienceRange, 1, 3))
				}
				f := RecordFreeze{Campaign: 50, Position: launch, Audience: 3, Ranges: 1, Hash: m.hash(aggAudience, "50")}
				if expect(RecordFreezeType, f, !isFrozen && in("launched", "paused"), isFrozen || in("cancelled")) {
					isFrozen = true
				}
			},
			"fail": func(*rapid.T) {
				if expect(FailCampaignType, FailCampaign{50, "no group"}, !isFrozen && in("launched", "paused"), in("failed")) {
					status = "failed"
				}
			},
			"complete": func(*rapid.T) {
				if expect(CompleteCampaignType, RecordCompletion{50, events.Books{Audience: 3, Sent: 3}}, isFrozen && !closed, closed) {
					closed = true
					if status != "cancelled" {
						status = "completed"
					}
				}
			},
			"again": func(*rapid.T) { m.again() },
			"": func(rt *rapid.T) {
				n := map[events.Type]int{}
				for _, e := range m.log(m.subj) {
					n[e.Type]++
				}
				for _, typ := range []events.Type{events.TypeCampaignLaunched, events.TypeCampaignAudienceFrozen, events.TypeCampaignCancelled, events.TypeCampaignFailed, events.TypeCampaignCompleted} {
					if n[typ] > 1 {
						rt.Fatalf("%s happened %d times", typ, n[typ])
					}
				}
			},
		})
	})
}
