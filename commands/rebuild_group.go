package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) rebuildGroup(ctx context.Context, c *RebuildGroup) ([]any, error) {
	g, err := w.group(ctx, c.Group, "group")
	if err != nil {
		return nil, err
	}
	return decideRebuildGroup(g)
}

func decideRebuildGroup(g *group) ([]any, error) {
	if err := g.alive(); err != nil {
		return nil, err
	}
	switch {
	case g.subkind != subkindLocal:
		return nil, &fault.Error{Code: fault.Conflict, Field: "group", Msg: "the group has no source to read again: its members are uploaded"}
	case g.rebuilding || g.status == groupBuilding:
		return noop("the group's file is being read already"), nil
	}
	return []any{events.GroupRebuildRequested{Version: g.version + 1}}, nil
}
