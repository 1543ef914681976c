package gateway_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/policies"
	"muster/projections/queries"
)

// resolve runs the policy that finds the users of phones.
func (h *house) resolve() {
	h.t.Helper()
	catalog, err := events.NewCatalog(events.All())
	must(h.t, err)
	codec, err := rows.NewCodec()
	must(h.t, err)
	q, err := queries.New(queries.Options{DB: h.db, Store: h.nats.Store, NATS: h.nats.Connect(), Log: natstest.Quiet(), Poll: 20 * time.Millisecond})
	must(h.t, err)
	p := policies.NewResolve(policies.Options{JS: h.nats.JS, Store: h.nats.Store, Catalog: catalog, Codec: codec, Log: natstest.Quiet()}, q)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("resolve: %v", err)
		}
		q.Close()
	})
}

// TestUnmatchedPhonesAreThoseSinceTheLastReplace adds phones that nobody has in several uploads: the group's
// count and the CSV hold all of them, until the members are replaced.
func TestUnmatchedPhonesAreThoseSinceTheLastReplace(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.shop()
	h.resolve()
	h.want(200, "POST", "/v1/shop/users:import?wait=20s", "user_id,phone\n1,13800000001\n2,13800000002\n", csv...)
	group := fmt.Sprint(h.want(200, "POST", "/v1/shop/groups?wait=20s", `{"name":"phones","kind":"ids","identity":"phone"}`)["id"])
	at := "/v1/shop/groups/" + group
	for version, step := range []struct {
		method, mode string
		phones       string
		count        float64
		unmatched    []string
	}{
		{"POST", "", "13800000001 13900000001 13900000002", 1, []string{"13900000001", "13900000002"}},
		{"POST", "", "13800000002 13900000003", 2, []string{"13900000001", "13900000002", "13900000003"}},
		{"POST", "", "13800000002", 2, []string{"13900000001", "13900000002", "13900000003"}},
		{"DELETE", "", "13800000001", 1, []string{"13900000001", "13900000002", "13900000003"}},
		{"POST", "&mode=replace", "13800000001 13800000002 13900000004", 2, []string{"13900000004"}},
		{"POST", "", "13900000005", 2, []string{"13900000004", "13900000005"}},
		{"POST", "&mode=replace", "13800000001", 1, nil},
	} {
		h.want(200, step.method, at+"/members?wait=20s"+step.mode, strings.ReplaceAll(step.phones, " ", "\n")+"\n", lines...)
		var g map[string]any
		eventually(t, "the phones are resolved", func() bool {
			g = h.want(200, "GET", at, "")
			return g["version"] == float64(version+1)
		})
		got := strings.Fields(string(h.call("GET", at+"/unmatched.csv", "").body))
		if len(got) == 0 || got[0] != "phone" {
			t.Fatalf("version %d: the CSV is %q", version+1, got)
		}
		got = got[1:]
		slices.Sort(got)
		if g["unmatched"] != float64(len(step.unmatched)) || g["count"] != step.count || !slices.Equal(got, step.unmatched) {
			t.Fatalf("version %d: the group has %v users and %v unmatched phones, the CSV %q; want %v and %q",
				version+1, g["count"], g["unmatched"], got, step.count, step.unmatched)
		}
	}
}
