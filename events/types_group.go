package events

import (
	"encoding/json"
	"time"
)

// Types of the group aggregate, subject evt.<biz>.group.<group id>.
const (
	TypeGroupCreated          Type = "group.created"
	TypeGroupResolveRequested Type = "group.resolve_requested"
	TypeGroupRebuildRequested Type = "group.rebuild_requested"
	TypeGroupMembersChanged   Type = "group.members_changed"
	TypeGroupFailed           Type = "group.failed"
	TypeGroupArchived         Type = "group.archived"
)

// MemberOp says what a change does with the users it names.
type MemberOp string

// The three changes of a group's members.
const (
	OpAdd     MemberOp = "add"
	OpRemove  MemberOp = "remove"
	OpReplace MemberOp = "replace" // the group afterwards holds exactly these users
)

// GroupCreated opens a group. Its id is the sequence in COMMANDS of the command that created it.
type GroupCreated struct {
	ID        uint64          `json:"id"`
	Name      string          `json:"name"`
	Kind      string          `json:"kind"`               // ids or file
	Subkind   string          `json:"subkind,omitempty"`  // of file: upload or local
	Identity  string          `json:"identity"`           // user_id or phone: what uploads to this group name users by
	Content   json.RawMessage `json:"content,omitempty"`  // of file/local: {"path": "...", "column": "user_id"}
	Ext       json.RawMessage `json:"ext,omitempty"`      // the operator's own notes, never read by Muster
	Realtime  bool            `json:"realtime,omitempty"` // kept fresh by events; always false for ids and file
	ParentID  uint64          `json:"parent_id,omitempty"`
	ExpiresAt *time.Time      `json:"expires_at,omitempty"`
}

// GroupResolveRequested says that an upload of phones is whole and waits to be resolved to user ids.
type GroupResolveRequested struct {
	UploadID string   `json:"upload_id"`
	Op       MemberOp `json:"op"`
	Rows     uint64   `json:"rows"`
}

// GroupRebuildRequested asks for a new version of a group from its source (file/local).
type GroupRebuildRequested struct {
	Version uint64 `json:"version"` // the version the rebuild will make
}

// GroupMembersChanged makes an upload's users count: the new version is visible from here on.
type GroupMembersChanged struct {
	Version   uint64   `json:"version"` // 1 for the first change
	Op        MemberOp `json:"op"`
	UploadID  string   `json:"upload_id"` // holds the upload.ids chunks to apply
	Hash      string   `json:"hash"`      // of the upload's last event: covers every chunk before it
	Chunks    uint64   `json:"chunks"`
	Users     uint64   `json:"users"`               // users named by the chunks, duplicates across chunks counted each time
	Unmatched uint64   `json:"unmatched,omitempty"` // phones that matched no user, of this upload
	// PhonesUploadID is the upload of phones this one was resolved from; its unmatched rows are in UploadID.
	PhonesUploadID string `json:"phones_upload_id,omitempty"`
}

// GroupFailed says that a group's source could not be read; the version before stays visible.
type GroupFailed struct {
	Reason string `json:"reason"`
}

// GroupArchived ends a group: it keeps its members for audit, takes no more changes.
type GroupArchived struct {
	Reason string `json:"reason,omitempty"`
}
