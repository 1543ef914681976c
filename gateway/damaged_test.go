package gateway_test

import (
	"fmt"
	"strings"
	"testing"
)

// A stray message among the events leaves the door open, and it says that something is wrong.
func TestAStrayMessageDoesNotCloseTheDoor(t *testing.T) {
	h := open(t)
	h.shop()
	if _, err := h.nats.JS.Publish(t.Context(), "evt.shop.group.777", []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it says that it is not ready", func() bool { return h.call("GET", "/readyz", "").status == 503 })
	if r := h.want(503, "GET", "/readyz", ""); fmt.Sprint(r["checks"]) != "map[gateway:ok log:unavailable writes:ok]" {
		t.Fatalf("%v", r)
	}
	h.want(200, "GET", "/v1/shop", "")
	h.want(202, "POST", "/v1/shop/groups", `{"name":"still taken","kind":"ids"}`)
}

// A stray message where the keys are kept ends all that is done with keys: one of them may
// have been revoked behind it.
func TestAStrayMessageAmongTheKeysLetsNobodyIn(t *testing.T) {
	h := open(t)
	h.shop()
	live := h.follow("/v1/shop/stream", h.key)
	if _, err := h.nats.JS.Publish(t.Context(), "evt._.key.777", []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no key is let in", func() bool { return h.call("GET", "/v1/shop/groups", "").status == 503 })
	for _, r := range [][2]string{{"GET", "/v1"}, {"GET", "/v1/shop/stream"}, {"GET", "/metrics"}, {"POST", "/v1/shop/groups"}} {
		if p := h.problem(503, "unavailable", r[0], r[1], `{"name":"a","kind":"ids"}`); !strings.Contains(fmt.Sprint(p["detail"]), "keys cannot be checked") {
			t.Errorf("%v: %v", r, p)
		}
	}
	if ended, _ := rest(live); !ended {
		t.Error("a stream goes on")
	}
	h.want(200, "GET", "/healthz", "")
	if a := h.call("GET", "/readyz", ""); a.status != 503 || !strings.Contains(string(a.body), `"keys":"unavailable"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}
