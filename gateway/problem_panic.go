package gateway

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

// recovered keeps a mistake in one handler from ending the process, which fasthttp would
// let happen: with the gateway, the senders of the same process would die.
func (g *Gateway) recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = g.panicked(c.UserContext(), c.Method()+" "+c.Route().Path, v)
			c.Response().Reset() // what was begun is not the answer
		}
	}()
	return c.Next()
}

// guarded is fn, whose panic is an error. Goroutines of a request need it for themselves:
// nobody but they can recover them.
func (g *Gateway) guarded(ctx context.Context, where string, fn func() error) func() error {
	return func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = g.panicked(ctx, where, v)
			}
		}()
		return fn()
	}
}

// panicked logs a panic that was just recovered, and returns what may be said of it.
func (g *Gateway) panicked(ctx context.Context, where string, v any) error {
	g.opt.Log.ErrorContext(ctx, "a request panicked", "operation", where, "panic", harmless(v), "stack", stack())
	return fault.New(fault.Internal, "a handler panicked")
}

// harmless says what kind of panic it was. Only the runtime's own words are known to hold
// nothing of a request, and so of a person.
func harmless(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", v)
}

const maxFrames = 64

// stack names the functions and lines from the panic up. Unlike runtime/debug's it leaves
// out arguments: an id or a phone is a number among them.
func stack() string {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s %s:%d\n", f.Function, f.File, f.Line)
		if !more {
			return b.String()
		}
	}
}
