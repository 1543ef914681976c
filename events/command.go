package events

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// Command is one request as it is stored in COMMANDS, on a subject of its own:
// "cmd.<biz>.<family>.<id>".
type Command struct {
	ID          string // 1 to 128 of [A-Za-z0-9_-]; the idempotency key, or derived from it
	Biz         string
	Family      string // group, sync, campaign, send, admin
	Type        string // "group.create"
	Actor       string
	Correlation string
	Trace       string
	BodyHash    string // of what the client sent; tells a replay from a mistake
	Time        time.Time
	Data        []byte // JSON
}

// Subject is the command's NATS subject.
func (c *Command) Subject() string { return "cmd." + c.Biz + "." + c.Family + "." + c.ID }

// anyFamily is where a command with this id may be: ids are unique in a product line,
// whatever the family.
func (c *Command) anyFamily() string { return "cmd." + c.Biz + ".*." + c.ID }

// StoredCommand is a command with its place in COMMANDS.
type StoredCommand struct {
	Command
	Seq uint64
}

// PublishCommand stores a command once. A command with the same id, type and body
// hash that is stored already is returned, with its sequence: a double click, a
// retry, a lost ack. Another type or body under the same id is fault.Mismatch.
// This holds for as long as COMMANDS keeps the first one (7 days). It tries until
// ctx ends, at most 20 s; then fault.Unavailable, and trying again is safe.
func PublishCommand(ctx context.Context, js jetstream.JetStream, c Command) (seq uint64, existing *StoredCommand, err error) {
	m, err := c.message()
	if err != nil {
		return 0, nil, err
	}
	r := newRPC(js, 0)
	if limit := r.nc.MaxPayload(); limit > 0 && int64(m.Size()) > limit {
		return 0, nil, fault.New(fault.TooLarge, "a command of %d bytes is over the limit of %d", m.Size(), limit)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		ack, err := r.publish(ctx, m)
		if err == nil {
			return ack.Seq, nil, nil
		}
		if permanent(err) {
			return 0, nil, fault.Wrap(fault.Unavailable, err, "store the command")
		}
		stored, gerr := leaderCommand(ctx, r, getRequest{LastFor: c.anyFamily()})
		if gerr == nil {
			if stored.Type != c.Type || stored.BodyHash != c.BodyHash {
				return 0, &stored, fault.New(fault.Mismatch, "this idempotency key was used for another request")
			}
			return stored.Seq, &stored, nil
		}
		if !pause(ctx, wait) {
			return 0, nil, fault.Wrap(fault.Unavailable, errors.Join(err, ctx.Err()), "store the command")
		}
	}
}

func (c *Command) message() (*nats.Msg, error) {
	switch {
	case !ValidBiz(c.Biz):
		return nil, fault.Field("biz", "%q is not a product line", c.Biz)
	case !ValidToken(c.Family):
		return nil, fault.Field("family", "%q is not a family of commands", c.Family)
	case !ValidToken(c.ID):
		return nil, fault.Field("id", "a command id is 1 to 128 of A-Z, a-z, 0-9, _ and -")
	case c.Type == "":
		return nil, fault.Field("type", "a command needs a type")
	}
	h := nats.Header{headerExpectLastSubj: {"0"}, headerExpectLastOf: {c.anyFamily()}}
	for k, v := range map[string]string{
		HeaderID: c.ID, HeaderType: c.Type, HeaderActor: c.Actor, HeaderCorrelation: c.Correlation,
		HeaderTrace: c.Trace, HeaderBody: c.BodyHash, HeaderTime: c.Time.UTC().Format(time.RFC3339Nano),
	} {
		if err := checkHeaderValue(k, v); err != nil {
			return nil, err
		}
		if v != "" {
			h[k] = []string{v}
		}
	}
	return &nats.Msg{Subject: c.Subject(), Header: h, Data: c.Data}, nil
}

// DecodeCommand reads a command from a stored message, as a consumer of COMMANDS
// gets it.
func DecodeCommand(subject string, seq uint64, h nats.Header, data []byte) (StoredCommand, error) {
	parts := strings.Split(subject, ".")
	if len(parts) != 4 || parts[0] != "cmd" {
		return StoredCommand{}, fault.New(fault.Invalid, "%.200q is no subject of a command", subject)
	}
	at, err := time.Parse(time.RFC3339Nano, h.Get(HeaderTime))
	if err != nil {
		return StoredCommand{}, fault.Wrap(fault.Invalid, err, "read the command's time")
	}
	c := Command{
		ID: parts[3], Biz: parts[1], Family: parts[2], Type: h.Get(HeaderType), Actor: h.Get(HeaderActor),
		Correlation: h.Get(HeaderCorrelation), Trace: h.Get(HeaderTrace), BodyHash: h.Get(HeaderBody), Time: at, Data: data,
	}
	if c.Type == "" {
		return StoredCommand{}, fault.New(fault.Invalid, "a command without a type")
	}
	return StoredCommand{Command: c, Seq: seq}, nil
}

// GetCommand finds a command by its id; fault.NotFound when there is none (any more).
func GetCommand(ctx context.Context, js jetstream.JetStream, id string) (StoredCommand, error) {
	if !ValidToken(id) {
		return StoredCommand{}, fault.New(fault.NotFound, "there is no command %.200q", id)
	}
	c, err := leaderCommand(ctx, newRPC(js, 0), getRequest{LastFor: "cmd.*.*." + id})
	if fault.Is(err, fault.NotFound) {
		return c, fault.New(fault.NotFound, "there is no command %s", id)
	}
	return c, fault.Wrap(fault.Unavailable, err, "find command "+id)
}

// GetCommandAt returns the command with a sequence; fault.NotFound when there is none.
func GetCommandAt(ctx context.Context, js jetstream.JetStream, seq uint64) (StoredCommand, error) {
	c, err := leaderCommand(ctx, newRPC(js, 0), getRequest{Seq: seq})
	return c, fault.Wrap(fault.Unavailable, err, "read a command")
}

func leaderCommand(ctx context.Context, r rpc, req getRequest) (StoredCommand, error) {
	m, err := r.leader(ctx, StreamCommands, req)
	if err != nil {
		return StoredCommand{}, err
	}
	return DecodeCommand(m.subject, m.seq, m.header, m.data)
}
