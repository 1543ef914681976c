package gateway_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
)

// A log that answers but stores nothing is seen by whoever asks whether requests are
// answered, until a command is stored again or nobody has tried for a while.
func TestReadyzSeesALogThatStoresNothing(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	h := open(t, func(o *options) {
		o.Clock = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	h.shop()
	if r := h.want(200, "GET", "/readyz", ""); fmt.Sprint(r["checks"]) != "map[gateway:ok writes:ok]" {
		t.Fatalf("%v", r)
	}
	stream, err := h.nats.JS.Stream(t.Context(), events.StreamCommands)
	must(t, err)
	roomy := stream.CachedInfo().Config
	full := roomy
	full.Discard, full.MaxMsgs = jetstream.DiscardNew, int64(stream.CachedInfo().State.Msgs)
	fill := func(c jetstream.StreamConfig) {
		t.Helper()
		_, err := h.nats.JS.UpdateStream(t.Context(), c)
		must(t, err)
	}
	unready := func() {
		t.Helper()
		h.problem(503, "unavailable", "POST", "/v1/shop/groups", `{"name":"lost","kind":"ids"}`)
		if r := h.want(503, "GET", "/readyz", ""); r["status"] != "unavailable" || fmt.Sprint(r["checks"]) != "map[gateway:ok writes:unavailable]" {
			t.Fatalf("%v", r)
		}
	}
	const stored = `{"name":"stored before","kind":"ids"}`
	repeat := []string{"Content-Type", "application/json", "Idempotency-Key", "before"}

	h.want(202, "POST", "/v1/shop/groups", stored, repeat...)
	full.MaxMsgs++
	fill(full)
	unready()
	h.want(202, "POST", "/v1/shop/groups", stored, repeat...) // stored long ago: proves nothing
	h.want(503, "GET", "/readyz", "")
	fill(roomy)
	h.want(202, "POST", "/v1/shop/groups", `{"name":"kept","kind":"ids"}`)
	h.want(200, "GET", "/readyz", "")

	full.MaxMsgs++
	fill(full)
	unready()
	later.Store(int64(time.Minute)) // somebody has to try again, or it would never be ready
	h.want(200, "GET", "/readyz", "")
}
