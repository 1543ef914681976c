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

type rangeKey struct {
	campaignKey
	part uint64
}

// outcomes are the users of one range of a campaign by what became of them.
type outcomes struct {
	by       map[events.OutcomeStatus]*roaring64.Bitmap
	claimed  *roaring64.Bitmap // and not given back
	released *roaring64.Bitmap // at any time
	frozen   bool              // an audience event holds the range
}

// told are the users with an outcome.
func (o *outcomes) told() *roaring64.Bitmap {
	all := roaring64.New()
	for _, bm := range o.by {
		all.Or(bm)
	}
	return all
}

// events adds the audiences up. The ledger was read before: what it names was frozen before it was claimed.
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
			if err := v.audience(rangeKey{k, e.Part}, e); err != nil {
				v.find("log", e.Subject.Biz, "event %d: %v", e.Seq, err)
			}
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

// audience checks that the ledger of a range names nobody else than the range does.
func (v *verifier) audience(k rangeKey, e events.Event) error {
	o := v.ledger[k]
	if o == nil {
		return nil
	}
	users := roaring64.New()
	if err := users.UnmarshalBinary(e.Data); err != nil {
		return err
	}
	o.frozen = true
	strays := o.told()
	strays.Or(o.claimed)
	strays.Or(o.released)
	strays.AndNot(users)
	if n := strays.GetCardinality(); n > 0 {
		v.find("books", k.biz, "campaign %d: the ledger names %d users in range %d who are not in that range of the audience", k.id, n, k.part)
	}
	return nil
}

// outcomes adds the ledger up: who was claimed, who was given back, and how it ended for whom.
func (v *verifier) outcomes(ctx context.Context) (err error) {
	v.report.Ledger, err = v.read(ctx, events.StreamLedger, func(e events.Event) error {
		id, err1 := strconv.ParseUint(e.Subject.Aggregate, 10, 64)
		part, err2 := strconv.ParseUint(e.Subject.ID, 10, 64)
		if err1 != nil || err2 != nil {
			v.find("log", e.Subject.Biz, "ledger event %d names no campaign and range", e.Seq)
			return nil
		}
		if err := v.ledgerOf(rangeKey{campaignKey{e.Subject.Biz, id}, part}).add(v, e); err != nil {
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

func (v *verifier) ledgerOf(k rangeKey) *outcomes {
	o := v.ledger[k]
	if o == nil {
		o = &outcomes{by: map[events.OutcomeStatus]*roaring64.Bitmap{}, claimed: roaring64.New(), released: roaring64.New()}
		for _, s := range append(definite(), events.Unknown) {
			o.by[s] = roaring64.New()
		}
		v.ledger[k] = o
	}
	return o
}

func (o *outcomes) add(v *verifier, e events.Event) error {
	switch e.Type {
	case events.TypeLedgerClaimed, events.TypeLedgerReleased:
		var c struct {
			Users []byte `json:"users"`
		}
		if err := json.Unmarshal(e.Data, &c); err != nil {
			return err
		}
		users := roaring64.New()
		if err := users.UnmarshalBinary(c.Users); err != nil {
			return err
		}
		if e.Type == events.TypeLedgerReleased {
			o.release(v, e, users)
			return nil
		}
		if twice := users.AndCardinality(o.claimed); twice > 0 {
			v.find("books", e.Subject.Biz, "campaign %s: ledger event %d claims %d users who were claimed before", e.Subject.Aggregate, e.Seq, twice)
		}
		if late := users.AndCardinality(o.by[events.Skipped]); late > 0 {
			v.find("books", e.Subject.Biz, "campaign %s: ledger event %d claims %d users who were skipped before", e.Subject.Aggregate, e.Seq, late)
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
			o.end(v, e, r.Status, users)
		}
	}
	return nil
}

// end puts down how it ended for users. Who is skipped was never to be sent to; all others were claimed first.
func (o *outcomes) end(v *verifier, e events.Event, status events.OutcomeStatus, users *roaring64.Bitmap) {
	to := o.by[status]
	if to == nil {
		v.find("log", e.Subject.Biz, "ledger event %d tells of an unknown outcome %q", e.Seq, status)
		return
	}
	if status != events.Skipped {
		if n := users.GetCardinality() - users.AndCardinality(o.claimed); n > 0 {
			v.find("books", e.Subject.Biz, "campaign %s: ledger event %d says %s of %d users who were not claimed", e.Subject.Aggregate, e.Seq, status, n)
		}
	}
	to.Or(users)
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
	o.released.Or(open)
}
