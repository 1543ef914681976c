package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/nats-io/nats.go/jetstream"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

const (
	maxWait     = time.Minute
	sendTimeout = 5 * time.Second // how long a command may take to be stored
	maxKey      = 256             // bytes of an Idempotency-Key
)

// Accepted says that a command is stored and will be decided on.
type Accepted struct {
	CommandID string `json:"command_id"`
	Seq       ID     `json:"seq" doc:"The command's sequence in COMMANDS; the id of the group or campaign it creates"`
	StatusURL string `json:"status_url" example:"/v1/commands/AbC"`
}

// Changing is what every changing call takes.
type Changing struct {
	Wait string `query:"wait" doc:"Wait up to this long (at most 60s) and answer 200 with the result: 10s" example:"10s"`
	Key  string `header:"Idempotency-Key" maxLength:"256" doc:"The same key and the same request again is the same command: nothing is done twice"`
}

// changed is the answer to a changing call: 202 with Accepted, or 200 with the thing.
type changed struct {
	Status int
	Body   any
}

// change is one changing call.
type change struct {
	biz     string
	typ     string
	payload any
	params  Changing
	id      string // of the command; "" is made of params.Key, or random
	hash    string // of what the client sent; "" is that of typ and payload
	// result reads what the command made once the read model holds it.
	result func(ctx context.Context, s settled) (any, error)
	// known says that result reads nothing but the gateway's own state.
	known bool
}

// settled is a command that was carried out.
type settled struct {
	command events.StoredCommand
	seq     uint64 // of the event that says so; 0 for a command of which the read model tells
}

// commandID derives the id that makes an idempotency key durable: the same key of the
// same sender for the same product line is the same command.
func commandID(p Principal, biz, key string) string {
	if key == "" {
		return ""
	}
	return commands.DerivedID("i", biz, p.KeyID, key)
}

// hashOf is what tells a repeated request from another one.
func hashOf(parts ...any) (string, error) {
	b, err := json.Marshal(parts)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "encode the request")
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// send stores a command and, if asked to, waits for its result.
func (g *Gateway) send(ctx context.Context, ch change) (*changed, error) {
	p := principalOf(ctx)
	wait, ok := duration(ch.params.Wait, maxWait)
	if !ok {
		return nil, fault.Field("wait", "is not a duration: use 10s or 500ms, at most 60s")
	}
	if len(ch.params.Key) > maxKey {
		return nil, fault.Field("Idempotency-Key", "is longer than %d bytes", maxKey)
	}
	var err error
	if ch.hash == "" {
		if ch.hash, err = hashOf(ch.typ, ch.payload); err != nil {
			return nil, err
		}
	}
	if ch.id == "" {
		ch.id = commandID(p, ch.biz, ch.params.Key)
	}
	req := commands.Request{ID: ch.id, Biz: ch.biz, Type: ch.typ, Payload: ch.payload, Actor: "key:" + p.KeyID, BodyHash: ch.hash, Time: g.opt.Clock()}
	cmd, err := commands.Build(req)
	if err != nil {
		return nil, err
	}
	req.ID = cmd.ID
	one := g.waits.add(cmd.ID) // before it is stored: no answer is missed
	defer g.waits.remove(one)
	stored, existed, err := g.store(ctx, req)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		wctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		body, err := g.result(wctx, one, stored, existed, ch)
		if err == nil {
			return &changed{Status: http.StatusOK, Body: body}, nil
		}
		// The command is stored: a read model that is late or away changes nothing about that.
		if !timedOut(wctx, err) && !fault.Is(err, fault.Unavailable) {
			return nil, err
		}
	}
	return &changed{Status: http.StatusAccepted, Body: Accepted{CommandID: stored.ID, Seq: ID(stored.Seq), StatusURL: "/v1/commands/" + stored.ID}}, nil
}

// store stores a command, once.
func (g *Gateway) store(ctx context.Context, req commands.Request) (stored events.StoredCommand, existed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	stored, existed, err = commands.Send(ctx, g.opt.JS, req)
	if err != nil || !existed { // what was stored before proves nothing
		g.wrote(err)
	}
	return stored, existed, err
}

// timedOut says that the wait is over, whatever error that made on its way up.
func timedOut(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || fault.Is(err, fault.Timeout))
}

// result waits for a command's end, then for the read model, then reads the thing.
func (g *Gateway) result(ctx context.Context, one *waiter, cmd events.StoredCommand, existed bool, ch change) (any, error) {
	s, err := g.settle(ctx, one, cmd, existed)
	if err != nil {
		return nil, err
	}
	if ch.known {
		err = g.state.await(ctx, s.seq)
	} else {
		err = g.opt.Queries.Await(ctx, s.seq)
	}
	if err != nil {
		return nil, err
	}
	return ch.result(ctx, s)
}

