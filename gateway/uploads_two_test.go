package gateway_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/gateway"
	"muster/imports"
	"muster/internal/telemetry"
)

// stalling is a log whose next append is done, and then holds its caller up until it is let go.
type stalling struct {
	*events.Store
	done, release chan struct{}
}

func newStalling(s *events.Store) *stalling {
	return &stalling{Store: s, done: make(chan struct{}, 1), release: make(chan struct{})}
}

func (s *stalling) Append(ctx context.Context, appends []events.Append) ([]events.Version, error) {
	v, err := s.Store.Append(ctx, appends)
	s.done <- struct{}{}
	<-s.release
	return v, err
}

// ingester writes through a stalling log.
func (s *stalling) ingester(t *testing.T) *imports.Ingester {
	catalog, err := events.NewCatalog(events.All())
	must(t, err)
	codec, err := rows.NewCodec()
	must(t, err)
	return imports.New(s, catalog, codec, natstest.Quiet())
}

// serve runs another gateway and returns a house that asks it.
func (h *house) serve(opt gateway.Options) *house {
	h.t.Helper()
	opt.Metrics = telemetry.NewMetrics("test")
	g := gateway.New(opt)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx, l) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("another gateway: %v", err)
		}
	})
	<-g.Ready()
	other := *h
	other.gw, other.url = g, "http://"+l.Addr().String()
	return &other
}

// TestOneKeyAtTwoGateways lets both read the same upload to its end before either stores its command: both
// get the same answer, whoever is first, and the upload counts once.
func TestOneKeyAtTwoGateways(t *testing.T) {
	for name, order := range map[string][2]int{"the first stores first": {0, 1}, "the second stores first": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			var logs [2]*stalling
			var opt gateway.Options
			h := open(t, func(o *options) {
				for i := range logs {
					logs[i] = newStalling(o.Store)
				}
				opt = o.Options
				o.Ingester, opt.Ingester = logs[0].ingester(t), logs[1].ingester(t)
			})
			doors := [2]*house{h, h.serve(opt)}
			group := h.shop()
			for _, path := range []string{"/v1/shop/groups/" + group + "/members", "/v1/shop/users:import"} {
				for i := range logs {
					logs[i].release = make(chan struct{})
				}
				eventually(t, "the second gateway knows the product line", func() bool { return doors[1].call("GET", "/v1/shop/groups", "").status == 200 })
				var answers [2]answer
				var ended [2]sync.WaitGroup
				for i := range doors {
					ended[i].Go(func() {
						answers[i] = doors[i].stream("POST", path+"?wait=20s", strings.NewReader("user_id\n1\n2\n"), "Content-Type", "text/csv", "Idempotency-Key", "k "+path)
					})
					<-logs[i].done
				}
				for _, i := range order {
					close(logs[i].release)
					ended[i].Wait()
				}
				first, second := answers[0].json(t), answers[1].json(t)
				if answers[0].status != 200 || answers[1].status != 200 || first["command_id"] != second["command_id"] || first["accepted"] != second["accepted"] {
					t.Fatalf("%d %s and %d %s", answers[0].status, answers[0].body, answers[1].status, answers[1].body)
				}
			}
			if g := h.want(200, "GET", "/v1/shop/groups/"+group, ""); g["version"] != 1.0 || g["count"] != 2.0 {
				t.Fatalf("the group is %v", g)
			}
		})
	}
}

// TestAnUploadTooManyIsToldToComeBack keeps the one upload that is allowed at once open: the next is refused
// before it is read, and taken once there is room.
func TestAnUploadTooManyIsToldToComeBack(t *testing.T) {
	var log *stalling
	h := open(t, func(o *options) {
		log = newStalling(o.Store)
		o.Ingester, o.MaxUploads = log.ingester(t), 1
	})
	h.shop()
	send := func() answer { return h.call("POST", "/v1/shop/users:import", "user_id\n1\n", csv...) }
	ended := make(chan answer, 1)
	go func() { ended <- send() }()
	<-log.done
	refused := send()
	if refused.problem(t, 429, "rate_limited"); refused.header.Get("Retry-After") == "" {
		t.Fatalf("it is not said when to come back: %v", refused.header)
	}
	close(log.release)
	for _, a := range []answer{<-ended, send()} {
		if a.status != 202 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
}
