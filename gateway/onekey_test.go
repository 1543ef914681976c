package gateway_test

import (
	"fmt"
	"sync"
	"testing"
)

// shot is one request of many at once.
type shot struct {
	method, path, body string
	contentType        string
}

// atOnce makes every request many times, all at the same time under the same key, and
// returns the command ids that were accepted, by request.
func (h *house) atOnce(t *testing.T, key string, shots ...shot) []map[string]bool {
	t.Helper()
	const each = 12
	ids := make([]map[string]bool, len(shots))
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i, s := range shots {
		ids[i] = map[string]bool{}
		for range each {
			all.Go(func() {
				<-begin
				a := h.call(s.method, s.path, s.body, "Content-Type", s.contentType, "Idempotency-Key", key)
				switch a.status {
				case 202:
					mu.Lock()
					defer mu.Unlock()
					ids[i][fmt.Sprint(a.json(t)["command_id"])] = true
				case 409:
					a.problem(t, 409, "conflict")
				default:
					a.problem(t, 422, "key_mismatch")
				}
			})
		}
	}
	close(begin)
	all.Wait()
	return ids
}

// However many requests come at once under one key: they are one command, and whoever
// asked for something else is told so.
func TestOneKeyIsOneCommandHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	group := h.shop()
	other := fmt.Sprint(h.want(200, "POST", "/v1/shop/groups?wait=20s", `{"name":"other","kind":"ids"}`)["id"])
	json := func(method, path, body string) shot { return shot{method, path, body, "application/json"} }
	upload := func(path, body string) shot { return shot{"POST", path, body, "text/csv"} }
	create := json("POST", "/v1/shop/groups", `{"name":"one","kind":"ids"}`)
	for name, shots := range map[string][]shot{
		"two bodies":      {create, json("POST", "/v1/shop/groups", `{"name":"two","kind":"ids"}`)},
		"two routes":      {create, json("POST", "/v1/shop/groups/"+other+":archive", "")},
		"two families":    {create, json("PUT", "/v1/shop/tags/7", `{"name":"seven"}`), json("POST", "/v1/shop/campaigns", `{"name":"C","template":"t","where":"group(1)"}`)},
		"two uploads":     {upload("/v1/shop/groups/"+group+"/members", "user_id\n1\n"), upload("/v1/shop/groups/"+group+"/members", "user_id\n2\n3\n")},
		"two targets":     {upload("/v1/shop/groups/"+group+"/members", "user_id\n1\n"), upload("/v1/shop/users:import", "user_id\n1\n")},
		"upload and call": {upload("/v1/shop/users:import", "user_id\n1\n"), create},
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 5 {
				key := fmt.Sprint(name, " ", round)
				won := 0
				for i, ids := range h.atOnce(t, key, shots...) {
					if len(ids) > 1 {
						t.Errorf("request %d became %d commands", i, len(ids))
					}
					won += len(ids)
				}
				if won != 1 {
					t.Fatalf("%d kinds of requests were accepted under one key, want 1", won)
				}
			}
		})
	}
}
