package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muster/commands"
	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/gateway"
	"muster/imports"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
	"muster/internal/telemetry"
	"muster/projections"
	"muster/projections/queries"
)

// fasthttp never ends the goroutine that keeps its date, and looks every ten seconds
// whether its pool of workers is still needed.
func TestMain(m *testing.M) {
	chtest.Main(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// house is a whole Muster but for sending, on real engines.
type house struct {
	t    *testing.T
	nats *natstest.NATS
	db   *clickhouse.DB
	gw   *gateway.Gateway
	url  string
	key  string // an admin's, for all product lines
	http *http.Client
	stop context.CancelFunc // of the gateway
}

type options struct {
	gateway.Options
	noReadModel bool     // projections do not run
	through     *muffler // the gateway reads through it
}

func open(t *testing.T, change ...func(*options)) *house {
	t.Helper()
	db, dsn := database(t)
	h := &house{t: t, nats: natstest.New(t), db: db, http: &http.Client{Transport: &http.Transport{}}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		h.http.CloseIdleConnections()
		cancel()
		running.Wait()
	})
	if _, err := clickhouse.Migrate(ctx, h.db, os.DirFS("../schemas"), clickhouse.Layout{}); err != nil {
		t.Fatal(err)
	}
	catalog, err := events.NewCatalog(events.All())
	must(t, err)
	codec, err := rows.NewCodec()
	must(t, err)
	q, err := queries.New(queries.Options{DB: h.db, Store: h.nats.Store, NATS: h.nats.Connect(), Log: natstest.Quiet(), Poll: 20 * time.Millisecond})
	must(t, err)
	t.Cleanup(q.Close)
	heads := func(ctx context.Context, stream string) (uint64, error) {
		s, err := h.nats.JS.Stream(ctx, stream)
		if err != nil {
			return 0, err
		}
		return s.CachedInfo().State.LastSeq, nil
	}
	rebuilds := gateway.NewRemoteRebuilds(h.nats.Connect(), natstest.Quiet()) // a connection does not hear itself
	t.Cleanup(rebuilds.Close)
	o := options{Options: gateway.Options{
		JS: h.nats.JS, Store: h.nats.Store, Catalog: catalog, Ingester: imports.New(h.nats.Store, catalog, codec, natstest.Quiet()),
		Queries: gateway.NewReadModel(q, heads, rebuilds.Rebuilding), Rebuilds: rebuilds, Log: natstest.Quiet(), Metrics: telemetry.NewMetrics("test"), Version: "test",
	}}
	for _, c := range change {
		c(&o)
	}
	if o.through != nil {
		o.Queries = h.throughMuffler(t, o.through, dsn, heads)
	}
	start := func(name string, run func(ctx context.Context) error) {
		running.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	start("commands", commands.NewService(commands.Options{JS: h.nats.JS, Store: h.nats.Store, Catalog: catalog, Log: natstest.Quiet()}).Run)
	if !o.noReadModel {
		p, err := projections.New(projections.Options{DB: h.db, JS: h.nats.JS, Log: natstest.Quiet()})
		must(t, err)
		start("projections", p.Run)
	}
	h.gw = gateway.New(o.Options)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	h.url = "http://" + l.Addr().String()
	gctx, stop := context.WithCancel(ctx)
	h.stop = stop
	running.Go(func() {
		if err := h.gw.Run(gctx, l); err != nil && ctx.Err() == nil {
			t.Errorf("gateway: %v", err)
		}
	})
	select {
	case <-h.gw.Ready():
	case <-time.After(30 * time.Second):
		t.Fatal("the gateway is not ready")
	}
	payload, key := gateway.NewKey("test", "*", "admin")
	_, _, err = commands.Send(ctx, h.nats.JS, commands.Request{Biz: events.SystemScope, Type: commands.CreateKeyType, Payload: payload, Actor: "test"})
	must(t, err)
	h.key = key
	eventually(t, "the first key works", func() bool { return h.call("GET", "/v1", "").status == 200 })
	return h
}

// database opens a database of the test's own, which the test may close.
func database(t *testing.T) (db *clickhouse.DB, dsn string) {
	t.Helper()
	dsn = chtest.DSN(t)
	db, err := clickhouse.CreateDatabase(context.Background(), dsn, "")
	must(t, err)
	again, err := clickhouse.Open(context.Background(), dsn)
	must(t, err)
	t.Cleanup(func() {
		_ = db.Close()
		must(t, again.Exec(context.Background(), "DROP DATABASE "+clickhouse.Quote(again.Name())+" SYNC"))
		must(t, again.Close())
	})
	return db, dsn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually looks again until ok, in small steps.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(30 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not in time: %s", what)
		}
	}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(a.body, &out); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return out
}

// call makes a request with the admin's key; header is name, value, ...
func (h *house) call(method, path, body string, header ...string) answer {
	h.t.Helper()
	if body != "" && len(header) == 0 {
		header = []string{"Content-Type", "application/json"}
	}
	return h.stream(method, path, strings.NewReader(body), header...)
}

func (h *house) stream(method, path string, body io.Reader, header ...string) answer {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, body)
	must(h.t, err)
	req.Header.Set("Authorization", "Bearer "+h.key)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := h.http.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		h.t.Fatalf("%s %s: %v after %s", method, path, err, b.String())
	}
	return answer{res.StatusCode, res.Header, b.Bytes()}
}

// want makes a request whose answer is known.
func (h *house) want(status int, method, path, body string, header ...string) map[string]any {
	h.t.Helper()
	a := h.call(method, path, body, header...)
	if a.status != status {
		h.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a.json(h.t)
}

// problem wants a refusal and checks its form.
func (h *house) problem(status int, code, method, path, body string, header ...string) map[string]any {
	h.t.Helper()
	a := h.call(method, path, body, header...)
	return a.problem(h.t, status, code)
}

func (a answer) problem(t *testing.T, status int, code string) map[string]any {
	t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s, want %d %s: %s", a.status, a.header.Get("Content-Type"), status, code, a.body)
	}
	p := a.json(t)
	if p["code"] != code || p["status"] != float64(status) || p["type"] != "urn:muster:problem:"+code || p["title"] == "" {
		t.Fatalf("want %s: %s", code, a.body)
	}
	return p
}

// shop makes the product line shop and a group of it.
func (h *house) shop() (group string) {
	h.t.Helper()
	h.want(200, "PUT", "/v1/shop?wait=20s", `{"name":"Shop","timezone":"Asia/Shanghai"}`)
	return fmt.Sprint(h.want(200, "POST", "/v1/shop/groups?wait=20s", `{"name":"all","kind":"ids"}`)["id"])
}

var csv = []string{"Content-Type", "text/csv"}

var lines = []string{"Content-Type", "text/plain"}
