package commands

import (
	"context"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/durable"
	"muster/internal/fault"
)

// Store is what the handlers need of events.Store.
type Store interface {
	Each(ctx context.Context, s events.Subject, after uint64, fn func(events.Event) error) (events.Version, error)
	Last(ctx context.Context, s events.Subject) (events.Event, error)
	Append(ctx context.Context, appends []events.Append) ([]events.Version, error)
}

// Options are what a Service is made of. JS, Store, Catalog and Log are needed.
type Options struct {
	JS      jetstream.JetStream
	Store   Store
	Catalog *events.Catalog
	Log     *slog.Logger
	Lanes   int           // commands worked on at once in this process; default 4
	AckWait time.Duration // default 30 s
	Linger  time.Duration // how long a command in hand may take at the end; default 10 s
}

// Service handles the commands of COMMANDS. Any number of processes may run one.
type Service struct {
	opt   Options
	specs map[string]spec
	// commandAt finds a command by its sequence.
	commandAt func(ctx context.Context, seq uint64) (events.StoredCommand, error)
	// answeredUpTo is the sequence up to which every command is answered.
	answeredUpTo func(ctx context.Context) (uint64, error)
}

// Consumer is the name of the durable consumer on COMMANDS.
const Consumer = "commands"

const (
	conflictTries = 8
	// soon is when a command is looked at again that waits for another one.
	soon = 100 * time.Millisecond
	// patience is how long it waits for one that it cannot name.
	patience = 5 * time.Second
)

// NewService makes a service; Run starts it.
func NewService(opt Options) *Service {
	if opt.Lanes <= 0 {
		opt.Lanes = 4
	}
	specs := map[string]spec{}
	for _, s := range table() {
		specs[s.typ] = s
	}
	return &Service{opt: opt, specs: specs,
		commandAt: func(ctx context.Context, seq uint64) (events.StoredCommand, error) {
			return events.GetCommandAt(ctx, opt.JS, seq)
		},
		answeredUpTo: func(ctx context.Context) (uint64, error) {
			c, err := opt.JS.Consumer(ctx, events.StreamCommands, Consumer)
			if err != nil {
				return 0, fault.Wrap(fault.Unavailable, err, "look how far commands are")
			}
			return c.CachedInfo().AckFloor.Stream, nil
		},
	}
}

// Run handles commands until ctx ends and the command in hand is through.
func (s *Service) Run(ctx context.Context) error {
	caches := make([]*cache, s.opt.Lanes)
	for i := range caches {
		caches[i] = newCache(cacheWeight)
	}
	return durable.Run(ctx, s.opt.JS, durable.Options{
		Stream: events.StreamCommands, Name: Consumer, Lanes: s.opt.Lanes,
		AckWait: s.opt.AckWait, Linger: s.opt.Linger, Log: s.opt.Log,
	}, func(m jetstream.Msg) (string, durable.Work) {
		o, err := s.order(m)
		if err != nil { // no envelope to answer to: visible in the log only
			return m.Subject(), func(context.Context, int) error { return &durable.DropError{Err: err} }
		}
		return o.subject.String(), func(ctx context.Context, lane int) error {
			return s.handle(ctx, caches[lane], o)
		}
	})
}

// order is a command that was read: what it asks of which aggregate, or why it
// cannot be understood.
type order struct {
	cmd     events.StoredCommand
	spec    spec
	subject events.Subject
	payload any
	refusal error // instead of a payload
}

// order reads a message.
func (s *Service) order(m jetstream.Msg) (order, error) {
	meta, err := m.Metadata()
	if err != nil {
		return order{}, err
	}
	c, err := events.DecodeCommand(m.Subject(), meta.Sequence.Stream, m.Headers(), m.Data())
	if err != nil {
		return stray(m.Subject(), meta)
	}
	return s.read(c)
}

// stray makes an order of a message whose envelope cannot be read: one that is
// refused. Only what is no command's subject cannot be answered at all.
func stray(subject string, meta *jetstream.MsgMetadata) (order, error) {
	h := nats.Header{events.HeaderType: {"unknown"}, events.HeaderTime: {meta.Timestamp.UTC().Format(time.RFC3339Nano)}}
	c, err := events.DecodeCommand(subject, meta.Sequence.Stream, h, nil)
	if err != nil {
		return order{}, err
	}
	c.Correlation = c.ID
	o := order{cmd: c, subject: strayOf(&c), refusal: fault.New(fault.Invalid, "the command's envelope cannot be read")}
	return o, o.subject.Validate()
}

// read finds out what a command asks for.
func (s *Service) read(c events.StoredCommand) (order, error) {
	o := order{cmd: c, subject: strayOf(&c)}
	if o.cmd.Correlation == "" {
		o.cmd.Correlation = c.ID
	}
	var known bool
	if o.spec, known = s.specs[c.Type]; !known {
		o.refusal = fault.New(fault.Unsupported, "this version of Muster does not know the command %.60q", c.Type)
		return o, o.subject.Validate()
	}
	if o.refusal = o.spec.scope(c.Biz); o.refusal != nil {
		return o, o.subject.Validate()
	}
	if o.payload, o.refusal = o.spec.decode(c.Data); o.refusal != nil {
		return o, o.subject.Validate()
	}
	if addressed := o.spec.subject(&c, o.payload); addressed.Validate() == nil {
		o.subject = addressed // else the decider says what is wrong with the name
	}
	return o, o.subject.Validate()
}

// handle answers one command: with events, or with a refusal. It is idempotent.
func (s *Service) handle(ctx context.Context, c *cache, o order) error {
	var err error
	for range conflictTries {
		w := &work{s: s, cache: c, cmd: o.cmd, loaded: map[events.Subject]*root{}}
		var done bool
		if done, err = w.try(ctx, o); done || !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return &durable.LaterError{Delay: soon, Err: err}
}

// try decides once on what is stored now. Done says that the command is answered;
// a fault.Conflict says that another writer was first.
func (w *work) try(ctx context.Context, o order) (done bool, err error) {
	r, err := w.load(ctx, o.subject)
	if err != nil {
		return false, notARefusal(err)
	}
	w.root = r
	if r.has(o.cmd.ID) {
		return true, nil
	}
	payloads, err := w.decide(ctx, o)
	if err != nil {
		var ok bool
		if payloads, ok = refuse(o.cmd.Type, err); !ok {
			return false, err
		}
		w.more = nil
	}
	appends, err := w.appends(payloads)
	if err != nil {
		return false, err
	}
	_, err = w.s.opt.Store.Append(ctx, appends)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) {
		// No event can hold the answer, not even a refusal: only the log can.
		return false, &durable.DropError{Err: fault.Wrap(fault.Internal, err, "answer command "+o.cmd.ID)}
	}
	if err != nil {
		return false, fault.Wrap(fault.Unavailable, err, "answer command "+o.cmd.ID)
	}
	w.s.opt.Log.Debug("command answered", "command", o.cmd.ID, "type", o.cmd.Type,
		"aggregate", o.subject.String(), "event", string(appends[len(appends)-1].Events[0].Type))
	return true, nil
}

func (w *work) decide(ctx context.Context, o order) ([]any, error) {
	if o.refusal != nil {
		return nil, o.refusal
	}
	return o.spec.decide(w, ctx, o.payload)
}
