package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) changeMembers(ctx context.Context, c *ChangeMembers) ([]any, error) {
	g, err := w.group(ctx, c.Group, "group")
	if err != nil {
		return nil, err
	}
	r, err := w.load(ctx, events.EventSubject(w.cmd.Biz, aggUpload, attemptOf(c.Upload.UploadID, w.cmd.ID)))
	if err != nil {
		return nil, err
	}
	if err := w.fresh(ctx, r, &c.Upload); err != nil {
		return nil, err
	}
	u := r.state.(*upload)
	answer, err := decideChangeMembers(g, u, c, w.cmd.ID)
	if err != nil {
		return nil, err
	}
	if !u.completedBy(w.cmd.ID, &c.Upload) { // else a batch was cut, and its rest is still to come
		w.also(r, u.complete(&c.Upload))
	}
	return answer, nil
}

// decideChangeMembers: a whole upload of user ids makes a new version at once; one
// of phones waits for its user ids, which come as an upload of their own.
func decideChangeMembers(g *group, u *upload, c *ChangeMembers, id string) ([]any, error) {
	if err := g.alive(); err != nil {
		return nil, err
	}
	switch c.Op {
	case events.OpAdd, events.OpRemove, events.OpReplace:
	default:
		return nil, fault.Field("op", "is add, remove or replace")
	}
	if !u.completedBy(id, &c.Upload) {
		if err := u.check(id, &c.Upload); err != nil {
			return nil, err
		}
	}
	if u.started.Target != events.TargetGroup || u.started.GroupID != c.Group {
		return nil, fault.Field("upload", "the upload is for something else than this group")
	}
	if c.PhonesUploadID != "" || u.started.Source == sourceResolve {
		return decideResolved(g, u, c)
	}
	if err := c.Upload.CanReplace(); err != nil && c.Op == events.OpReplace {
		return nil, err
	}
	if local := u.started.Source == sourceLocal; g.subkind == subkindLocal && !local {
		return nil, &fault.Error{Code: fault.Conflict, Field: "group", Msg: "the group's members come from its file; change the file and rebuild the group"}
	}
	switch {
	case g.identity == identityUser && u.started.Content == events.TypeUploadIDs:
		return []any{membersChanged(g, u, c)}, nil
	case g.identity == identityPhone && u.started.Content == events.TypeUploadPhones:
		return []any{events.GroupResolveRequested{UploadID: c.Upload.UploadID, Op: c.Op, Rows: c.Upload.Accepted}}, nil
	}
	return nil, fault.Field("upload", "the group's members are named by %s", g.identity)
}

// decideResolved takes the user ids that an upload of phones was resolved to.
func decideResolved(g *group, u *upload, c *ChangeMembers) ([]any, error) {
	p, ok := g.waiting[c.PhonesUploadID]
	switch {
	case !ok:
		return nil, &fault.Error{Code: fault.Conflict, Field: "phones_upload_id", Msg: "no upload of phones with this id waits to be resolved"}
	case u.started.Source != sourceResolve || u.started.Content != events.TypeUploadIDs:
		return nil, fault.Field("upload", "the upload was not resolved from phones")
	case p.op != c.Op:
		return nil, fault.Field("op", "the upload of phones was to %s", p.op)
	case u.unmatched != c.Unmatched:
		return nil, fault.Field("unmatched", "the upload holds %d phones that matched nobody", u.unmatched)
	}
	return []any{membersChanged(g, u, c)}, nil
}

func membersChanged(g *group, u *upload, c *ChangeMembers) events.GroupMembersChanged {
	return events.GroupMembersChanged{
		Version: g.version + 1, Op: c.Op, UploadID: c.Upload.UploadID, Hash: c.Upload.Hash, Chunks: c.Upload.Chunks,
		Users: u.rows, Unmatched: c.Unmatched, PhonesUploadID: c.PhonesUploadID,
	}
}
