package commands

import (
	"encoding/json"
	"time"

	"muster/events"
	"muster/internal/fault"
)

// Families are the second token of a command's subject, after the biz.
const (
	FamilyGroup    = "group"
	FamilySync     = "sync" // imports of users, tags and orders; external sources
	FamilyCampaign = "campaign"
	FamilySend     = "send"
	FamilyAdmin    = "admin"
)

// Types of commands, the strings that travel in the Muster-Type header of COMMANDS.
const (
	DefineBizType        = "biz.define"
	CreateGroupType      = "group.create"
	ChangeMembersType    = "group.change_members"
	RebuildGroupType     = "group.rebuild"
	FailGroupType        = "group.fail"
	ArchiveGroupType     = "group.archive"
	CompleteImportType   = "import.complete"
	NameTagType          = "tag.name"
	DefineTemplateType   = "template.define"
	CreateCampaignType   = "campaign.create"
	LaunchCampaignType   = "campaign.launch"
	PauseCampaignType    = "campaign.pause"
	ResumeCampaignType   = "campaign.resume"
	CancelCampaignType   = "campaign.cancel"
	RecordFreezeType     = "campaign.record_freeze"
	FailCampaignType     = "campaign.fail"
	CompleteCampaignType = "campaign.complete"
	CreateKeyType        = "key.create"
	RevokeKeyType        = "key.revoke"
	ChangeSettingsType   = "settings.change"
)

// DefineBiz makes or changes the product line of the command's biz token, if what there is now is what the sender thinks.
type DefineBiz struct {
	Name     string `json:"name"`
	Timezone string `json:"timezone"`
	OnlyNew  bool   `json:"only_new,omitempty"` // there must be none
	IfSeq    uint64 `json:"if_seq,omitempty"`   // the event that defined it last must be this one; 0 is any
}

// CreateGroup makes a group; its id is the command's sequence.
type CreateGroup struct {
	Name      string          `json:"name"`
	Kind      string          `json:"kind"`
	Subkind   string          `json:"subkind,omitempty"`
	Identity  string          `json:"identity,omitempty"` // user_id (default) or phone
	Content   json.RawMessage `json:"content,omitempty"`
	Ext       json.RawMessage `json:"ext,omitempty"`
	ParentID  uint64          `json:"parent_id,omitempty"`
	ExpiresAt *time.Time      `json:"expires_at,omitempty"`
}

// UploadSummary is what the reader of an upload saw; the handler checks it against the log.
type UploadSummary struct {
	UploadID string `json:"upload_id"`
	Rows     uint64 `json:"rows"`
	Accepted uint64 `json:"accepted"`
	Rejected uint64 `json:"rejected"`
	Chunks   uint64 `json:"chunks"`
	Hash     string `json:"hash"` // of the upload's last event
	BodyHash string `json:"body_hash,omitempty"`
}

// CanReplace refuses a file of which no row could be taken: most likely it is another file
// than was meant, and a group that it empties may be one of those not to be written to.
func (s *UploadSummary) CanReplace() error {
	if s.Rows > 0 && s.Accepted == 0 {
		return fault.New(fault.Invalid, "none of the file's %d rows could be taken, so the members stay as they are", s.Rows)
	}
	return nil
}

// ChangeMembers applies an upload to a group. Phones are not applied but handed to the resolver,
// which comes back with a ChangeMembers of user ids whose Phones* fields are set.
type ChangeMembers struct {
	Group          uint64          `json:"group"`
	Op             events.MemberOp `json:"op"`
	Upload         UploadSummary   `json:"upload"`
	PhonesUploadID string          `json:"phones_upload_id,omitempty"`
	Unmatched      uint64          `json:"unmatched,omitempty"`
}

// RebuildGroup reads a group's source again and makes a new version of it.
type RebuildGroup struct {
	Group uint64 `json:"group"`
}

// FailGroup records that a group's source could not be read.
type FailGroup struct {
	Group  uint64 `json:"group"`
	Reason string `json:"reason"`
}

// ArchiveGroup ends a group.
type ArchiveGroup struct {
	Group  uint64 `json:"group"`
	Reason string `json:"reason,omitempty"`
}

// CompleteImport makes an upload of users, tags or orders count.
type CompleteImport struct {
	Target events.UploadTarget `json:"target"`
	Upload UploadSummary       `json:"upload"`
}

// NameTag names a tag.
type NameTag struct {
	ID          uint32 `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// DefineTemplate makes or changes a template, if what there is now is what the sender thinks.
type DefineTemplate struct {
	events.Template
	OnlyNew bool   `json:"only_new,omitempty"` // there must be none
	IfSeq   uint64 `json:"if_seq,omitempty"`   // the event that defined it last must be this one; 0 is any
}

// CreateCampaign makes a campaign; its id is the command's sequence.
type CreateCampaign struct {
	Name      string            `json:"name"`
	Template  string            `json:"template"`
	Where     json.RawMessage   `json:"where"` // canonical JSON form of the segment
	Variables map[string]string `json:"variables,omitempty"`
}

// CampaignRef names a campaign: launch, pause, resume and cancel need no more.
type CampaignRef struct {
	Campaign uint64 `json:"campaign"`
}

// RecordFreeze says that the audience is whole in the log.
type RecordFreeze struct {
	Campaign uint64 `json:"campaign"`
	Position uint64 `json:"position"`
	Audience uint64 `json:"audience"`
	Ranges   uint64 `json:"ranges"`
	Hash     string `json:"hash"`
}

// FailCampaign says why a launch could not be carried out.
type FailCampaign struct {
	Campaign uint64 `json:"campaign"`
	Reason   string `json:"reason"`
}

// RecordCompletion closes the books.
type RecordCompletion struct {
	Campaign uint64       `json:"campaign"`
	Books    events.Books `json:"books"`
}

// CreateKey registers a key by its hash.
type CreateKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Biz  string `json:"biz"` // "*" for all
	Role string `json:"role"`
	Hash string `json:"hash"`
}

// RevokeKey ends a key.
type RevokeKey struct {
	ID     string `json:"id"`
	Reason string `json:"reason,omitempty"`
}

// ChangeSettings sets the settings it names; nil leaves a setting as it is.
type ChangeSettings struct {
	ChunkSize    *int `json:"chunk_size,omitempty"`
	ClaimSize    *int `json:"claim_size,omitempty"`
	RejectedKept *int `json:"rejected_kept,omitempty"`
	SendRate     *int `json:"send_rate,omitempty"`
}
