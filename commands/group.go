package commands

import (
	"encoding/json"

	"muster/events"
	"muster/internal/fault"
)

// The kinds, subkinds, identities and states of a group.
const (
	kindIDs       = "ids"
	kindFile      = "file"
	subkindUpload = "upload"
	subkindLocal  = "local"

	identityUser  = "user_id"
	identityPhone = "phone"

	groupBuilding = "building"
	groupReady    = "ready"
	groupFailed   = "failed"
	groupArchived = "archived"

	sourceLocal   = "local"
	sourceResolve = "resolve"
)

// group is a set that operators manage. It exists when it has a status. Its members
// are in uploads; here is only which of them count.
type group struct {
	kind, subkind, identity string
	status                  string
	version                 uint64
	rebuilding              bool              // asked for, and neither done nor failed
	waiting                 map[string]phones // uploads of phones that are being resolved
}

// phones is an upload that waits for its user ids.
type phones struct {
	op events.MemberOp
}

func (g *group) apply(_ *events.Event, payload any) {
	switch p := payload.(type) {
	case *events.GroupCreated:
		g.kind, g.subkind, g.identity = p.Kind, p.Subkind, p.Identity
		g.status = groupReady
		if p.Kind == kindFile {
			g.status = groupBuilding
		}
	case *events.GroupResolveRequested:
		g.waiting[p.UploadID] = phones{p.Op}
	case *events.GroupRebuildRequested:
		g.rebuilding = true
	case *events.GroupMembersChanged:
		g.version, g.status = p.Version, groupReady
		g.rebuilding = false
		delete(g.waiting, p.PhonesUploadID)
	case *events.GroupFailed:
		g.status, g.rebuilding = groupFailed, false
	case *events.GroupArchived:
		g.status = groupArchived
	}
}

// alive refuses whatever would change an archived group.
func (g *group) alive() error {
	if g.status == groupArchived {
		return &fault.Error{Code: fault.Conflict, Field: "group", Msg: "the group is archived and takes no more changes"}
	}
	return nil
}

// LocalContent is the content of a group of kind file, subkind local.
type LocalContent struct {
	Path   string `json:"path"`             // below a directory that the server allows
	Column string `json:"column,omitempty"` // of a file with a header; default user_id or phone
}

// ParseLocalContent reads and checks the content of a file/local group.
func ParseLocalContent(raw json.RawMessage) (LocalContent, error) {
	var c LocalContent
	if !given(raw) {
		return c, fault.Field("content", `say which file to read: {"path": "..."}`)
	}
	if err := strictJSON(raw, &c); err != nil {
		return c, &fault.Error{Code: fault.Invalid, Field: "content", Msg: `is not of the form {"path": "...", "column": "..."}`, Err: err}
	}
	if c.Path == "" {
		return c, fault.Field("content.path", "say which file to read")
	}
	if err := checkText("content.path", c.Path, 4096); err != nil {
		return c, err
	}
	return c, checkText("content.column", c.Column, maxName)
}
