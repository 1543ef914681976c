package commands

import (
	"context"
	"strconv"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) recordFreeze(ctx context.Context, f *RecordFreeze) ([]any, error) {
	c, err := w.campaign(ctx, f.Campaign)
	if err != nil {
		return nil, err
	}
	last, err := w.s.opt.Store.Last(ctx, events.EventSubject(w.cmd.Biz, aggAudience, strconv.FormatUint(f.Campaign, 10)))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, notARefusal(err)
	}
	return decideRecordFreeze(c, f, &last)
}

// decideRecordFreeze: last is the newest event of the audience, empty when there is none.
func decideRecordFreeze(c *campaign, f *RecordFreeze, last *events.Event) ([]any, error) {
	e := events.CampaignAudienceFrozen{Position: f.Position, Audience: f.Audience, Ranges: f.Ranges, Hash: f.Hash}
	switch {
	case c.frozen != nil && *c.frozen == e:
		return noop("the audience is frozen already"), nil
	case c.frozen != nil:
		return nil, &fault.Error{Code: fault.Conflict, Field: "campaign", Msg: "the audience is frozen already, and is another one"}
	case c.status == campaignCancelled:
		return noop("the campaign was cancelled before its audience was frozen"), nil
	case c.status != campaignLaunched && c.status != campaignPaused:
		return nil, c.wrongState("frozen")
	case f.Position != c.launch:
		return nil, fault.Field("position", "the audience must stand for the launch at %d", c.launch)
	case f.Hash == "" || f.Hash != last.Hash:
		return nil, &fault.Error{Code: fault.Conflict, Field: "hash", Msg: "this is not the audience in the log"}
	case (f.Audience == 0) != (f.Ranges == 0), f.Ranges > f.Audience:
		return nil, fault.Field("ranges", "%d ranges cannot hold %d users", f.Ranges, f.Audience)
	case f.Ranges > 0 && last.Part != f.Ranges:
		return nil, fault.Field("ranges", "the log holds %d ranges", last.Part)
	}
	return []any{e}, nil
}
