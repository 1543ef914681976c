package commands

import (
	"context"

	"muster/events"
)

func (w *work) resumeCampaign(ctx context.Context, ref *CampaignRef) ([]any, error) {
	c, err := w.campaign(ctx, ref.Campaign)
	if err != nil {
		return nil, err
	}
	return decideResumeCampaign(c)
}

func decideResumeCampaign(c *campaign) ([]any, error) {
	switch c.status {
	case campaignPaused:
		return []any{events.CampaignResumed{}}, nil
	case campaignLaunched:
		return noop("the campaign is running already"), nil
	}
	return nil, c.wrongState("resumed")
}
