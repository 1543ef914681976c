package events

import (
	"strings"
	"time"
	"unicode"

	"muster/internal/fault"
)

// Type is the stable, explicit name of an event or command, such as
// "group.created". It is never a Go type name.
type Type string

// The content encodings of an event's payload.
const (
	EncodingJSON      = "json"      // the default; small events
	EncodingRoaring64 = "roaring64" // portable Roaring64Map of user ids
	EncodingCSVZstd   = "csv+zstd"  // zstd'ed CSV rows
)

// Event is one thing that happened to one aggregate. Before the append ID, Time,
// Encoding, Seq and the hashes may be empty; the store fills them in.
type Event struct {
	ID      string // unique; random unless given. A given id makes the append idempotent
	Type    Type
	Version int // schema version of the payload, 1 or more
	Subject Subject
	Seq     uint64    // sequence in the stream; 0 before the append
	Time    time.Time // when it was decided, UTC

	Actor       string // who: key id or policy name; never a person's data
	CommandID   string // the command that caused it
	Correlation string // the command that started the whole story
	Trace       string // W3C traceparent

	Encoding string // one of the Encoding constants
	Count    uint64 // how many users or rows a bulk event carries
	Part     uint64 // which chunk or range of its bulk this is, from 1; 0 for small events

	PrevHash string // hash of the event before it on the subject; "" for the first
	Sum      string // checksum of Data: first 16 bytes of its SHA-256, hex
	Hash     string // chain hash, see hashOf; first 16 bytes of a SHA-256, hex

	Data []byte // nil when read without payload
}

// Version is the position of an aggregate: its last event. The zero Version says
// that the aggregate does not exist yet.
type Version struct {
	Seq  uint64 // stream sequence of the last event; 0 means none
	Hash string // that event's hash; may be empty, then the store looks it up
}

// At returns the version an aggregate has when e is its last event.
func (e *Event) At() Version { return Version{Seq: e.Seq, Hash: e.Hash} }

const maxHeaderValue = 512 // bytes of one envelope field

// check reports what makes the event impossible to store.
func (e *Event) check() error {
	if e.Type == "" {
		return fault.Field("type", "an event needs a type")
	}
	if e.Version < 1 {
		return fault.Field("version", "event %s needs a schema version of 1 or more", e.Type)
	}
	for name, v := range map[string]string{
		"id": e.ID, "type": string(e.Type), "actor": e.Actor, "command_id": e.CommandID,
		"correlation": e.Correlation, "trace": e.Trace, "encoding": e.Encoding,
	} {
		if err := checkHeaderValue(name, v); err != nil {
			return err
		}
	}
	return nil
}

// checkHeaderValue refuses what a NATS header cannot carry unchanged: control
// characters, and spaces at either end.
func checkHeaderValue(name, v string) error {
	if len(v) > maxHeaderValue {
		return fault.Field(name, "longer than %d bytes", maxHeaderValue)
	}
	if strings.TrimSpace(v) != v || strings.ContainsFunc(v, unicode.IsControl) {
		return fault.Field(name, "must not hold control characters or begin or end with a space")
	}
	return nil
}
