package commands

import "muster/events"

// tag is the name of a tag. Who carries it is in uploads, not here.
type tag struct {
	name, description string
}

func (t *tag) apply(_ *events.Event, payload any) {
	if p, ok := payload.(*events.TagNamed); ok {
		t.name, t.description = p.Name, p.Description
	}
}
