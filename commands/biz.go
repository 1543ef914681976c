package commands

import "muster/events"

// biz is a product line. It exists when it has a time zone.
type biz struct {
	name, timezone string
	seq            uint64 // of the event that defined it last
}

func (b *biz) apply(e *events.Event, payload any) {
	if p, ok := payload.(*events.BizDefined); ok {
		b.name, b.timezone, b.seq = p.Name, p.Timezone, e.Seq
	}
}
