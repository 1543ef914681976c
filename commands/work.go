package commands

import (
	"context"
	"errors"
	"strconv"
	"time"

	"muster/events"
	"muster/internal/durable"
	"muster/internal/fault"
)

// work is one attempt to answer one command. Deciders that need more than the
// addressed aggregate load it here; everything they conclude from it is pure.
type work struct {
	s      *Service
	cache  *cache
	cmd    events.StoredCommand
	root   *root // the addressed aggregate
	loaded map[events.Subject]*root
	more   []change
}

// change is what a decision adds to another aggregate than the addressed one. It
// is appended first, in the same batch.
type change struct {
	root    *root
	payload any
}

// own is the addressed aggregate's state; an empty one when the command names
// nothing that can be addressed, which its decider refuses.
func own[S any](w *work) *S {
	if s, ok := any(w.root.state).(*S); ok {
		return s
	}
	return new(S)
}

// load brings an aggregate up to date, once per attempt.
func (w *work) load(ctx context.Context, s events.Subject) (*root, error) {
	if r, ok := w.loaded[s]; ok {
		return r, nil
	}
	r := w.cache.get(s)
	_, err := w.s.opt.Store.Each(ctx, s, r.version.Seq, func(e events.Event) error {
		return r.fold(w.s.opt.Catalog, &e)
	})
	if err != nil {
		w.cache.drop(s)
		return nil, notARefusal(err)
	}
	if r.version.Seq == 0 {
		// A replica may lag: absence counts only when the stream's leader knows of nothing either.
		_, err := w.s.opt.Store.Last(ctx, s)
		if err == nil {
			return nil, fault.New(fault.Unavailable, "%s was not readable yet", s)
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, notARefusal(err)
		}
	} else {
		w.cache.keep(r)
	}
	w.loaded[s] = r
	return r, nil
}

// group loads a group that must exist; field is blamed when it does not.
func (w *work) group(ctx context.Context, id uint64, field string) (*group, error) {
	r, err := w.load(ctx, groupSubject(w.cmd.Biz, id))
	if err != nil {
		return nil, err
	}
	g := r.state.(*group)
	if g.status == "" {
		return nil, w.absent(ctx, r, id, CreateGroupType, field, "group")
	}
	return g, nil
}

// campaign loads the campaign that the command addresses; it must exist.
func (w *work) campaign(ctx context.Context, id uint64) (*campaign, error) {
	c := own[campaign](w)
	if c.status == "" {
		return nil, w.absent(ctx, w.root, id, CreateCampaignType, "campaign", "campaign")
	}
	return c, nil
}

// absent says why something does not exist: not yet, when the command that creates
// it is stored before this one and not answered; otherwise not at all.
func (w *work) absent(ctx context.Context, r *root, id uint64, creator, field, what string) error {
	notFound := &fault.Error{Code: fault.NotFound, Field: field, Msg: "there is no " + what + " " + strconv.FormatUint(id, 10)}
	if id == 0 || id >= w.cmd.Seq {
		return notFound
	}
	c, err := w.s.commandAt(ctx, id)
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
		return notFound
	case err != nil:
		return notARefusal(err)
	case c.Type != creator || c.Biz != w.cmd.Biz || r.has(c.ID):
		return notFound
	}
	return &durable.LaterError{Delay: soon, Err: errors.New(what + " is being created")}
}

// undefined says why something that has a name does not exist: perhaps not yet, as
// long as commands before this one are not answered and this one is young; otherwise
// not at all.
func (w *work) undefined(ctx context.Context, field, msg string) error {
	if time.Since(w.cmd.Time) < patience {
		upTo, err := w.s.answeredUpTo(ctx)
		if err != nil {
			return notARefusal(err)
		}
		if upTo+1 < w.cmd.Seq {
			return &durable.LaterError{Delay: soon, Err: errors.New(msg + " yet")}
		}
	}
	return &fault.Error{Code: fault.NotFound, Field: field, Msg: msg}
}

// requireBiz refuses what belongs to a product line that nobody defined.
func (w *work) requireBiz(ctx context.Context) (*biz, error) { return w.requireBizOf(ctx, w.cmd.Biz) }

// requireBizOf refuses what names a product line that nobody defined.
func (w *work) requireBizOf(ctx context.Context, name string) (*biz, error) {
	r, err := w.load(ctx, events.EventSubject(name, aggBiz, name))
	if err != nil {
		return nil, err
	}
	b := r.state.(*biz)
	if b.timezone == "" {
		return nil, w.undefined(ctx, "biz", "there is no product line "+name)
	}
	return b, nil
}

// settings are the runtime settings in force.
func (w *work) settings(ctx context.Context) (*settings, error) {
	r, err := w.load(ctx, settingsSubject())
	if err != nil {
		return nil, err
	}
	return r.state.(*settings), nil
}

// also adds an event to another aggregate, in the same batch as the answer. It does
// not name the command: the answer on the addressed aggregate alone settles that.
func (w *work) also(r *root, payload any) { w.more = append(w.more, change{r, payload}) }

// appends makes the batch of a decision.
func (w *work) appends(payloads []any) ([]events.Append, error) {
	var list []events.Append
	for _, m := range w.more {
		e, err := w.s.opt.Catalog.Encode(m.payload)
		if err != nil {
			return nil, err
		}
		e.Actor, e.Trace = w.cmd.Actor, w.cmd.Trace
		list = append(list, events.Append{Subject: m.root.subject, Expected: m.root.version, Events: []events.Event{e}})
	}
	answer := events.Append{Subject: w.root.subject, Expected: w.root.version}
	for _, p := range payloads {
		if n, ok := p.(events.CommandNoop); ok {
			n.Command = w.cmd.Type
			p = n
		}
		e, err := w.s.opt.Catalog.Encode(p)
		if err != nil {
			return nil, err
		}
		e.Actor, e.Trace, e.CommandID, e.Correlation = w.cmd.Actor, w.cmd.Trace, w.cmd.ID, w.cmd.Correlation
		answer.Events = append(answer.Events, e)
	}
	return append(list, answer), nil
}

// refuse turns a decider's error into the event that says so. It reports false for
// what is no decision: an engine that is away, a fault of ours, something to wait for.
func refuse(command string, err error) ([]any, bool) {
	var later *durable.LaterError
	if errors.As(err, &later) {
		return nil, false
	}
	var e *fault.Error
	if !errors.As(err, &e) {
		return nil, false
	}
	switch e.Code {
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.TooLarge, fault.Unsupported, fault.Changed:
		return []any{events.CommandRefused{Command: command, Code: string(e.Code), Field: e.Field, Reason: e.Msg}}, true
	default:
		return nil, false
	}
}

// notARefusal keeps an error of the store from being taken for a decision.
func notARefusal(err error) error {
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.Timeout, fault.Internal, fault.Corrupt:
		return err
	default:
		return &fault.Error{Code: fault.Internal, Msg: "load an aggregate", Err: err}
	}
}
