package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/imports"
	"muster/internal/fault"
)

// Options are what a gateway is made of. All but Checks, Metrics and the limits are needed.
type Options struct {
	JS       jetstream.JetStream
	Store    *events.Store
	Catalog  *events.Catalog
	Ingester *imports.Ingester
	Queries  Queries
	Rebuilds Rebuilds // nil: this process rebuilds nothing
	Log      *slog.Logger
	Metrics  Metrics          // nil: none are kept
	Console  http.Handler     // serves what is no path of the API; nil: nothing
	Checks   []Check          // what /readyz looks at, beside the gateway itself
	Version  string           // of Muster
	Clock    func() time.Time // default time.Now

	MaxBody    int64         // bytes of a JSON request; default 1 MiB
	MaxUpload  int64         // bytes of an upload; 0 is no limit
	MaxRecord  int           // bytes of one line of an upload; default imports.DefaultMaxRecord
	MaxUploads int           // read at once; default 32
	Read       time.Duration // how long a read may take; default 20 s
	Turn       time.Duration // how long a search of the audit log may wait until it reads; default 5 s
	Quiet      time.Duration // how long a client may send, or take, nothing; default 30 s
}

// Check is one thing that must be well for requests to be answered.
type Check struct {
	Name string
	Fn   func(ctx context.Context) error
}

// Rebuilds starts rebuilds of projections.
type Rebuilds interface {
	// Rebuild begins to rebuild a projection, or all of them ("all"), and returns.
	// fault.NotFound for an unknown name, fault.Conflict when one is under way.
	Rebuild(ctx context.Context, name string) (Rebuild, error)
	// Find returns one that was begun, and what became of it; fault.NotFound for an unknown id.
	Find(id string) (Rebuild, error)
}

// Gateway is the HTTP server.
type Gateway struct {
	opt     Options
	app     *fiber.App
	api     huma.API
	routes  map[string]route // by operation id
	state   *state
	waits   *waits
	writes  *writes
	strikes *strikes
	busy    *busy // uploads under way, by id
	streams *shares
	looks   *shares // searches of the audit log
	measure measure

	base    context.Context // ends when Run ends: what requests go by
	cancel  context.CancelFunc
	mu      sync.Mutex
	address string
	ready   chan struct{}
	damaged atomic.Bool // what it follows of the log cannot be read any further
	once    sync.Once
}

const (
	headerTimeout = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHead       = 16 << 10 // bytes of a request's line and headers
	maxStreams    = 200      // live streams and exports at once; a quarter of them for one key
	stopTimeout   = 10 * time.Second
)

// New makes a gateway; Run starts it.
func New(opt Options) *Gateway {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = 1 << 20
	}
	if opt.Read == 0 {
		opt.Read = 20 * time.Second
	}
	if opt.Turn == 0 {
		opt.Turn = 5 * time.Second
	}
	if opt.Quiet == 0 {
		opt.Quiet = 30 * time.Second
	}
	g := &Gateway{
		opt: opt, routes: map[string]route{}, state: newState(opt.Catalog), waits: newWaits(), writes: newWrites(opt.Clock), strikes: newStrikes(opt.Clock),
		busy: newBusy(opt.MaxUploads), streams: newShares(maxStreams, maxStreams/4), looks: newShares(maxLooks, maxLooks/2), measure: newMeasure(opt.Metrics), ready: make(chan struct{}),
	}
	g.base, g.cancel = context.WithCancel(context.Background())
	g.app = fiber.New(fiber.Config{
		AppName: "Muster", DisableStartupMessage: true, ErrorHandler: g.fiberError,
		StreamRequestBody: true, BodyLimit: 64 << 10, // what is beyond is streamed, not refused
		DisablePreParseMultipartForm: true,
		Immutable:                    true, // strings of a request outlive it: they become commands
		CaseSensitive:                true, StrictRouting: true, UnescapePath: true,
		ReadTimeout: headerTimeout, IdleTimeout: idleTimeout, ReadBufferSize: maxHead,
		RequestMethods: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
	})
	g.app.Server().Handler = g.onlyMethods(g.app.Server().Handler)
	g.app.Use(g.around)
	g.openAPI()
	g.register()
	return g
}

// OpenAPI is the document of every route, ready to be written as JSON.
func (g *Gateway) OpenAPI() *huma.OpenAPI { return g.api.OpenAPI() }

// Ready is closed once requests are answered.
func (g *Gateway) Ready() <-chan struct{} { return g.ready }

// Address is where it listens: "127.0.0.1:8080"; "" before Run.
func (g *Gateway) Address() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.address
}

// Run serves on l until ctx ends or something fails for good; then it finishes the
// requests in hand, for at most 10 seconds.
func (g *Gateway) Run(ctx context.Context, l net.Listener) error {
	defer g.cancel()
	g.mu.Lock()
	g.address = l.Addr().String()
	g.mu.Unlock()
	group, gctx := errgroup.WithContext(ctx)
	caught := make(chan struct{}, 2)
	told := func() { caught <- struct{}{} }
	group.Go(func() error {
		err := events.Follow(gctx, g.opt.JS, events.FollowOptions{Filters: stateFilters(), Log: g.opt.Log, CaughtUp: told}, g.state.apply)
		if fault.Is(err, fault.Corrupt) {
			g.state.goBlind()
		}
		return ended(gctx, g.standStill(gctx, err))
	})
	group.Go(func() error {
		err := events.Follow(gctx, g.opt.JS, events.FollowOptions{OnlyNew: true, HeadersOnly: true, Log: g.opt.Log, CaughtUp: told}, func(e events.Event) error {
			g.waits.apply(e)
			return nil
		})
		return ended(gctx, g.standStill(gctx, err))
	})
	group.Go(func() error {
		for range 2 {
			select {
			case <-caught:
			case <-gctx.Done():
				return nil
			}
		}
		g.once.Do(func() { close(g.ready) })
		return nil
	})
	served := make(chan struct{})
	group.Go(func() error {
		defer close(served)
		return g.app.Listener(listener{l, g.base})
	})
	group.Go(func() error {
		select {
		case <-gctx.Done():
		case <-served:
			return nil
		}
		g.cancel() // live streams, waits, and waiting for clients end first
		return g.app.ShutdownWithTimeout(stopTimeout)
	})
	return group.Wait()
}

// standStill keeps a door open over a damaged log, and says that it is not ready. Keys
// cannot be checked against a log that could not be read once: then it does not open. Where
// the damage is among the keys it stays open for those who need none.
func (g *Gateway) standStill(ctx context.Context, err error) error {
	select {
	case <-g.ready:
	default:
		return err
	}
	if fault.Is(err, fault.Corrupt) {
		g.damaged.Store(true)
	}
	return events.StandStill(ctx, g.opt.Log, "gateway", err)
}

// ended is nil when it was the context that ended a follower.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
