package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

// Problem is an error as a client gets it (RFC 9457).
type Problem struct {
	Type      string          `json:"type" doc:"urn:muster:problem: and the code"`
	Title     string          `json:"title" doc:"What kind of error this is"`
	Status    int             `json:"status" doc:"The HTTP status"`
	Detail    string          `json:"detail,omitempty" doc:"What is wrong, for people"`
	Code      string          `json:"code" doc:"What is wrong, for programs: it never changes" example:"not_found"`
	Errors    []ProblemDetail `json:"errors,omitempty" doc:"What is wrong where"`
	CommandID string          `json:"command_id,omitempty" doc:"The command that was refused"`

	retry time.Duration // when to ask again, of what passes
}

// ProblemDetail blames one place.
type ProblemDetail struct {
	Field   string `json:"field,omitempty" doc:"Path of the field, the parameter or the column"`
	Line    uint64 `json:"line,omitempty" doc:"Line of an upload, from 1"`
	Message string `json:"message"`
}

const problemType = "application/problem+json"

// Error makes a Problem an error that huma writes as it is.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders tells clients how to go on.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="muster"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(max(p.retry, time.Second)/time.Second)))
	}
	return h
}

// waitError says when to ask again. Most of what passes does so at once.
type waitError struct {
	error
	wait time.Duration
}

func (e waitError) Unwrap() error { return e.error }

// statusOf is the one place where a code becomes an HTTP status.
func statusOf(code fault.Code) int {
	switch code {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	case fault.Changed:
		return http.StatusPreconditionFailed
	case fault.Mismatch:
		return http.StatusUnprocessableEntity
	case fault.Unsupported:
		return http.StatusNotImplemented
	default:
		return http.StatusInternalServerError
	}
}

func titleOf(code fault.Code) string {
	switch code {
	case fault.Invalid:
		return "The request is wrong"
	case fault.NotFound:
		return "Not found"
	case fault.Conflict:
		return "The state of things forbids it"
	case fault.Unauthorized:
		return "No valid key"
	case fault.Forbidden:
		return "This key may not do this"
	case fault.TooLarge:
		return "Too large"
	case fault.RateLimited:
		return "Too often"
	case fault.Unavailable:
		return "Not available right now"
	case fault.Timeout:
		return "Not finished in time"
	case fault.Changed:
		return "It is not what the request says it is"
	case fault.Mismatch:
		return "The idempotency key was used for another request"
	case fault.Unsupported:
		return "Not supported"
	default:
		return "Internal error"
	}
}

func newProblem(code fault.Code, detail string) *Problem {
	return &Problem{Type: "urn:muster:problem:" + string(code), Title: titleOf(code), Status: statusOf(code), Code: string(code), Detail: detail}
}

// problemOf makes a Problem of any error. What has no code, and what is ours to
// mend, says nothing of itself: it is for the log.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var e *fault.Error
	if errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &e) {
		return newProblem(fault.Unavailable, "an engine did not answer in time; try again")
	}
	if !errors.As(err, &e) {
		return newProblem(fault.Internal, "this is our fault; the log has the details")
	}
	p = newProblem(e.Code, e.Msg)
	var w waitError
	if errors.As(err, &w) {
		p.retry = w.wait
	}
	if e.Code == fault.Internal || e.Code == "" {
		p.Detail = "this is our fault; the log has the details"
		return p
	}
	for _, e := range faultsOf(err) {
		if e.Field != "" || e.Line > 0 {
			p.Errors = append(p.Errors, ProblemDetail{Field: e.Field, Line: e.Line, Message: e.Msg})
		}
	}
	return p
}

// faultsOf finds every error with a code, joined ones too.
func faultsOf(err error) []*fault.Error {
	switch e := err.(type) { //nolint:errorlint // this is the walk that errors.As does, to the end
	case nil:
		return nil
	case *fault.Error:
		return []*fault.Error{e}
	case interface{ Unwrap() []error }:
		var all []*fault.Error
		for _, one := range e.Unwrap() {
			all = append(all, faultsOf(one)...)
		}
		return all
	}
	return faultsOf(errors.Unwrap(err))
}

