package gateway_test

import (
	"fmt"
	"testing"
	"time"
)

// A projection that stopped is shown to whoever watches, without the reason, and takes no
// gateway out of the rotation: the others answer nothing else.
func TestReadyzNamesStoppedProjections(t *testing.T) {
	h := open(t, func(o *options) { o.noReadModel = true })
	if r := h.want(200, "GET", "/readyz", ""); r["stopped_projections"] != nil {
		t.Fatalf("%v", r)
	}
	must(t, h.db.Exec(t.Context(), fmt.Sprintf("INSERT INTO faults (projection, rev, seq, error, cleared, at) VALUES ('orders', 1, 7, 'cannot apply event 7', 0, %d)", time.Now().Unix())))
	r := h.want(200, "GET", "/readyz", "")
	if r["status"] != "ok" || fmt.Sprint(r["stopped_projections"]) != "[orders]" {
		t.Errorf("%v", r)
	}
	if p := h.projection("orders"); p["error"] != "cannot apply event 7" {
		t.Errorf("%v", p)
	}
	must(t, h.db.Close())
	if r := h.want(200, "GET", "/readyz", ""); r["stopped_projections"] != nil {
		t.Errorf("%v", r)
	}
}
