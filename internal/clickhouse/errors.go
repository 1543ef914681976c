package clickhouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"muster/internal/fault"
)

// Codes of ClickHouse that callers tell apart (src/Common/ErrorCodes.cpp).
const (
	CodeUnknownTable = 60
	CodeTableExists  = 57
	CodeTimeout      = 159
	CodeMemoryLimit  = 241
	CodeCancelled    = 394
)

// ServerError is a refusal by the ClickHouse server; reach it by errors.As.
type ServerError struct {
	Code    int    // ClickHouse's code: 60 for a table that is not there
	Name    string // its name: UNKNOWN_TABLE; may be empty
	Message string // the server's words; may quote data, so for logs only
}

func (e *ServerError) Error() string {
	return fmt.Sprintf("ClickHouse: %s (code %d, %s)", e.Message, e.Code, e.Name)
}

// IsCode says whether err is a refusal by the server with one of the codes.
func IsCode(err error, codes ...int) bool {
	var e *ServerError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code == c {
			return true
		}
	}
	return false
}

// wrap gives a driver's error its fault code. An error that is the caller's
// own deadline or cancellation is Timeout or Unavailable and keeps its cause.
func wrap(ctx context.Context, err error, doing string) error {
	if err == nil {
		return nil
	}
	err = withoutURL(err)
	var ex *ch.Exception
	if errors.As(err, &ex) {
		cause := &ServerError{Code: int(ex.Code), Name: ex.CodeName, Message: ex.Message}
		return fault.Wrap(codeOf(cause.Code), cause, doing)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.Wrap(fault.NotFound, err, doing)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.Timeout, err, doing)
	case ctx.Err() != nil:
		return fault.Wrap(fault.Unavailable, errors.Join(ctx.Err(), err), doing)
	case isAway(err):
		return fault.Wrap(fault.Unavailable, err, doing)
	}
	return fault.Wrap(fault.Internal, err, doing)
}

// withoutURL drops the address from the error of a request: it holds the values of the
// statement's parameters, which may be phone numbers.
func withoutURL(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return fmt.Errorf("%s ClickHouse: %w", u.Op, u.Err)
	}
	return err
}

// codeOf turns the few codes that mean "try again" into fault codes. Every
// other refusal is our fault: users never write SQL.
func codeOf(code int) fault.Code {
	switch code {
	case CodeTimeout, 160, 209:
		return fault.Timeout
	case 202, 203, 210, 225, 236, 241, 242, 243, 252, 279, 319, CodeCancelled, 425, 999:
		return fault.Unavailable
	}
	return fault.Internal
}

// isAway says whether the server could not be reached, or left in the middle.
func isAway(err error) bool {
	for _, e := range []error{
		io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, net.ErrClosed, ch.ErrConnectionClosed, ch.ErrAcquireConnTimeout,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var op *net.OpError
	var link *url.Error
	return errors.As(err, &op) || errors.As(err, &link)
}
