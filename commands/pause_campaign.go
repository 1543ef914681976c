package commands

import (
	"context"

	"muster/events"
)

func (w *work) pauseCampaign(ctx context.Context, ref *CampaignRef) ([]any, error) {
	c, err := w.campaign(ctx, ref.Campaign)
	if err != nil {
		return nil, err
	}
	return decidePauseCampaign(c)
}

func decidePauseCampaign(c *campaign) ([]any, error) {
	switch c.status {
	case campaignLaunched:
		return []any{events.CampaignPaused{}}, nil
	case campaignPaused:
		return noop("the campaign is paused already"), nil
	}
	return nil, c.wrongState("paused")
}
