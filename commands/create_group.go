package commands

import (
	"context"
	"time"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) createGroup(ctx context.Context, c *CreateGroup) ([]any, error) {
	if _, err := w.requireBiz(ctx); err != nil {
		return nil, err
	}
	var parent *group
	if c.ParentID != 0 {
		var err error
		if parent, err = w.group(ctx, c.ParentID, "parent_id"); err != nil {
			return nil, err
		}
	}
	return decideCreateGroup(own[group](w), c, w.cmd.Seq, w.cmd.Time, parent)
}

// decideCreateGroup: id is the new group's, at is when it was asked for.
func decideCreateGroup(g *group, c *CreateGroup, id uint64, at time.Time, parent *group) ([]any, error) {
	if g.status != "" {
		return nil, fault.New(fault.Conflict, "the group exists already")
	}
	if err := checkName("name", c.Name); err != nil {
		return nil, err
	}
	if err := checkKind(c); err != nil {
		return nil, err
	}
	identity := c.Identity
	switch identity {
	case "":
		identity = identityUser
	case identityUser, identityPhone:
	default:
		return nil, fault.Field("identity", "is user_id or phone")
	}
	if err := checkJSON("ext", c.Ext); err != nil {
		return nil, err
	}
	if err := checkExpiry(c.ExpiresAt, at); err != nil {
		return nil, err
	}
	if parent != nil && parent.status == groupArchived {
		return nil, &fault.Error{Code: fault.Conflict, Field: "parent_id", Msg: "the parent group is archived"}
	}
	e := events.GroupCreated{ID: id, Name: c.Name, Kind: c.Kind, Subkind: c.Subkind, Identity: identity, ParentID: c.ParentID}
	if given(c.Content) {
		e.Content = c.Content
	}
	if given(c.Ext) {
		e.Ext = c.Ext
	}
	if c.ExpiresAt != nil {
		utc := c.ExpiresAt.UTC()
		e.ExpiresAt = &utc
	}
	return []any{e}, nil
}

// firstYearBeyond is the first that no time may lie in: what the read model counts in
// nanoseconds ends in 2262, and a later time would come back as one long past.
const firstYearBeyond = 2200

// checkExpiry: at is when the group was asked for; no expiry at all is fine.
func checkExpiry(expires *time.Time, at time.Time) error {
	switch {
	case expires == nil:
		return nil
	case !expires.After(at):
		return fault.Field("expires_at", "must be in the future")
	case expires.UTC().Year() >= firstYearBeyond:
		return fault.Field("expires_at", "must be before the year %d", firstYearBeyond)
	}
	return nil
}

// checkKind holds kind, subkind and content together.
func checkKind(c *CreateGroup) error {
	later := func(field, what string) error {
		return &fault.Error{Code: fault.Unsupported, Field: field, Msg: what + " are not supported yet; use ids, or file with upload or local"}
	}
	switch c.Kind {
	case kindIDs:
		if c.Subkind != "" {
			return fault.Field("subkind", "groups of kind ids have none")
		}
	case kindFile:
		switch c.Subkind {
		case subkindUpload:
		case subkindLocal:
			_, err := ParseLocalContent(c.Content)
			return err
		case "s3", "http":
			return later("subkind", "files from "+c.Subkind)
		default:
			return fault.Field("subkind", "groups of kind file have upload or local")
		}
	case "buyers", "segment", "composite":
		return later("kind", "groups of kind "+c.Kind)
	default:
		return fault.Field("kind", "is ids or file")
	}
	if given(c.Content) {
		return fault.Field("content", "only groups of kind file, subkind local have content; members are uploaded")
	}
	return nil
}
