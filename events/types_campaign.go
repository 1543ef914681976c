package events

import "encoding/json"

// Types of the campaign aggregate (evt.<biz>.campaign.<campaign id>), of its audience
// (evt.<biz>.audience.<campaign id>) and of its ledger (ledger.<biz>.<campaign id>.<range>).
const (
	TypeCampaignCreated        Type = "campaign.created"
	TypeCampaignLaunched       Type = "campaign.launched"
	TypeCampaignAudienceFrozen Type = "campaign.audience_frozen"
	TypeCampaignPaused         Type = "campaign.paused"
	TypeCampaignResumed        Type = "campaign.resumed"
	TypeCampaignCancelled      Type = "campaign.cancelled"
	TypeCampaignFailed         Type = "campaign.failed"
	TypeCampaignCompleted      Type = "campaign.completed"

	TypeAudienceStarted Type = "audience.started"
	TypeAudienceRange   Type = "audience.range" // binary roaring64; Part is the range's number from 1, Count its users

	TypeLedgerClaimed  Type = "ledger.claimed"
	TypeLedgerReleased Type = "ledger.released"
	TypeLedgerOutcomes Type = "ledger.outcomes"
)

// CampaignCreated opens a campaign. Its id is the sequence in COMMANDS of the command that created it.
type CampaignCreated struct {
	ID        uint64            `json:"id"`
	Name      string            `json:"name"`
	Template  string            `json:"template"` // template id
	Where     json.RawMessage   `json:"where"`    // the segment, canonical JSON form
	Variables map[string]string `json:"variables,omitempty"`
}

// CampaignLaunched fixes what is sent and to whom. The audience is the segment's
// members with the read model standing exactly before this event.
type CampaignLaunched struct {
	ID        uint64            `json:"id"`
	Template  Template          `json:"template"` // as it stood at launch
	Where     json.RawMessage   `json:"where"`
	Variables map[string]string `json:"variables,omitempty"`
	Timezone  string            `json:"timezone"`   // of the biz, for calendar days in the segment
	RangeSize int               `json:"range_size"` // users per range at the most
}

// CampaignAudienceFrozen says that every range is in the log; sending may start.
type CampaignAudienceFrozen struct {
	Position uint64 `json:"position"` // sequence of the launch event: the audience stands for all events before it
	Audience uint64 `json:"audience"` // users
	Ranges   uint64 `json:"ranges"`
	Hash     string `json:"hash"` // of the audience's last event: covers every range
}

// CampaignPaused stops sending; what a sender holds in its hands is finished, or given back when the provider
// refuses it for now.
type CampaignPaused struct{}

// CampaignResumed goes on with sending.
type CampaignResumed struct{}

// CampaignCancelled ends sending for good; users whom no sender has claimed, or who were given back, are skipped.
type CampaignCancelled struct{}

// CampaignFailed says why a launch could not be carried out; nobody was sent anything.
type CampaignFailed struct {
	Reason string `json:"reason"`
}

// Books are a campaign's counts of users: Audience = Sent + Failed + Skipped + Unknown + Pending, always.
type Books struct {
	Audience uint64 `json:"audience"`
	Sent     uint64 `json:"sent"`
	Failed   uint64 `json:"failed"`
	Skipped  uint64 `json:"skipped"`
	Unknown  uint64 `json:"unknown"`
	Pending  uint64 `json:"pending"`
}

// CampaignCompleted closes the books: Pending is 0.
type CampaignCompleted struct {
	Books Books `json:"books"`
}

// AudienceStarted opens an audience: which frozen evaluation the ranges are cut from.
type AudienceStarted struct {
	Campaign  uint64 `json:"campaign"`
	Position  uint64 `json:"position"`
	RangeSize int    `json:"range_size"`
}

// LedgerClaimed is written before the provider is called: these users are being sent to.
type LedgerClaimed struct {
	Sender string `json:"sender"` // which sender, for people
	Count  uint64 `json:"count"`
	Users  []byte `json:"users"` // roaring64, portable
}

// LedgerReleased gives claimed users back whom the provider provably did not take: they may be claimed anew. They
// have no outcome, and only the claim that Claim names holds them.
type LedgerReleased struct {
	Sender string `json:"sender"` // who claimed them, for people
	Claim  uint64 `json:"claim"`  // sequence in LEDGER of the claim that is given back, wholly or in part
	Count  uint64 `json:"count"`
	Users  []byte `json:"users"` // roaring64, portable
}

// OutcomeStatus is how one (campaign, user) ended.
type OutcomeStatus string

// The outcomes.
const (
	Sent    OutcomeStatus = "sent"
	Failed  OutcomeStatus = "failed"  // the provider said no, for good
	Skipped OutcomeStatus = "skipped" // never offered to the provider
	Unknown OutcomeStatus = "unknown" // claimed, and nobody can say whether the provider took it
)

// LedgerOutcomes says how claimed (or skipped) users ended. A later definite outcome replaces unknown;
// nothing replaces a definite one.
type LedgerOutcomes struct {
	Sender  string    `json:"sender"`
	Results []Outcome `json:"results"`
}

// Outcome is one status and reason with all users it holds for.
type Outcome struct {
	Status OutcomeStatus `json:"status"`
	Code   string        `json:"code,omitempty"`   // provider's code (43101), or our reason (no_openid, cancelled, crashed)
	Reason string        `json:"reason,omitempty"` // for people
	Count  uint64        `json:"count"`
	Users  []byte        `json:"users"` // roaring64, portable
}
