package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) completeCampaign(ctx context.Context, r *RecordCompletion) ([]any, error) {
	c, err := w.campaign(ctx, r.Campaign)
	if err != nil {
		return nil, err
	}
	return decideCompleteCampaign(c, r)
}

// decideCompleteCampaign closes the books, which must balance.
func decideCompleteCampaign(c *campaign, r *RecordCompletion) ([]any, error) {
	b := r.Books
	switch {
	case c.closed:
		return noop("the books are closed already"), nil
	case c.frozen == nil:
		return nil, c.wrongState("completed before its audience is frozen")
	case b.Pending != 0:
		return nil, fault.Field("books.pending", "%d users are pending", b.Pending)
	case b.Audience != c.frozen.Audience:
		return nil, fault.Field("books.audience", "the frozen audience has %d users", c.frozen.Audience)
	case b.Sent > b.Audience || b.Failed > b.Audience || b.Skipped > b.Audience || b.Unknown > b.Audience,
		b.Sent+b.Failed+b.Skipped+b.Unknown != b.Audience:
		return nil, fault.Field("books", "sent, failed, skipped and unknown do not add up to the audience")
	}
	return []any{events.CampaignCompleted{Books: b}}, nil
}
