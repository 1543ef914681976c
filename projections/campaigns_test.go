package projections

import (
	"encoding/json"
	"testing"

	"muster/events"
)

// What a campaign's status says after each of its events.
func TestStatusOfACampaign(t *testing.T) {
	t.Parallel()
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		t.Fatal(err)
	}
	p := &campaignsProjection{env: &env{catalog: catalog}}
	where := json.RawMessage(`{"group":9}`)
	launched := events.CampaignLaunched{ID: 31, Template: events.Template{ID: "ready", Channel: "wechat"}, Where: where, Timezone: "UTC", RangeSize: 2}
	for name, story := range map[string][]struct {
		event any
		want  string
	}{
		"paused before it is frozen": {{launched, "freezing"}, {events.CampaignPaused{}, "paused"}, {events.CampaignResumed{}, "freezing"},
			{events.CampaignAudienceFrozen{Position: 2, Audience: 3, Ranges: 2}, "sending"}},
		"nobody in it, paused before and resumed after": {{launched, "freezing"}, {events.CampaignPaused{}, "paused"},
			{events.CampaignAudienceFrozen{Position: 2}, "paused"}, {events.CampaignResumed{}, "sending"}, {events.CampaignCompleted{}, "completed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := &campaignRow{}
			for i, s := range story {
				e, err := catalog.Encode(s.event)
				if err != nil {
					t.Fatal(err)
				}
				e.Seq = uint64(i + 2)
				if _, err := p.fold(row, e); err != nil {
					t.Fatal(err)
				}
				if row.Status != s.want {
					t.Errorf("after %s it is %s, not %s", e.Type, row.Status, s.want)
				}
			}
		})
	}
}