// settle waits for the event that ends a command. A command that existed may have
// ended before anyone waited: then the read model knows.
func (g *Gateway) settle(ctx context.Context, one *waiter, cmd events.StoredCommand, existed bool) (settled, error) {
	if existed {
		if s, err := g.recall(ctx, cmd); err != nil || s.seq > 0 {
			return s, err
		}
	}
	select {
	case o := <-one.done:
		if o.settlement == events.Refused {
			return settled{}, g.refusal(ctx, cmd.ID, o.event.Seq)
		}
		return settled{command: cmd, seq: o.event.Seq}, nil
	case <-ctx.Done():
		return settled{}, ctx.Err()
	}
}

// recall looks a repeated command up; the zero sequence says that it has not ended.
func (g *Gateway) recall(ctx context.Context, cmd events.StoredCommand) (settled, error) {
	head, err := g.head(ctx)
	if err != nil {
		return settled{}, err
	}
	if err := g.opt.Queries.Await(ctx, head); err != nil {
		return settled{}, err
	}
	c, err := g.opt.Queries.Command(ctx, cmd.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return settled{}, nil
	case err != nil:
		return settled{}, err
	case c.Status == string(events.Refused):
		return settled{}, refused(cmd.ID, events.CommandRefused{Code: c.Code, Field: c.Field, Reason: c.Reason})
	case c.Status == string(events.Completed):
		return settled{command: cmd, seq: c.Seq}, nil
	}
	return settled{}, nil
}

// head is the last sequence of EVENTS.
func (g *Gateway) head(ctx context.Context) (uint64, error) {
	s, err := g.opt.JS.Stream(ctx, events.StreamEvents)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "ask for the log's end")
	}
	return s.CachedInfo().State.LastSeq, nil
}

// refusal reads why a command was refused.
func (g *Gateway) refusal(ctx context.Context, id string, seq uint64) error {
	e, err := g.eventAt(ctx, seq, "")
	if err != nil {
		return err
	}
	payload, err := g.opt.Catalog.Decode(e)
	if err != nil {
		return err
	}
	switch p := payload.(type) {
	case *events.CommandRefused:
		return refused(id, *p)
	case *events.GroupFailed:
		return refused(id, events.CommandRefused{Code: string(fault.Conflict), Reason: p.Reason})
	}
	return fault.New(fault.Internal, "%s is no refusal", e.Type)
}

// refused is a refused command as a problem.
func refused(id string, r events.CommandRefused) *Problem {
	p := newProblem(fault.Code(r.Code), r.Reason)
	p.CommandID = id
	if r.Field != "" {
		p.Errors = []ProblemDetail{{Field: r.Field, Message: r.Reason}}
	}
	return p
}

// eventAt reads the first event from a sequence on, of a subject if one is given.
func (g *Gateway) eventAt(ctx context.Context, seq uint64, subject string) (events.Event, error) {
	s, err := g.opt.JS.Stream(ctx, events.StreamEvents)
	if err != nil {
		return events.Event{}, fault.Wrap(fault.Unavailable, err, "read the log")
	}
	var opts []jetstream.GetMsgOpt
	if subject != "" {
		opts = append(opts, jetstream.WithGetMsgSubject(subject))
	}
	m, err := s.GetMsg(ctx, seq, opts...)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return events.Event{}, fault.New(fault.NotFound, "there is no such event")
	}
	if err != nil {
		return events.Event{}, fault.Wrap(fault.Unavailable, err, "read the log")
	}
	return eventOf(m)
}

// command registers a changing call: it answers 202 with Accepted, or 200 with T.
func command[I any, T any](g *Gateway, r route, fn func(ctx context.Context, in *I) (change, error)) {
	r.op.DefaultStatus = http.StatusAccepted
	var thing T
	r.op.Responses = map[string]*huma.Response{
		"200": g.jsonOf("Done: with ?wait=, the result", thing),
		"202": g.jsonOf("Stored; will be decided on", Accepted{}),
	}
	if _, conditional := any(new(I)).(interface {
		expected() (onlyNew bool, seq uint64, err error)
	}); conditional {
		r.op.Responses["412"] = g.problemFor("It is not what If-Match or If-None-Match says")
	}
	handle(g, r, func(ctx context.Context, in *I) (*changed, error) {
		ch, err := fn(ctx, in)
		if err != nil {
			return nil, err
		}
		return g.send(ctx, ch)
	})
}
