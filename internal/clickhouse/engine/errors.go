package engine

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"muster/internal/clickhouse/chdb"
)

// ClickHouse error codes that this package raises itself.
const (
	codeBadArguments   = 36
	codeSyntax         = 62
	codeNotImplemented = 48
	codeTimeout        = 159
	codeReadOnly       = 164
	codeCancelled      = 394
	codeUnknown        = 1002
)

// exception makes an error that looks like the engine's own.
func exception(code int, name, format string, args ...any) *chdb.Error {
	return &chdb.Error{Code: code, Msg: fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, fmt.Sprintf(format, args...), name)}
}

// asException gives any error a code and the engine's form.
func asException(err error) *chdb.Error {
	var e *chdb.Error
	switch {
	case !errors.As(err, &e):
		return exception(codeUnknown, "UNKNOWN_EXCEPTION", "%v", err)
	case e.Code == 0:
		return exception(codeUnknown, "UNKNOWN_EXCEPTION", "%s", e.Msg)
	}
	return e
}

// statusOf is the HTTP status a ClickHouse server gives a code
// (src/Server/HTTPHandler.cpp, exceptionCodeToHTTPStatus).
func statusOf(code int) int {
	switch code {
	case 6, 26, 27, 38, 41, 42, 43, 53, 62, 69, 70, 72, 117, 130, 131, 170, 427:
		return http.StatusBadRequest
	case 16, 46, 47, 50, 56, 60, 63, 73, 81, 115, 152:
		return http.StatusNotFound
	case 164, 497:
		return http.StatusForbidden
	case codeNotImplemented:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}

// fail answers with an error. Only for responses whose first byte is not out.
func fail(w http.ResponseWriter, err error) {
	e := asException(err)
	h := w.Header()
	h.Del("X-ClickHouse-Format")
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
	w.WriteHeader(statusOf(e.Code))
	_, _ = w.Write([]byte(e.Msg + "\n"))
}

// failInBody reports an error after rows have gone out: the framed block that
// ClickHouse puts into the body, then a response cut short, so that a client
// that does not know the block cannot take the rows for all of them.
func failInBody(w http.ResponseWriter, tag string, err error) {
	msg := asException(err).Msg
	if len(msg) > 8<<10 {
		msg = msg[:8<<10]
	}
	const marker = "__exception__\r\n"
	_, _ = fmt.Fprintf(w, "\r\n%s%s\r\n%s\n%d %s\r\n%s", marker, tag, msg, len(msg)+1, tag, marker)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
