package commands

import (
	"context"

	"muster/events"
)

func (w *work) failGroup(ctx context.Context, c *FailGroup) ([]any, error) {
	g, err := w.group(ctx, c.Group, "group")
	if err != nil {
		return nil, err
	}
	return decideFailGroup(g, c)
}

func decideFailGroup(g *group, c *FailGroup) ([]any, error) {
	if err := g.alive(); err != nil {
		return nil, err
	}
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	return []any{events.GroupFailed{Reason: c.Reason}}, nil
}
