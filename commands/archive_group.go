package commands

import (
	"context"

	"muster/events"
)

func (w *work) archiveGroup(ctx context.Context, c *ArchiveGroup) ([]any, error) {
	g, err := w.group(ctx, c.Group, "group")
	if err != nil {
		return nil, err
	}
	return decideArchiveGroup(g, c)
}

func decideArchiveGroup(g *group, c *ArchiveGroup) ([]any, error) {
	if g.status == groupArchived {
		return noop("the group is archived already"), nil
	}
	if err := checkText("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	return []any{events.GroupArchived{Reason: c.Reason}}, nil
}
