// Package fault is the one table of error codes. Every error that may reach a
// user carries one of them; the gateway turns codes into HTTP problems in one
// place. It never holds secrets or personal data.
package fault

import (
	"errors"
	"fmt"
)

// Code is a stable, machine-readable name of what went wrong.
type Code string

// The codes. Each maps to exactly one HTTP status in the gateway.
const (
	Invalid      Code = "invalid"             // the request is wrong and will stay wrong
	NotFound     Code = "not_found"           // the thing named does not exist
	Conflict     Code = "conflict"            // the thing's state, or another writer, forbids it
	Changed      Code = "precondition_failed" // it is not, or no longer, what the request says it is
	Unauthorized Code = "unauthorized"        // no key, or an unknown one
	Forbidden    Code = "forbidden"           // the key may not do this
	TooLarge     Code = "too_large"           // over a documented limit
	RateLimited  Code = "rate_limited"        // try again later
	Unavailable  Code = "unavailable"         // an engine is away; try again
	Timeout      Code = "timeout"             // accepted, but not finished within the wait
	Internal     Code = "internal"            // our fault; details are in the log only
	Mismatch     Code = "key_mismatch"        // an idempotency key came back with another body
	Corrupt      Code = "corrupt"             // the log has a hole, or a hash does not match
	Unsupported  Code = "not_supported"       // a known thing that this version does not do
)

// Error is an error with a code and, where one is to blame, the field, line or row.
type Error struct {
	Code  Code
	Field string // JSON path, CSV column or flag; may be empty
	Line  uint64 // 1-based line or row of an upload; 0 when there is none
	Msg   string // for people: says what is wrong and what would be right
	Err   error  // the cause, for logs; never shown to users
}

// Error says the message, led by field and line where there are any.
func (e *Error) Error() string {
	s := e.Msg
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Line > 0 {
		s = fmt.Sprintf("line %d: %s", e.Line, s)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error with a code and a message for people.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// Field makes an Invalid error that blames one field.
func Field(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// Wrap gives err a code and says what was being done. A nil err stays nil; an
// error that carries a code already keeps it.
func Wrap(code Code, err error, doing string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return &Error{Code: code, Msg: doing, Err: err}
}

// CodeOf returns the code err carries; Internal when it carries none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is says whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }
