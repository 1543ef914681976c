package projections

import (
	"muster/events"
	"muster/internal/fault"
)

// batch is what all projections apply before any of them sees the next event.
type batch struct {
	events  []events.Event
	uploads []*upload // of users, tags or orders, that complete here; by sequence
}

func (b *batch) from() uint64 { return b.events[0].Seq }
func (b *batch) to() uint64   { return b.events[len(b.events)-1].Seq }

// between is the part of a batch with sequences from..to; its events share memory.
func (b *batch) between(from, to uint64) *batch {
	part := &batch{}
	for i := range b.events {
		if s := b.events[i].Seq; s >= from && s <= to {
			part.events = append(part.events, b.events[i])
		}
	}
	for _, u := range b.uploads {
		if u.seq >= from && u.seq <= to {
			part.uploads = append(part.uploads, u)
		}
	}
	return part
}

// cut ends a batch before every launch, so that the freezes projection finds the
// read model standing exactly there.
func cut(all []events.Event) [][]events.Event {
	var parts [][]events.Event
	from := 0
	for i := range all {
		if i > from && all[i].Type == events.TypeCampaignLaunched {
			parts = append(parts, all[from:i])
			from = i
		}
	}
	if from < len(all) {
		parts = append(parts, all[from:])
	}
	return parts
}

// payload decodes an event's payload, in its newest version.
func payload[T any](c *events.Catalog, e events.Event) (*T, error) {
	v, err := c.Decode(e)
	if err != nil {
		return nil, err
	}
	p, ok := v.(*T)
	if !ok {
		return nil, fault.New(fault.Internal, "event %s decodes to %T", e.Type, v)
	}
	return p, nil
}
