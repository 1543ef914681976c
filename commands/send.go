package commands

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"muster/events"
	"muster/internal/fault"
)

// Request is a command that someone wants to be carried out.
type Request struct {
	ID          string // command id; "" takes a random one
	Biz         string // events.SystemScope for keys and settings
	Type        string // one of the ...Type constants
	Payload     any    // the struct of that type, or a pointer to one
	Actor       string // key id, or the policy's name
	Correlation string // id of the command that started the story; "" is this one
	Trace       string
	BodyHash    string    // of the client's request; "" for internal commands
	Time        time.Time // when it was asked for; zero is now
}

// Build turns a request into the command to be stored. It checks the form only:
// whether the command is carried out is its handler's decision.
func Build(r Request) (events.Command, error) {
	s, ok := lookup(r.Type)
	if !ok {
		return events.Command{}, fault.New(fault.Internal, "there is no command %q", r.Type)
	}
	if !s.takes(r.Payload) {
		return events.Command{}, fault.New(fault.Internal, "%T is not the payload of %s", r.Payload, r.Type)
	}
	if err := s.scope(r.Biz); err != nil {
		return events.Command{}, err
	}
	data, err := json.Marshal(r.Payload)
	if err != nil {
		return events.Command{}, fault.Wrap(fault.Invalid, err, "encode "+r.Type)
	}
	c := events.Command{
		ID: r.ID, Biz: r.Biz, Family: s.family, Type: r.Type, Actor: r.Actor, Correlation: r.Correlation,
		Trace: r.Trace, BodyHash: r.BodyHash, Time: r.Time, Data: data,
	}
	if c.ID == "" {
		c.ID = nuid.Next()
	}
	if c.Correlation == "" {
		c.Correlation = c.ID
	}
	if c.Time.IsZero() {
		c.Time = time.Now()
	}
	return c, nil
}

// Send stores a request's command, once: a command with the same id that is stored
// already is returned instead, and existed says so. Errors are those of Build and
// events.PublishCommand; after fault.Unavailable sending again with the same ID is safe.
func Send(ctx context.Context, js jetstream.JetStream, r Request) (stored events.StoredCommand, existed bool, err error) {
	c, err := Build(r)
	if err != nil {
		return events.StoredCommand{}, false, err
	}
	seq, existing, err := events.PublishCommand(ctx, js, c)
	if err != nil {
		return events.StoredCommand{}, false, err
	}
	if existing != nil {
		return *existing, true, nil
	}
	return events.StoredCommand{Command: c, Seq: seq}, false, nil
}

// DerivedID is the command id that always belongs to the same parts: prefix, then
// 52 of [a-z2-7], the SHA-256 of the parts, each led by its length.
func DerivedID(prefix string, parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}
