package sends

import (
	"context"
	"encoding/json"
	"strconv"

	"muster/events"
	"muster/internal/fault"
)

// status is how far a campaign is, as far as sending cares.
type status uint8

const (
	drafted status = iota // created, or launched and not frozen
	sending
	paused
	cancelled
	closed // completed or failed: nothing is left to do
)

// campaignKey names a campaign.
type campaignKey struct {
	biz string
	id  uint64
}

func (k campaignKey) subject() events.Subject {
	return events.EventSubject(k.biz, "campaign", k.number())
}

func (k campaignKey) audience() events.Subject {
	return events.EventSubject(k.biz, "audience", k.number())
}

func (k campaignKey) ledger(rng uint64) events.Subject {
	return events.LedgerSubject(k.biz, k.number(), strconv.FormatUint(rng, 10))
}

func (k campaignKey) number() string { return strconv.FormatUint(k.id, 10) }

// campaign is a campaign folded from its events.
type campaign struct {
	key         campaignKey
	seq         uint64 // of the last event folded
	launch      uint64 // sequence of the launch; 0: not launched
	launched    events.CampaignLaunched
	frozen      *events.CampaignAudienceFrozen
	status      status
	correlation string // of the launch: the command that everything after it belongs to
}

// apply folds one event; it is a pure function of the campaign and the event. Events folded already change nothing.
func (c campaign) apply(e events.Event) (campaign, error) {
	if e.Seq <= c.seq {
		return c, nil
	}
	c.seq = e.Seq
	switch e.Type {
	case events.TypeCampaignLaunched:
		if err := json.Unmarshal(e.Data, &c.launched); err != nil {
			return c, fault.Wrap(fault.Corrupt, err, "decode a launch")
		}
		c.launch, c.correlation = e.Seq, e.Correlation
		if c.correlation == "" {
			c.correlation = e.CommandID
		}
	case events.TypeCampaignAudienceFrozen:
		c.frozen = &events.CampaignAudienceFrozen{}
		if err := json.Unmarshal(e.Data, c.frozen); err != nil {
			return c, fault.Wrap(fault.Corrupt, err, "decode a frozen audience")
		}
		if c.status == drafted {
			c.status = sending
		}
	case events.TypeCampaignPaused:
		c.status = paused
	case events.TypeCampaignResumed:
		c.status = drafted
		if c.frozen != nil {
			c.status = sending
		}
	case events.TypeCampaignCancelled:
		c.status = cancelled
	case events.TypeCampaignFailed, events.TypeCampaignCompleted:
		c.status = closed
	}
	return c, nil
}

// loadCampaign folds a campaign from the log.
func loadCampaign(ctx context.Context, log Log, key campaignKey) (campaign, error) {
	c := campaign{key: key}
	_, err := log.Each(ctx, key.subject(), 0, func(e events.Event) (err error) {
		c, err = c.apply(e)
		return err
	})
	return c, err
}

// keyOf reads which campaign an event or ledger subject belongs to.
func keyOf(biz, id string) (campaignKey, error) {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return campaignKey{}, fault.New(fault.Corrupt, "%q is no campaign id", id)
	}
	return campaignKey{biz, n}, nil
}
