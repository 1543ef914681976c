package commands

import (
	"strings"

	"muster/events"
	"muster/internal/fault"
)

// state is the fold of one aggregate's events. apply is pure: it looks at nothing
// but its arguments and changes nothing but the state. The payload is a pointer to
// the event's struct, or the bytes of a binary event, which it must not keep.
type state interface {
	apply(e *events.Event, payload any)
}

// newState makes the empty state of an aggregate's kind.
func newState(aggregate string) state {
	switch aggregate {
	case aggBiz:
		return &biz{}
	case aggGroup:
		return &group{waiting: map[string]phones{}}
	case aggUpload:
		return &upload{}
	case aggTag:
		return &tag{}
	case aggTemplate:
		return &template{}
	case aggCampaign:
		return &campaign{}
	case aggKey:
		return &key{}
	case aggSettings:
		return &settings{Settings: events.DefaultSettings()}
	default:
		return none{}
	}
}

type none struct{}

func (none) apply(*events.Event, any) {}

// root is an aggregate in memory: its state, its version, and the commands it has
// answered for as long as it lives.
type root struct {
	subject  events.Subject
	version  events.Version
	answered map[string]struct{} // command ids
	state    state
}

func newRoot(s events.Subject) *root {
	return &root{subject: s, answered: map[string]struct{}{}, state: newState(s.Aggregate)}
}

// has says whether the aggregate answered a command already.
func (r *root) has(commandID string) bool {
	_, ok := r.answered[commandID]
	return ok
}

// fold adds the next event. An event this program cannot read is fault.Internal:
// it must never be taken for a refusal.
func (r *root) fold(catalog *events.Catalog, e *events.Event) error {
	if e.PrevHash != r.version.Hash {
		return &events.CorruptError{Stream: e.Subject.Stream, Seq: e.Seq, Subject: e.Subject.String(), Reason: "it does not chain to the event before it"}
	}
	payload, err := catalog.Decode(*e)
	if err != nil {
		return &fault.Error{Code: fault.Internal, Msg: "read the aggregate " + r.subject.String(), Err: err}
	}
	r.state.apply(e, payload)
	r.version = e.At()
	if e.CommandID != "" && answers(e.Type) {
		r.answered[e.CommandID] = struct{}{}
	}
	return nil
}

// answers says whether an event is the outcome of the command it names. Rows on
// their way carry the id of a command that comes after them.
func answers(t events.Type) bool {
	return !strings.HasPrefix(string(t), "upload.") || t == events.TypeUploadCompleted
}

// noop says that what a command asks for is so already.
func noop(reason string) []any { return []any{events.CommandNoop{Reason: reason}} }
