package gateway_test

import (
	"strings"
	"testing"

	"muster/events/natstest"
	"muster/gateway"
)

// rebuiltOf waits until a rebuild has ended.
func (h *house) rebuiltOf(id string) (out map[string]any) {
	h.t.Helper()
	eventually(h.t, "the rebuild ends", func() bool {
		out = h.want(200, "GET", "/v1/projections/rebuilds/"+id, "")
		return out["status"] != "running"
	})
	return out
}

// projection is what the list says of one.
func (h *house) projection(name string) map[string]any {
	h.t.Helper()
	items, _ := h.want(200, "GET", "/v1/projections", "")["items"].([]any)
	for _, i := range items {
		if p, ok := i.(map[string]any); ok && p["name"] == name {
			return p
		}
	}
	h.t.Fatalf("no projection %s in %v", name, items)
	return nil
}

// Every gateway says what a rebuild has made, whichever of them was asked for it.
func TestRebuildIsReported(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.shop()
	other := gateway.NewRemoteRebuilds(h.nats.Connect(), natstest.Quiet())
	t.Cleanup(other.Close)
	must(t, h.nats.Conn.Flush())

	begun := h.want(202, "POST", "/v1/projections/groups:rebuild", "")
	done := h.rebuiltOf(begun["rebuild_id"].(string))
	if done["status"] != "completed" || done["error"] != nil {
		t.Fatalf("rebuilt: %v", done)
	}
	last, _ := h.projection("groups")["last_rebuild"].(map[string]any)
	tables, _ := last["tables"].([]any)
	if len(tables) != 1 || last["id"] != begun["rebuild_id"] || last["at"] == nil {
		t.Fatalf("last rebuild of groups: %v", last)
	}
	if table := tables[0].(map[string]any); table["table"] != "groups" || table["rows"] != 1.0 || table["differing"] != 0.0 {
		t.Errorf("table: %v", table)
	}
	if last := h.projection("sets")["last_rebuild"]; last != nil {
		t.Errorf("sets were not rebuilt: %v", last)
	}
	// One that listened, and one that begins only now.
	late := gateway.NewRemoteRebuilds(h.nats.Connect(), natstest.Quiet())
	t.Cleanup(late.Close)
	for what, r := range map[string]*gateway.RemoteRebuilds{"the other": other, "a new": late} {
		eventually(t, what+" gateway knows the rebuild", func() bool {
			one, err := r.Find(begun["rebuild_id"].(string))
			return err == nil && one.Status == "completed" && len(one.Tables) == 1 && one.Tables[0].Rows == 1
		})
		all, err := r.Rebuilding(t.Context())
		if err != nil || all["groups"].Last == nil || all["groups"].Now {
			t.Errorf("%s gateway shows %+v, %v", what, all, err)
		}
	}
}

func TestRebuildThatFailsIsShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	must(t, h.db.Exec(t.Context(), "DROP TABLE order_owners SYNC"))
	begun := h.want(202, "POST", "/v1/projections/orders:rebuild", "")
	done := h.rebuiltOf(begun["rebuild_id"].(string))
	why, _ := done["error"].(string)
	if done["status"] != "failed" || !strings.Contains(why, "order_owners") {
		t.Errorf("rebuilt: %v", done)
	}
	last, _ := h.projection("orders")["last_rebuild"].(map[string]any)
	if last["error"] != why || h.projection("orders")["rebuilding"] != false {
		t.Errorf("last rebuild of orders: %v", last)
	}
	h.problem(404, "not_found", "GET", "/v1/projections/rebuilds/none", "")
}

func TestRebuildWithoutProjectionsFails(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	asked, other := gateway.NewRemoteRebuilds(n.Connect(), natstest.Quiet()), gateway.NewRemoteRebuilds(n.Connect(), natstest.Quiet())
	t.Cleanup(asked.Close)
	t.Cleanup(other.Close)
	one, err := asked.Rebuild(t.Context(), "all")
	must(t, err)
	for _, r := range []*gateway.RemoteRebuilds{asked, other} {
		eventually(t, "the rebuild fails", func() bool {
			now, err := r.Find(one.ID)
			return err == nil && now.Status == "failed" && strings.Contains(now.Error, "no projections are running")
		})
	}
}
