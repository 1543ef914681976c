package events

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// ConflictError says that another writer was first: load again, decide again.
// It carries fault.Conflict.
type ConflictError struct {
	Subject          Subject
	Expected, Actual uint64 // last stream sequence of the subject; 0 means none
}

// Error says both versions.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s is at %d, expected %d", e.Subject, e.Actual, e.Expected)
}

// Unwrap gives the error its code.
func (e *ConflictError) Unwrap() error {
	return fault.New(fault.Conflict, "changed by someone else in the meantime; try again")
}

// CorruptError says that the log has a hole, or holds something that was not
// written there. Nothing at or after Seq may be read. It carries fault.Corrupt.
type CorruptError struct {
	Stream  string
	Seq     uint64 // the first sequence that cannot be trusted
	Subject string // "" when the message is missing
	Reason  string
}

// Error says where and why.
func (e *CorruptError) Error() string {
	at := e.Subject
	if at != "" {
		at = " (" + at + ")"
	}
	return fmt.Sprintf("%s is damaged at sequence %d%s: %s", e.Stream, e.Seq, at, e.Reason)
}

// Unwrap gives the error its code.
func (e *CorruptError) Unwrap() error {
	return fault.New(fault.Corrupt, "the event log is damaged at %s sequence %d", e.Stream, e.Seq)
}

// Server error codes that this package tells apart (nats-server errors.json). The
// codes of a conflict (10071, 10164, and for batches 10077 and 10201) are not among
// them: after any refusal the store looks at what is stored, and so needs no trust
// in which code a server of which version and replication answers.
const (
	codeNotFound       = 10037 // no message found
	codeExceedsMaximum = 10054 // message size exceeds maximum allowed
	codeAtomicDisabled = 10174 // the stream was not made by EnsureStreams
	codeBatchTooLarge  = 10199 // more than 1,000 messages
)

// apiCode is the server's error code in err, 0 when there is none.
func apiCode(err error) int {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return int(api.ErrorCode)
	}
	return 0
}
