package sends

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/channels"
	"muster/events"
	"muster/sends/ledger"
)

// compile finds a campaign's channel and compiles its template. The error is a *noChannelError when the channel is
// missing here, and else the template's fault.
func (s *Service) compile(c campaign) (channels.Channel, *channels.Layout, error) {
	t := c.launched.Template
	ch := s.channels[t.Channel]
	if ch == nil {
		return nil, nil, &noChannelError{t.Channel}
	}
	layout, err := ch.Compile(channels.Template{
		ProviderID: t.ProviderTemplateID, Page: t.Page, URL: t.URL, Data: t.Data,
	}, c.launched.Variables)
	return ch, layout, err
}

// loadRange folds one range's ledger.
func loadRange(ctx context.Context, log Log, subject events.Subject, users *roaring64.Bitmap) (*ledger.Range, error) {
	r := ledger.New(users)
	_, err := log.Each(ctx, subject, 0, r.Apply)
	return r, err
}

// settle appends a tally to a range's ledger and folds it; nothing when it changes nothing.
func (s *Service) settle(ctx context.Context, c campaign, rng uint64, r *ledger.Range, t *ledger.Tally) error {
	e, err := r.Outcomes(s.opt.Name, t)
	if err != nil || e == nil {
		return err
	}
	return s.append(ctx, c, rng, r, *e)
}

// count adds what a range's books gained to the metric of outcomes.
func (s *Service) count(before, after events.Books) {
	if s.outcomes == nil {
		return
	}
	for _, o := range []struct {
		status        events.OutcomeStatus
		before, after uint64
	}{
		{events.Sent, before.Sent, after.Sent}, {events.Failed, before.Failed, after.Failed},
		{events.Skipped, before.Skipped, after.Skipped}, {events.Unknown, before.Unknown, after.Unknown},
	} {
		if o.after > o.before {
			s.outcomes.WithLabelValues(string(o.status)).Add(float64(o.after - o.before))
		}
	}
}

// append appends events to a range's ledger, all or none, and folds them.
func (s *Service) append(ctx context.Context, c campaign, rng uint64, r *ledger.Range, list ...events.Event) error {
	if len(list) == 0 {
		return nil
	}
	for i := range list {
		list[i].Actor, list[i].Correlation = "sends", c.correlation
	}
	if _, err := s.opt.Log.Append(ctx, []events.Append{{Subject: c.key.ledger(rng), Expected: r.Version(), Events: list}}); err != nil {
		return err
	}
	before := r.Books()
	for _, e := range list {
		if err := r.Apply(e); err != nil {
			return err
		}
	}
	s.count(before, r.Books())
	return nil
}
