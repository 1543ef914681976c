package gateway

import (
	"context"
	"time"

	"muster/projections/queries"
	"muster/segments"
)

// Count counts a segment exactly.
func (r *ReadModel) Count(ctx context.Context, biz string, zone *time.Location, where segments.Node) (Counted, error) {
	c, err := r.q.SegmentCount(ctx, queries.Segment{Biz: biz, Node: where, Zone: zone})
	if err != nil {
		return Counted{}, err
	}
	return Counted{Count: ID(c.Users), TookMS: millis(c.Took), Seq: ID(c.Seq)}, nil
}

// Sample lists some users of a segment.
func (r *ReadModel) Sample(ctx context.Context, biz string, zone *time.Location, where segments.Node, limit int) ([]uint64, error) {
	return r.q.SegmentSample(ctx, queries.Segment{Biz: biz, Node: where, Zone: zone}, limit)
}

// Explain counts every clause of a segment.
func (r *ReadModel) Explain(ctx context.Context, biz string, zone *time.Location, where segments.Node) (Explanation, error) {
	e, err := r.q.SegmentExplain(ctx, queries.Segment{Biz: biz, Node: where, Zone: zone})
	if err != nil {
		return Explanation{}, err
	}
	return Explanation{
		Text: segments.Text(where), Where: rawJSON(segments.JSON(where)), Count: ID(e.Users), Known: ID(e.Known),
		SQL: e.Bound, TookMS: millis(e.Took), Seq: ID(e.Seq),
		Clauses: mapped(e.Clauses, func(c *queries.ClauseCount) Clause {
			return Clause{Text: c.Text, Depth: c.Depth, Users: ID(c.Users), Running: (*ID)(c.Running), From: timeOf(c.From), To: timeOf(c.To)}
		}),
	}, nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Campaign returns a campaign.
func (r *ReadModel) Campaign(ctx context.Context, biz string, id uint64) (Campaign, error) {
	c, err := r.q.Campaign(ctx, biz, id)
	if err != nil {
		return Campaign{}, err
	}
	return campaignOf(c), nil
}

// Campaigns lists campaigns, the newest first.
func (r *ReadModel) Campaigns(ctx context.Context, biz, status string, before uint64, limit int) ([]Campaign, error) {
	all, err := r.q.Campaigns(ctx, queries.CampaignList{Biz: biz, Status: status, Before: before, Limit: limit})
	return mapped(all, campaignOf), err
}

// Report adds up a campaign's books.
func (r *ReadModel) Report(ctx context.Context, biz string, id uint64) (Report, error) {
	p, err := r.q.Report(ctx, biz, id)
	if err != nil {
		return Report{}, err
	}
	out := Report{
		Status: p.Campaign.Status, Audience: ID(p.Books.Audience), Sent: ID(p.Books.Sent), Failed: ID(p.Books.Failed), Skipped: ID(p.Books.Skipped),
		Unknown: ID(p.Books.Unknown), Pending: ID(p.Books.Pending), ByCode: map[string]ID{},
		StartedAt: p.Campaign.StartedAt, CompletedAt: p.Campaign.CompletedAt,
	}
	for code, n := range p.ByCode {
		out.ByCode[code] = ID(n)
	}
	return out, nil
}

// Recipients lists users of a campaign's audience.
func (r *ReadModel) Recipients(ctx context.Context, biz string, id uint64, status string, from uint64, limit int) ([]Recipient, error) {
	all, err := r.q.Recipients(ctx, queries.RecipientList{Biz: biz, Campaign: id, Status: status, From: from, Limit: limit})
	return mapped(all, recipientOf), err
}

// EachRecipient calls fn with the users of a campaign's audience.
func (r *ReadModel) EachRecipient(ctx context.Context, biz string, id uint64, status string, fn func(Recipient) error) error {
	return r.q.EachRecipient(ctx, queries.RecipientList{Biz: biz, Campaign: id, Status: status}, func(x queries.Recipient) error { return fn(recipientOf(&x)) })
}

func recipientOf(x *queries.Recipient) Recipient {
	return Recipient{UserID: ID(x.UserID), Status: x.Status, Code: x.Code, Reason: x.Reason, At: x.At}
}

// Why says what a campaign did about one user.
func (r *ReadModel) Why(ctx context.Context, biz string, id, user uint64) (Why, error) {
	w, err := r.q.Why(ctx, biz, id, user)
	if err != nil {
		return Why{}, err
	}
	out := Why{
		UserID: ID(w.UserID), InAudience: w.InAudience, Frozen: w.Frozen, Status: w.Status, Code: w.Code, Reason: w.Reason, Range: ID(w.Range), At: w.At,
		Clauses: mapped(w.Clauses, func(c *queries.WhyClause) WhyClause {
			return WhyClause{Text: c.Text, Kind: c.Kind, Depth: c.Depth, Holds: c.Holds, Decides: c.Decides}
		}),
	}
	if !w.InAudience {
		out.Status = "not_in_audience"
	}
	return out, nil
}
