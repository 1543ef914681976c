package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) defineBiz(_ context.Context, c *DefineBiz) ([]any, error) {
	return decideDefineBiz(own[biz](w), c)
}

func decideDefineBiz(b *biz, c *DefineBiz) ([]any, error) {
	if err := checkName("name", c.Name); err != nil {
		return nil, err
	}
	if err := checkTimezone(c.Timezone); err != nil {
		return nil, err
	}
	if err := c.expects(b); err != nil {
		return nil, err
	}
	if b.name == c.Name && b.timezone == c.Timezone {
		return noop("the product line is so already"), nil
	}
	return []any{events.BizDefined{Name: c.Name, Timezone: c.Timezone}}, nil
}

// expects refuses to replace what the sender does not know of.
func (c *DefineBiz) expects(b *biz) error {
	exists := b.timezone != ""
	switch {
	case c.OnlyNew && exists:
		return &fault.Error{Code: fault.Changed, Field: "biz", Msg: "there is a product line with this id already"}
	case c.IfSeq != 0 && !exists:
		return fault.New(fault.Changed, "there is no such product line to change")
	case c.IfSeq != 0 && c.IfSeq != b.seq:
		return fault.New(fault.Changed, "somebody changed the product line meanwhile")
	}
	return nil
}
