package segments

import (
	"fmt"

	"muster/internal/fault"
)

// Error says what is wrong with an expression, and where. It unwraps to a
// *fault.Error, so that callers who only know codes see one.
type Error struct {
	At   Pos
	Msg  string     // for people, without the position
	Code fault.Code // fault.Invalid, or fault.TooLarge for more than MaxBytes
}

// Field is the JSON path to blame, from the request's "where" on.
func (e *Error) Field() string {
	if e.At.Path == "" {
		return "where"
	}
	if e.At.Path[0] == '[' {
		return "where" + e.At.Path
	}
	return "where." + e.At.Path
}

// Message is Msg led by line and column when the expression was text.
func (e *Error) Message() string {
	if e.At.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d, column %d: %s", e.At.Line, e.At.Col, e.Msg)
}

// Error says field, position and message.
func (e *Error) Error() string { return e.Field() + ": " + e.Message() }

// Unwrap gives the error its code, field and message.
func (e *Error) Unwrap() error {
	return &fault.Error{Code: e.Code, Field: e.Field(), Msg: e.Message()}
}

func errAt(at Pos, format string, args ...any) *Error {
	return &Error{At: at, Code: fault.Invalid, Msg: fmt.Sprintf(format, args...)}
}

func tooLarge() *Error {
	return &Error{Code: fault.TooLarge, Msg: fmt.Sprintf("the expression has more than %d bytes", MaxBytes)}
}

// clip shortens what a stranger wrote for use in a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
