package commands

import "muster/events"

// biz is a product line. It exists when it has a time zone.
type biz struct {
	name, timezone string
}

func (b *biz) apply(_ *events.Event, payload any) {
	if p, ok := payload.(*events.BizDefined); ok {
		b.name, b.timezone = p.Name, p.Timezone
	}
}
