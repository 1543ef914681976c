package gateway_test

import (
	"fmt"
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
