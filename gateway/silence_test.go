package gateway_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"muster/events/natstest"
	"muster/gateway"
	"muster/internal/clickhouse"
	"muster/projections/queries"
)

// muffler stands between the queries and the engine. What the engine says on a connection
// whose last request was one to be muffled is held back, as if the engine had stopped.
type muffler struct {
	mu   sync.RWMutex
	what []byte // part of such a request; nil: none
	open chan struct{}
}

// muffle holds back the answers to requests that contain a text; "" is all of them.
func (m *muffler) muffle(text string) (done func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.what, m.open = []byte(text), make(chan struct{})
	return sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.what = nil
		close(m.open)
	})
}

// wait returns at once unless the request is to be muffled.
func (m *muffler) wait(request []byte) {
	m.mu.RLock()
	hit, open := m.what != nil && bytes.Contains(request, m.what), m.open
	m.mu.RUnlock()
	if hit {
		<-open
	}
}

func (m *muffler) serve(t *testing.T, target string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			all.Go(func() { m.relay(client, server) })
		}
	})
	return l.Addr().String()
}

// relay passes on what both sides say until one hangs up.
func (m *muffler) relay(client, server net.Conn) {
	defer func() { _, _ = client.Close(), server.Close() }()
	go func() {
		defer func() { _, _ = client.Close(), server.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			if err != nil {
				return
			}
			m.wait(buf[:n])
			if _, err := server.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// An engine that answers nothing is away, whatever TCP says of it; one that answers, but
// not this in time, is slow.
func TestASilentEngineIsAwayAndASlowReadIsNot(t *testing.T) {
	t.Parallel()
	var m muffler
	h := open(t, func(o *options) { o.Read = 3 * time.Second; o.through = &m })
	group := "/v1/shop/groups/" + h.shop()
	h.want(200, "GET", group, "")
	reads := map[string][3]string{
		"one":        {"GET", group, ""},
		"list":       {"GET", "/v1/shop/groups", ""},
		"min_seq":    {"GET", group + "?min_seq=1000000", ""},
		"export":     {"GET", group + "/members.csv", ""},
		"count":      {"POST", "/v1/shop/segments:count", `{"where":"tag(1)"}`},
		"find":       {"POST", "/v1/shop/users:find", `{"phone":"1"}`},
		"projection": {"GET", "/v1/projections", ""},
	}
	done := m.muffle("")
	defer done()
	t.Run("silent", func(t *testing.T) {
		for name, r := range reads {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := h.call(r[0], r[1], r[2])
				a.problem(t, 503, "unavailable")
				if a.header.Get("Retry-After") == "" {
					t.Error("no word of when to come back")
				}
			})
		}
		t.Run("command", func(t *testing.T) { // the log knows it
			t.Parallel()
			c := h.want(202, "POST", "/v1/shop/groups", `{"name":"meanwhile","kind":"ids"}`)
			if s := h.want(200, "GET", "/v1/commands/"+c["command_id"].(string), ""); s["status"] != "accepted" {
				t.Errorf("%v", s)
			}
		})
	})
	done()
	h.want(200, "GET", group, "")

	defer m.muffle("group_id")()
	t.Run("slow", func(t *testing.T) { h.problem(504, "timeout", "GET", group, "") })
	t.Run("not there yet", func(t *testing.T) { h.problem(504, "timeout", "GET", "/v1/shop/tags?min_seq=1000000", "") })
	h.want(200, "GET", "/v1/shop/tags", "")
}

// throughMuffler makes a read model that reaches the engine through a muffler.
func (h *house) throughMuffler(t *testing.T, m *muffler, dsn string, heads func(context.Context, string) (uint64, error)) gateway.Queries {
	t.Helper()
	u, err := url.Parse(dsn)
	must(t, err)
	u.Host = m.serve(t, u.Host)
	db, err := clickhouse.Open(context.Background(), u.String())
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	q, err := queries.New(queries.Options{DB: db, Store: h.nats.Store, NATS: h.nats.Connect(), Log: natstest.Quiet(), Poll: 20 * time.Millisecond})
	must(t, err)
	t.Cleanup(q.Close)
	return gateway.NewReadModel(q, heads, nil)
}
