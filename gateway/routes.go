package gateway

import (
	"context"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

// route is what a path needs beside its description.
type route struct {
	op     huma.Operation
	role   Role
	global bool // needs a key for all product lines
	probed bool // machines ask it, with parameters of their own
}

// at makes a route. id is the operation's name, summary what it does for people.
func at(role Role, method, path, id, tag, summary string) route {
	return route{role: role, op: huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tag}}}
}

// forAll makes a route one for keys of all product lines only.
func (r route) forAll() route {
	r.global = true
	return r
}

// forProbes makes a route one that takes any parameter of the query: an unknown one is no reason to take a process for
// a sick one, and start it again.
func (r route) forProbes() route {
	r.probed = true
	return r
}

// about adds a description.
func (r route) about(text string) route {
	r.op.Description = text
	return r
}

const security = "key"

// openAPI prepares the document and the routes to it.
func (g *Gateway) openAPI() {
	config := huma.DefaultConfig("Muster", g.opt.Version)
	config.DocsPath, config.SchemasPath, config.OpenAPIPath = "", "", ""
	config.CreateHooks = nil // no $schema links in answers
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	config.DefaultFormat = "application/json"
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{ownErrors}
	config.Info.Description = "Gathers users into exact groups and notifies each of them once.\n\n" +
		"Send a key with every call: `Authorization: Bearer <key>`. Changing calls take `Idempotency-Key` and `?wait=`."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		security: {Type: "http", Scheme: "bearer", Description: "A key as `muster keys create` shows it."},
	}
	g.api = huma.NewAPI(config, adapter{humafiber.New(g.app, config).Adapter(), g})
}

// adapter is huma's for Fiber, with what Muster needs around every route: paths with
// a literal colon, authorization, and bodies that know when they were cut off.
type adapter struct {
	huma.Adapter
	g *Gateway
}

// Handle adds one of huma's operations to the app.
func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	r := a.g.routes[op.OperationID]
	escaped := *op
	escaped.Path = strings.ReplaceAll(op.Path, ":", `\:`)
	a.Adapter.Handle(&escaped, func(ctx huma.Context) {
		c := humafiber.Unwrap(ctx)
		if err := a.g.authorize(c, r); err != nil {
			_ = writeProblem(c, a.g.fail(c.UserContext(), op.OperationID, err))
			return
		}
		handler(&requestContext{humaContext: ctx, c: c})
	})
}

// fiberPath is a path as Fiber wants it.
func fiberPath(path string) string {
	return strings.NewReplacer(":", `\:`, "{", ":", "}", "").Replace(path)
}

// humaContext lets requestContext have both huma's context and a method of that name.
type humaContext huma.Context

// requestContext is huma's view of one request.
type requestContext struct {
	humaContext
	c *fiber.Ctx
}

// Unwrap leads to Fiber's own.
func (r *requestContext) Unwrap() huma.Context { return r.humaContext }

// Context is the request's, with the principal.
func (r *requestContext) Context() context.Context { return r.c.UserContext() }

// BodyReader knows when the body was cut off.
func (r *requestContext) BodyReader() io.Reader { return bodyOf(r.c) }

// SetReadDeadline does nothing: the body sets one for every read.
func (*requestContext) SetReadDeadline(time.Time) error { return nil }

// SetStatus takes the status of the problem where huma had one of its own in mind.
func (r *requestContext) SetStatus(code int) {
	if own, ok := r.c.Locals(statusLocal{}).(int); ok {
		code = own
	}
	r.humaContext.SetStatus(code)
}

// statusLocal holds the status of a problem made of one of huma's errors.
type statusLocal struct{}

// ownErrors makes problems of huma's own errors.
func ownErrors(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := problemOfHuma(e)
	humafiber.Unwrap(ctx).Locals(statusLocal{}, p.Status)
	return p, nil
}

// bodyOf is the request's body; made once, by around.
func bodyOf(c *fiber.Ctx) *body {
	b, _ := c.Locals(bodyLocal{}).(*body)
	return b
}

type bodyLocal struct{}

// handle registers a route whose input and output huma reads and writes.
func handle[I, O any](g *Gateway, r route, fn func(ctx context.Context, in *I) (*O, error)) {
	g.describe(&r)
	huma.Register(g.api, r.op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, g.fail(ctx, r.op.OperationID, err)
		}
		return out, nil
	})
}

// raw registers a plain Fiber handler, described to the document all the same.
func (g *Gateway) raw(r route, fn func(c *fiber.Ctx) error) {
	g.describe(&r)
	g.api.OpenAPI().AddOperation(&r.op)
	g.app.Add(r.op.Method, fiberPath(r.op.Path), func(c *fiber.Ctx) error {
		err := g.authorize(c, r)
		if err == nil && !r.probed {
			err = onlyParameters(c, r.op.Parameters)
		}
		if err == nil {
			err = fn(c)
		}
		var f *fiber.Error
		if err == nil || errors.As(err, &f) {
			return err
		}
		return writeProblem(c, g.fail(c.UserContext(), r.op.OperationID, err))
	})
}

// onlyParameters refuses parameters of the query that are not described, as huma does.
func onlyParameters(c *fiber.Ctx, known []*huma.Param) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(c.Queries())) {
		if !slices.ContainsFunc(known, func(p *huma.Param) bool { return p.In == "query" && p.Name == name }) {
			errs = append(errs, fault.Field(name, "unknown query parameter"))
		}
	}
	return errors.Join(errs...)
}

// describe completes an operation: its errors, its limits, its security.
func (g *Gateway) describe(r *route) {
	g.routes[r.op.OperationID] = *r
	r.op.MaxBodyBytes = g.opt.MaxBody
	if r.op.Responses == nil {
		r.op.Responses = map[string]*huma.Response{}
	}
	r.op.Responses["default"] = g.problemFor("What went wrong (RFC 9457)")
	if r.role == Nobody {
		return
	}
	r.op.Security = []map[string][]string{{security: {}}}
	needs := "Needs the role " + r.role.String() + "."
	if r.global {
		needs = "Needs the role " + r.role.String() + " for all product lines."
	}
	r.op.Description = strings.TrimSpace(r.op.Description + "\n\n" + needs)
}

// schema is the registered schema of a value's type.
func (g *Gateway) schema(v any) *huma.Schema {
	return g.api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, "")
}

// jsonOf describes an answer.
func (g *Gateway) jsonOf(description string, v any) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: g.schema(v)}}}
}

// problemFor describes a refusal.
func (g *Gateway) problemFor(description string) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{problemType: {Schema: g.schema(Problem{})}}}
}

// parameter describes a parameter of a plain handler.
func parameter(in, name, description string, required bool) *huma.Param {
	return &huma.Param{In: in, Name: name, Description: description, Required: required, Schema: &huma.Schema{Type: huma.TypeString}}
}

// minSeq is what plain handlers that read take, as all that read do.
func minSeq() *huma.Param {
	return parameter("query", "min_seq", "Answer once the read model holds this sequence of the log", false)
}

func notReady() error { return fault.New(fault.Unavailable, "the gateway is starting; try again") }
