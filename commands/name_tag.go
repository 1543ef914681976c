package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) nameTag(ctx context.Context, c *NameTag) ([]any, error) {
	if _, err := w.requireBiz(ctx); err != nil {
		return nil, err
	}
	return decideNameTag(own[tag](w), c)
}

func decideNameTag(t *tag, c *NameTag) ([]any, error) {
	if c.ID == 0 {
		return nil, fault.Field("id", "a tag's id is a number from 1 to 4294967295")
	}
	if err := checkName("name", c.Name); err != nil {
		return nil, err
	}
	if err := checkText("description", c.Description, maxText); err != nil {
		return nil, err
	}
	if t.name == c.Name && t.description == c.Description {
		return noop("the tag has this name already"), nil
	}
	return []any{events.TagNamed{ID: c.ID, Name: c.Name, Description: c.Description}}, nil
}
