package commands

import (
	"context"
	"encoding/json"
	"strconv"

	"muster/events"
	"muster/internal/fault"
	"muster/segments"
)

// The states of a campaign. Freezing and sending are one state, launched, with
// frozen saying how far it is: pausing must not forget that.
const (
	campaignCreated   = "created"
	campaignLaunched  = "launched"
	campaignPaused    = "paused"
	campaignCancelled = "cancelled"
	campaignFailed    = "failed"
	campaignCompleted = "completed"
)

// campaign is one template sent once to each user of one audience. It exists when it
// has a status.
type campaign struct {
	id        uint64
	status    string
	template  string
	where     json.RawMessage
	variables map[string]string
	launch    uint64 // sequence of the launch event
	frozen    *events.CampaignAudienceFrozen
	closed    bool // the books are closed; a cancelled campaign stays cancelled
}

func (c *campaign) apply(e *events.Event, payload any) {
	switch p := payload.(type) {
	case *events.CampaignCreated:
		c.id, c.status, c.template, c.where, c.variables = p.ID, campaignCreated, p.Template, p.Where, p.Variables
	case *events.CampaignLaunched:
		c.status, c.launch = campaignLaunched, e.Seq
	case *events.CampaignAudienceFrozen:
		c.frozen = p
	case *events.CampaignPaused:
		c.status = campaignPaused
	case *events.CampaignResumed:
		c.status = campaignLaunched
	case *events.CampaignCancelled:
		c.status = campaignCancelled
	case *events.CampaignFailed:
		c.status = campaignFailed
	case *events.CampaignCompleted:
		c.closed = true
		if c.status != campaignCancelled {
			c.status = campaignCompleted
		}
	}
}

// wrongState refuses what a campaign's state does not allow.
func (c *campaign) wrongState(what string) error {
	return &fault.Error{Code: fault.Conflict, Field: "campaign", Msg: "a " + c.status + " campaign cannot be " + what}
}

// checkGroups refuses a segment that names groups which are not there or archived.
func (w *work) checkGroups(ctx context.Context, where segments.Node) error {
	for _, id := range segments.Groups(where) {
		g, err := w.group(ctx, id, "where")
		if err != nil {
			return err
		}
		if g.status == groupArchived {
			return &fault.Error{Code: fault.Conflict, Field: "where", Msg: "group " + strconv.FormatUint(id, 10) + " is archived"}
		}
	}
	return nil
}

// template loads a template that must exist.
func (w *work) template(ctx context.Context, id string) (*template, error) {
	const missing = "there is no such template"
	if !isSlug(id) {
		return nil, &fault.Error{Code: fault.NotFound, Field: "template", Msg: missing}
	}
	r, err := w.load(ctx, events.EventSubject(w.cmd.Biz, aggTemplate, id))
	if err != nil {
		return nil, err
	}
	t := r.state.(*template)
	if t.ID == "" {
		return nil, w.undefined(ctx, "template", missing)
	}
	return t, nil
}
