package commands

import (
	"context"

	"muster/events"
)

func (w *work) failCampaign(ctx context.Context, f *FailCampaign) ([]any, error) {
	c, err := w.campaign(ctx, f.Campaign)
	if err != nil {
		return nil, err
	}
	return decideFailCampaign(c, f)
}

// decideFailCampaign: only a launch whose audience is not frozen can fail, since
// nobody was sent anything then.
func decideFailCampaign(c *campaign, f *FailCampaign) ([]any, error) {
	if err := checkReason(f.Reason); err != nil {
		return nil, err
	}
	switch {
	case c.status == campaignFailed:
		return noop("the campaign has failed already"), nil
	case c.frozen == nil && (c.status == campaignLaunched || c.status == campaignPaused):
		return []any{events.CampaignFailed{Reason: f.Reason}}, nil
	}
	return nil, c.wrongState("failed")
}
