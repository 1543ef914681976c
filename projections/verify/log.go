package verify

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
)

type campaignKey struct {
	biz string
	id  uint64
}

// outcomes are the users of one campaign by what became of them.
type outcomes struct {
	by      map[events.OutcomeStatus]*roaring64.Bitmap
	claimed *roaring64.Bitmap // and not given back
}

func (v *verifier) events(ctx context.Context) (err error) {
	ranges := map[campaignKey]uint64{}
	v.report.Events, err = v.read(ctx, events.StreamEvents, func(e events.Event) error {
		if e.Type != events.TypeAudienceRange && e.Type != events.TypeCampaignAudienceFrozen {
			return nil
		}
		id, err := strconv.ParseUint(e.Subject.ID, 10, 64)
		if err != nil {
			return nil //nolint:nilerr // not a campaign's number: nothing to add up
		}
		k := campaignKey{e.Subject.Biz, id}
		if e.Type == events.TypeAudienceRange {
			ranges[k] += e.Count
			return nil
		}
		var f events.CampaignAudienceFrozen
		if err := json.Unmarshal(e.Data, &f); err != nil {
			v.find("log", e.Subject.Biz, "event %d: %v", e.Seq, err)
			return nil
		}
		v.frozen[k] = f.Audience
		if f.Audience != ranges[k] {
			v.find("books", k.biz, "campaign %d: its ranges hold %d users, the audience is %d", id, ranges[k], f.Audience)
		}
		return nil
	})
	return err
}

// outcomes adds the ledger up: who was claimed, who was given back, and how it ended for whom.
func (v *verifier) outcomes(ctx context.Context) (err error) {
	v.report.Ledger, err = v.read(ctx, events.StreamLedger, func(e events.Event) error {
		id, err := strconv.ParseUint(e.Subject.Aggregate, 10, 64)
		if err != nil {
			v.find("log", e.Subject.Biz, "ledger event %d names no campaign", e.Seq)
			return nil
		}
		if err := v.ledgerOf(campaignKey{e.Subject.Biz, id}).add(v, e); err != nil {
			v.find("log", e.Subject.Biz, "ledger event %d: %v", e.Seq, err)
		}
		return nil
	})
	for _, o := range v.ledger {
		for _, s := range definite() {
			o.by[events.Unknown].AndNot(o.by[s])
		}
	}
	return err
}

func definite() []events.OutcomeStatus {
	return []events.OutcomeStatus{events.Sent, events.Failed, events.Skipped}
}

func (v *verifier) ledgerOf(k campaignKey) *outcomes {
	o := v.ledger[k]
	if o == nil {
		o = &outcomes{by: map[events.OutcomeStatus]*roaring64.Bitmap{}, claimed: roaring64.New()}
		for _, s := range append(definite(), events.Unknown) {
			o.by[s] = roaring64.New()
		}
		v.ledger[k] = o
	}
	return o
}

func (o *outcomes) add(v *verifier, e events.Event) error {
	users := roaring64.New()
	switch e.Type {
	case events.TypeLedgerClaimed, events.TypeLedgerReleased:
		var c struct {
			Users []byte `json:"users"`
		}
		if err := json.Unmarshal(e.Data, &c); err != nil {
			return err
		}
		if err := users.UnmarshalBinary(c.Users); err != nil {
			return err
		}
		if e.Type == events.TypeLedgerReleased {
			o.release(v, e, users)
			return nil
		}
		if twice := roaring64.And(users, o.claimed).GetCardinality(); twice > 0 {
			v.find("books", e.Subject.Biz, "campaign %s: ledger event %d claims %d users who were claimed before", e.Subject.Aggregate, e.Seq, twice)
		}
		o.claimed.Or(users)
	case events.TypeLedgerOutcomes:
		var out events.LedgerOutcomes
		if err := json.Unmarshal(e.Data, &out); err != nil {
			return err
		}
		for _, r := range out.Results {
			users := roaring64.New()
			if err := users.UnmarshalBinary(r.Users); err != nil {
				return err
			}
			if to := o.by[r.Status]; to != nil {
				to.Or(users)
			}
		}
	}
	return nil
}

// release gives claimed users back who have not ended; nobody else may be given back.
func (o *outcomes) release(v *verifier, e events.Event, users *roaring64.Bitmap) {
	open := roaring64.And(users, o.claimed)
	for _, ended := range o.by {
		open.AndNot(ended)
	}
	if wrong := users.GetCardinality() - open.GetCardinality(); wrong > 0 {
		v.find("books", e.Subject.Biz, "campaign %s: ledger event %d gives %d users back who were not claimed or had ended", e.Subject.Aggregate, e.Seq, wrong)
	}
	o.claimed.AndNot(open)
}
