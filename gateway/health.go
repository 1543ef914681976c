package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/internal/fault"
)

// Health says how the parts are.
type Health struct {
	Status string            `json:"status" enum:"ok,unavailable"`
	Checks map[string]string `json:"checks,omitempty"`

	Stopped []string `json:"stopped_projections,omitempty" doc:"What they show stands still; requests are answered all the same, and /v1/projections says why"`
}

const checkTimeout = 2 * time.Second

// register adds every route. Fixed words come before {biz}.
func (g *Gateway) register() {
	g.registerHealth()
	g.registerSession()
	g.registerCommands()
	g.registerProjections()
	g.registerSettings()
	g.registerKeys()
	g.registerBizzes()
	g.registerStreams()
	g.registerGroups()
	g.registerUsers()
	g.registerUploads()
	g.registerSegments()
	g.registerTemplates()
	g.registerCampaigns()
	g.registerEvents()
	// huma describes its own form of errors, which no answer has.
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(g.api.OpenAPI().Components.Schemas.Map(), name)
	}
	if g.opt.Console == nil { // then the description of the API is what there is to see
		g.app.Get("/", func(c *fiber.Ctx) error { return c.Redirect("/docs", http.StatusFound) })
	} else {
		console := adapted(g.opt.Console)
		g.app.Use(func(c *fiber.Ctx) error {
			if c.Method() != http.MethodGet || c.Path() == "/v1" || strings.HasPrefix(c.Path(), "/v1/") {
				return c.Next() // what is no path of the API is answered as the API answers
			}
			return console(c)
		})
	}
}

func (g *Gateway) registerHealth() {
	r := at(Nobody, http.MethodGet, "/healthz", "healthz", tagOperations, "Whether the process lives").forProbes()
	r.op.Responses = map[string]*huma.Response{"200": g.jsonOf("It does", Health{})}
	g.raw(r, func(c *fiber.Ctx) error { return c.JSON(Health{Status: "ok"}) })

	r = at(Nobody, http.MethodGet, "/readyz", "readyz", tagOperations, "Whether requests are answered").forProbes().
		about("The check named writes fails for a while after something could not be stored in the log. A stopped projection is listed, and no reason not to be ready: every gateway has the same read model.")
	r.op.Responses = map[string]*huma.Response{"200": g.jsonOf("They are", Health{}), "503": g.jsonOf("They are not", Health{})}
	g.raw(r, g.readyz)

	if g.opt.Metrics != nil {
		r = at(Viewer, http.MethodGet, "/metrics", "metrics", tagOperations, "Metrics for Prometheus").forProbes()
		r.op.Responses = map[string]*huma.Response{"200": {Description: "Prometheus text format", Content: map[string]*huma.MediaType{"text/plain": {}}}}
		g.raw(r, adapted(g.opt.Metrics.Handler()))
	}
	document := sync.OnceValues(func() ([]byte, error) { return json.Marshal(g.api.OpenAPI()) })
	g.app.Get("/openapi.json", func(c *fiber.Ctx) error {
		b, err := document()
		if err != nil {
			return fault.Wrap(fault.Internal, err, "write the OpenAPI document")
		}
		c.Set(fiber.HeaderContentType, "application/openapi+json")
		return c.Send(b)
	})
	g.app.Get("/docs", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		c.Set(fiber.HeaderContentSecurityPolicy, docsPolicy)
		return c.SendString(docsPage)
	})
}

// readyz runs all checks at once. What a check says is for the log: names and states
// are all that is shown to who has no key.
func (g *Gateway) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), checkTimeout)
	defer cancel()
	h := Health{Status: "ok", Checks: map[string]string{"gateway": "ok", "writes": "ok"}}
	select {
	case <-g.ready:
	default:
		h.Checks["gateway"] = "starting"
	}
	if g.damaged.Load() {
		h.Checks["log"] = "unavailable"
	}
	if g.state.isBlind() {
		h.Checks["keys"] = "unavailable"
	}
	if !g.writes.work() {
		h.Checks["writes"] = "unavailable"
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, check := range g.opt.Checks {
		wg.Go(func() {
			state := "ok"
			if err := check.Fn(ctx); err != nil {
				state = "unavailable"
				g.opt.Log.WarnContext(ctx, "not ready", "check", check.Name, "err", err)
			}
			mu.Lock()
			defer mu.Unlock()
			h.Checks[check.Name] = state
		})
	}
	wg.Go(func() { h.Stopped = g.stoppedProjections(ctx) })
	wg.Wait()
	for _, state := range h.Checks {
		if state != "ok" {
			h.Status = "unavailable"
			c.Status(http.StatusServiceUnavailable)
		}
	}
	return c.JSON(h)
}

// stoppedProjections names them; none while the read model is away, of which a check tells.
func (g *Gateway) stoppedProjections(ctx context.Context) []string {
	all, err := g.opt.Queries.Projections(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range all {
		if p.Error != "" {
			names = append(names, p.Name)
		}
	}
	return names
}