// fail logs what a client must not see and returns what it may.
func (g *Gateway) fail(ctx context.Context, where string, err error) *Problem {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError && p.Status != http.StatusNotImplemented {
		g.opt.Log.ErrorContext(ctx, "a request failed", "operation", where, "code", p.Code, "err", err)
	}
	return p
}

// huma tells a body that is no JSON from one whose fields are wrong; for clients of
// Muster both are "invalid". Values are left out: they may be a person's.
func problemOfHuma(e *huma.ErrorModel) *Problem {
	code, detail := fault.Invalid, e.Detail
	switch {
	case e.Status == http.StatusRequestEntityTooLarge:
		code = fault.TooLarge
	case e.Status == http.StatusUnsupportedMediaType:
		detail = "the body must be JSON (Content-Type: application/json)"
	case e.Status == http.StatusRequestTimeout:
		detail = "the body did not arrive in time"
	case e.Status == http.StatusInternalServerError && e.Detail == "cannot read request body":
		detail = "the body was cut off"
	case e.Status >= http.StatusInternalServerError:
		code, detail = fault.Internal, "this is our fault; the log has the details"
	}
	p := newProblem(code, detail)
	if code == fault.Internal {
		return p
	}
	for _, d := range e.Errors {
		if d == nil {
			continue
		}
		field := d.Location
		for _, in := range []string{"body.", "query.", "path.", "header."} {
			field = strings.TrimPrefix(field, in)
		}
		if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
			name, _, _ = strings.Cut(name, " ")
			field = strings.TrimPrefix(strings.TrimPrefix(field, "body")+"."+name, ".")
		}
		p.Errors = append(p.Errors, ProblemDetail{Field: field, Message: d.Message})
	}
	return p
}

// writeProblem answers a plain Fiber request.
func writeProblem(c *fiber.Ctx, p *Problem) error {
	for k, v := range p.GetHeaders() {
		c.Set(k, v[0])
	}
	return c.Status(p.Status).JSON(p, problemType)
}

// stopping says that a request was cut off from this side.
func stopping() error {
	return fault.New(fault.Unavailable, "the server is stopping; nothing of this request counts, send it again")
}

// fiberError is the app's error handler: what routing itself refuses, handlers that
// panicked, and requests that could not be read.
func (g *Gateway) fiberError(c *fiber.Ctx, err error) error {
	if c.Locals(bodyLocal{}) == nil { // it was not read, and the client may still be sending it
		secure(c)
		if own, ok := c.Context().Conn().(*conn); ok {
			own.unread.Store(true)
		}
	}
	var f *fiber.Error
	if !errors.As(err, &f) {
		return writeProblem(c, g.fail(c.UserContext(), c.Method()+" "+c.Route().Path, err))
	}
	p := newProblem(fault.Invalid, "the request could not be read")
	switch {
	case g.base.Err() != nil:
		p = problemOf(stopping())
	case f.Code == http.StatusNotFound:
		p = newProblem(fault.NotFound, "there is no such path")
	case f.Code == http.StatusMethodNotAllowed:
		p = newProblem(fault.Invalid, "this path does not take this method")
		p.Status = f.Code
	case f.Code == http.StatusNotImplemented:
		p = newProblem(fault.Unsupported, "no path takes this method")
	case f.Code == http.StatusRequestEntityTooLarge:
		p = newProblem(fault.TooLarge, "the request is too large")
	case f.Code == http.StatusRequestHeaderFieldsTooLarge:
		p = newProblem(fault.TooLarge, "the request's path and headers are larger than "+strconv.Itoa(maxHead>>10)+" KiB")
		p.Status = f.Code
	case f.Code >= http.StatusInternalServerError:
		p = g.fail(c.UserContext(), "request", err)
	}
	return writeProblem(c, p)
}
