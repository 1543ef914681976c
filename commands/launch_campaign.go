package commands

import (
	"context"

	"muster/events"
	"muster/segments"
)

func (w *work) launchCampaign(ctx context.Context, ref *CampaignRef) ([]any, error) {
	c, err := w.campaign(ctx, ref.Campaign)
	if err != nil {
		return nil, err
	}
	if c.status != campaignCreated { // decided without looking further
		return decideLaunchCampaign(c, nil, "", 0)
	}
	b, err := w.requireBiz(ctx)
	if err != nil {
		return nil, err
	}
	t, err := w.template(ctx, c.template)
	if err != nil {
		return nil, err
	}
	where, err := segments.ParseWhere(c.where)
	if err != nil {
		return nil, err
	}
	if err := w.checkGroups(ctx, where); err != nil {
		return nil, err
	}
	s, err := w.settings(ctx)
	if err != nil {
		return nil, err
	}
	return decideLaunchCampaign(c, t, b.timezone, s.ChunkSize)
}

// decideLaunchCampaign: a double click launches once.
func decideLaunchCampaign(c *campaign, t *template, timezone string, rangeSize int) ([]any, error) {
	switch c.status {
	case campaignCreated:
		return []any{events.CampaignLaunched{
			ID: c.id, Template: t.Template, Where: c.where, Variables: c.variables, Timezone: timezone, RangeSize: rangeSize,
		}}, nil
	case campaignLaunched, campaignPaused, campaignCompleted:
		return noop("the campaign is launched already"), nil
	}
	return nil, c.wrongState("launched")
}
