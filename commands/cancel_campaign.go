package commands

import (
	"context"

	"muster/events"
)

func (w *work) cancelCampaign(ctx context.Context, ref *CampaignRef) ([]any, error) {
	c, err := w.campaign(ctx, ref.Campaign)
	if err != nil {
		return nil, err
	}
	return decideCancelCampaign(c)
}

func decideCancelCampaign(c *campaign) ([]any, error) {
	switch c.status {
	case campaignCreated, campaignLaunched, campaignPaused:
		return []any{events.CampaignCancelled{}}, nil
	case campaignCancelled:
		return noop("the campaign is cancelled already"), nil
	}
	return nil, c.wrongState("cancelled")
}
