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

// on runs a policy: do is called for each group event of the types given, at least once. tries counts from 1.
func (o *Options) on(ctx context.Context, name string, do func(ctx context.Context, cause events.Event, tries uint64) error, types ...events.Type) error {
	return durable.Run(ctx, o.JS, durable.Options{
		Stream: events.StreamEvents, Name: name, Filters: []string{groupEvents}, Lanes: lanes, AckWait: o.AckWait, Log: o.Log,
	}, func(m jetstream.Msg) (string, durable.Work) {
		return m.Subject(), func(ctx context.Context, _ int) error {
			for _, t := range types {
				if m.Headers().Get(events.HeaderType) == string(t) {
					e, tries, err := o.event(ctx, m)
					if err != nil {
						return err
					}
					return do(ctx, e, tries)
				}
			}
			return nil
		}
	})
}

var errFound = errors.New("found")

// event gets the event of a message from the store, which checks it.
func (o *Options) event(ctx context.Context, m jetstream.Msg) (e events.Event, tries uint64, err error) {
	meta, err := m.Metadata()
	if err != nil {
		return e, 0, err
	}
	s, err := events.ParseSubject(m.Subject())
	if err != nil {
		return e, 0, err
	}
	e, err = o.first(ctx, s, meta.Sequence.Stream-1, func(events.Event) bool { return true })
	return e, meta.NumDelivered, err
}

// first returns the first event of an aggregate after a sequence that is wanted;
// fault.Unavailable when there is none.
func (o *Options) first(ctx context.Context, s events.Subject, after uint64, wanted func(events.Event) bool) (events.Event, error) {
	found, ok, err := o.find(ctx, s, after, wanted)
	if err == nil && !ok {
		err = fault.New(fault.Unavailable, "%s was not readable yet", s)
	}
	return found, err
}

// find looks for the first event of an aggregate after a sequence that is wanted.
func (o *Options) find(ctx context.Context, s events.Subject, after uint64, wanted func(events.Event) bool) (found events.Event, ok bool, err error) {
	_, err = o.Store.Each(ctx, s, after, func(e events.Event) error {
		if !wanted(e) {
			return nil
		}
		found = e
		return errFound
	})
	if errors.Is(err, errFound) {
		return found, true, nil
	}
	return found, false, err
}

// asked says whether the one command that answers an event is stored already, and if
// not, where its rows go. A completed upload tells for longer than COMMANDS keeps its
// commands.
func (o *Options) asked(ctx context.Context, biz, id string) (bool, commands.Attempt, error) {
	_, err := events.GetCommand(ctx, o.JS, id)
	if err == nil {
		return true, commands.Attempt{}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return false, commands.Attempt{}, err
	}
	a, err := commands.NextAttempt(ctx, o.Store, biz, id)
	return a.Completed != nil, a, err
}

// command stores the command that an event causes. Of several processes that come to
// the same or to another end one is first, and its command is the one that counts.
func (o *Options) command(ctx context.Context, name, id string, cause *events.Event, typ string, payload any) error {
	_, _, err := commands.Send(ctx, o.JS, commands.Request{
		ID: id, Biz: cause.Subject.Biz, Type: typ, Payload: payload, Actor: name, Correlation: storyOf(cause), Trace: cause.Trace,
		Time: o.now(),
	})
	if fault.Is(err, fault.Mismatch) { // another run came to another end
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

func uploadSubject(biz, id string) events.Subject { return events.EventSubject(biz, "upload", id) }
