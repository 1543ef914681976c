package commands

import (
	"context"

	"muster/events"
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
	if b.name == c.Name && b.timezone == c.Timezone {
		return noop("the product line is so already"), nil
	}
	return []any{events.BizDefined{Name: c.Name, Timezone: c.Timezone}}, nil
}
