package policies

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/commands"
	"muster/events"
	"muster/events/rows"
	"muster/internal/durable"
	"muster/internal/fault"
)

// Store is what policies need of events.Store. They append to uploads only.
type Store interface {
	Each(ctx context.Context, s events.Subject, after uint64, fn func(events.Event) error) (events.Version, error)
	Last(ctx context.Context, s events.Subject) (events.Event, error)
	Append(ctx context.Context, appends []events.Append) ([]events.Version, error)
}

// Options are what all policies are made of. Everything but AckWait and Clock is needed.
type Options struct {
	JS      jetstream.JetStream
	Store   Store
	Catalog *events.Catalog
	Codec   *rows.Codec
	Log     *slog.Logger
	AckWait time.Duration    // default 30 s
	Clock   func() time.Time // default time.Now
}

// Names of the policies: durable consumers, and actors of what they cause.
const (
	ResolveName = "policy-resolve"
	LocalName   = "policy-local"
	ExpireName  = "policy-expire"
)

// groupEvents is where all of them look.
const groupEvents = "evt.*.group.*"

// lanes is how many events a policy works on at once in one process.
const lanes = 2

// on runs a policy: do is called for each group event of the types given, at least once.
func (o *Options) on(ctx context.Context, name string, do func(context.Context, events.Event) error, types ...events.Type) error {
	return durable.Run(ctx, o.JS, durable.Options{
		Stream: events.StreamEvents, Name: name, Filters: []string{groupEvents}, Lanes: lanes, AckWait: o.AckWait, Log: o.Log,
	}, func(m jetstream.Msg) (string, durable.Work) {
		return m.Subject(), func(ctx context.Context, _ int) error {
			for _, t := range types {
				if m.Headers().Get(events.HeaderType) == string(t) {
					e, err := o.event(ctx, m)
					if err != nil {
						return err
					}
					return do(ctx, e)
				}
			}
			return nil
		}
	})
}

var errFound = errors.New("found")

// event gets the event of a message from the store, which checks it.
func (o *Options) event(ctx context.Context, m jetstream.Msg) (events.Event, error) {
	meta, err := m.Metadata()
	if err != nil {
		return events.Event{}, err
	}
	s, err := events.ParseSubject(m.Subject())
	if err != nil {
		return events.Event{}, err
	}
	return o.first(ctx, s, meta.Sequence.Stream-1, func(events.Event) bool { return true })
}

// first returns the first event of an aggregate after a sequence that is wanted;
// fault.Unavailable when there is none.
func (o *Options) first(ctx context.Context, s events.Subject, after uint64, wanted func(events.Event) bool) (events.Event, error) {
	var found events.Event
	_, err := o.Store.Each(ctx, s, after, func(e events.Event) error {
		if !wanted(e) {
			return nil
		}
		found = e
		return errFound
	})
	switch {
	case errors.Is(err, errFound):
		return found, nil
	case err != nil:
		return found, err
	default:
		return found, fault.New(fault.Unavailable, "%s was not readable yet", s)
	}
}

// asked says whether a command with one of these ids is stored already. The first
// is the id of an upload too, which tells for longer than COMMANDS keeps its commands.
func (o *Options) asked(ctx context.Context, biz string, ids ...string) (bool, error) {
	last, err := o.Store.Last(ctx, uploadSubject(biz, ids[0]))
	if err == nil && last.Type == events.TypeUploadCompleted {
		return true, nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return false, err
	}
	for _, id := range ids {
		_, err := events.GetCommand(ctx, o.JS, id)
		if err == nil {
			return true, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return false, err
		}
	}
	return false, nil
}

// command stores a command that an event causes.
func (o *Options) command(ctx context.Context, name, id string, cause *events.Event, typ string, payload any) error {
	_, _, err := commands.Send(ctx, o.JS, commands.Request{
		ID: id, Biz: cause.Subject.Biz, Type: typ, Payload: payload, Actor: name, Correlation: storyOf(cause), Trace: cause.Trace,
		Time: o.now(),
	})
	if fault.Is(err, fault.Mismatch) { // a derived id cannot meet another command but one of another version of this policy
		return nil
	}
	return err
}

func (o *Options) now() time.Time {
	if o.Clock != nil {
		return o.Clock()
	}
	return time.Now()
}

// storyOf is the command that started the story an event belongs to.
func storyOf(e *events.Event) string {
	if e.Correlation != "" {
		return e.Correlation
	}
	return e.CommandID
}

// patience is how long to wait for another process that does the same work.
func (o *Options) patience() time.Duration {
	if o.AckWait > 0 {
		return o.AckWait / 3
	}
	return 10 * time.Second
}

func uploadSubject(biz, id string) events.Subject { return events.EventSubject(biz, "upload", id) }
