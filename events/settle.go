package events

// Settlement is what an event says about the command that caused it.
type Settlement string

// What an event may say about its command.
const (
	Unsettled Settlement = ""          // nothing: data on its way, or progress of something settled long ago
	Running   Settlement = "running"   // accepted; another event will end it
	Completed Settlement = "completed" // done, and in the log
	Refused   Settlement = "refused"   // nothing changed; the event says why
)

// Settles says what an event of type t means for the command (and the root
// command) it names. Waiters and the commands projection both go by it.
func Settles(t Type) Settlement {
	switch t {
	case TypeCommandRefused, TypeGroupFailed:
		return Refused
	case TypeGroupResolveRequested:
		return Running
	case TypeUploadStarted, TypeUploadRejected, TypeUploadAbandoned,
		TypeUploadIDs, TypeUploadPhones, TypeUploadUsers, TypeUploadTags, TypeUploadOrders, TypeUploadUnmatched,
		TypeAudienceStarted, TypeAudienceRange, TypeCampaignAudienceFrozen, TypeCampaignFailed, TypeCampaignCompleted,
		TypeLedgerClaimed, TypeLedgerReleased, TypeLedgerOutcomes:
		return Unsettled
	default:
		return Completed
	}
}
