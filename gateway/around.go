package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"muster/internal/fault"
)

// around is what happens with every request: limits, headers, measures.
func (g *Gateway) around(c *fiber.Ctx) error {
	start := g.opt.Clock()
	c.SetUserContext(g.base)
	b := g.takeBody(c)
	c.Locals(bodyLocal{}, b)
	method := c.Method()
	if method == http.MethodHead { // everything that can be read answers as to GET; fasthttp leaves the body out
		c.Method(http.MethodGet)
	}
	err := g.admit(c)
	if err != nil {
		err = g.fiberError(c, err)
	}
	if !b.drain() {
		c.Context().SetConnectionClose()
		if own, ok := b.conn.(*conn); ok {
			own.unread.Store(!own.ended.Load())
		}
	}
	secure(c)
	// Bodies that are streamed set a deadline for every piece.
	_ = c.Context().Conn().SetWriteDeadline(time.Now().Add(g.opt.Quiet))
	g.measure.request(method, c.Route().Path, c.Response().StatusCode(), g.opt.Clock().Sub(start))
	return err
}

// admit lets nobody in before the log has been read.
func (g *Gateway) admit(c *fiber.Ctx) error {
	select {
	case <-g.ready:
	default:
		if p := c.Path(); p == "/v1" || strings.HasPrefix(p, "/v1/") {
			return writeProblem(c, problemOf(notReady()))
		}
	}
	return g.recovered(c)
}

func (g *Gateway) takeBody(c *fiber.Ctx) *body {
	b := &body{conn: c.Context().Conn(), quiet: g.opt.Quiet, want: c.Request().Header.ContentLength()}
	if s := c.Context().RequestBodyStream(); s != nil {
		b.r = s
	}
	if b.want == -2 { // no body at all
		b.want, b.r = 0, nil
	}
	return b
}

// onlyMethods answers methods that no path takes, which Fiber would do without a problem's
// form and headers.
func (g *Gateway) onlyMethods(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	known := g.app.Config().RequestMethods
	return func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(known, string(ctx.Method())) {
			next(ctx)
			return
		}
		c := g.app.AcquireCtx(ctx)
		defer g.app.ReleaseCtx(c)
		ctx.SetConnectionClose() // nobody reads what may follow
		_ = g.fiberError(c, fiber.ErrNotImplemented)
	}
}

// adapted serves with a handler of net/http. It is not asked for addresses that net/http
// would refuse; fasthttp's adaptor calls those our fault.
func adapted(h http.Handler) fiber.Handler {
	serve := fasthttpadaptor.NewFastHTTPHandler(h)
	return func(c *fiber.Ctx) error {
		if _, err := url.ParseRequestURI(string(c.Context().RequestURI())); err != nil {
			return fault.New(fault.Invalid, "the address could not be read: %% is followed by two hexadecimal digits")
		}
		serve(c.Context())
		return nil
	}
}

// secure sets the headers that keep a browser from doing anything clever with answers.
func secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	if c.GetRespHeader(fiber.HeaderContentSecurityPolicy) == "" {
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	}
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
}

// duration reads "10s", "500ms" or a bare number of seconds, at most limit.
func duration(s string, limit time.Duration) (time.Duration, bool) {
	if s == "" {
		return 0, true
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		n, nerr := strconv.Atoi(s)
		if nerr != nil || n > int(limit/time.Second) {
			return limit, nerr == nil
		}
		d = time.Duration(n) * time.Second
	}
	return min(max(d, 0), limit), d >= 0
}
