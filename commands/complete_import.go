package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) completeImport(ctx context.Context, c *CompleteImport) ([]any, error) {
	if _, err := w.requireBiz(ctx); err != nil {
		return nil, err
	}
	u := own[upload](w)
	if err := w.fresh(ctx, w.root, &c.Upload); err != nil {
		return nil, err
	}
	return decideCompleteImport(u, c, w.cmd.ID)
}

func decideCompleteImport(u *upload, c *CompleteImport, id string) ([]any, error) {
	content, ok := map[events.UploadTarget]events.Type{
		events.TargetUsers: events.TypeUploadUsers, events.TargetTags: events.TypeUploadTags, events.TargetOrders: events.TypeUploadOrders,
	}[c.Target]
	if !ok {
		return nil, fault.Field("target", "is one of users, tags and orders")
	}
	if err := u.check(id, &c.Upload); err != nil {
		return nil, err
	}
	if u.started.Target != c.Target || u.started.Content != content {
		return nil, fault.Field("target", "the upload is not one of %s", c.Target)
	}
	return []any{u.complete(&c.Upload)}, nil
}

// fresh tells an upload that differs from what its reader said from one whose newest
// events this process cannot read yet.
func (w *work) fresh(ctx context.Context, r *root, s *UploadSummary) error {
	if r.version.Hash == s.Hash || r.state.(*upload).completion != nil {
		return nil
	}
	last, err := w.s.opt.Store.Last(ctx, r.subject)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return notARefusal(err)
	}
	if last.Seq != r.version.Seq {
		return fault.New(fault.Unavailable, "%s was not readable yet", r.subject)
	}
	return nil
}
