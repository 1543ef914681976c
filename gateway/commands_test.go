package gateway_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestIdempotencyKeys(t *testing.T) {
	h := open(t)
	group := h.shop()
	key := func(k string, more ...string) []string {
		return append([]string{"Idempotency-Key", k, "Content-Type", "application/json"}, more...)
	}
	first := h.want(202, "POST", "/v1/shop/groups", `{"name":"once","kind":"ids"}`, key("k1")...)
	again := h.want(202, "POST", "/v1/shop/groups", `{"kind":"ids","name":"once"}`, key("k1")...)
	if first["command_id"] != again["command_id"] || first["seq"] != again["seq"] {
		t.Errorf("first %v, again %v", first, again)
	}
	waited := h.want(200, "POST", "/v1/shop/groups?wait=20s", `{"name":"once","kind":"ids"}`, key("k1")...)
	if waited["id"] != first["seq"] || waited["name"] != "once" {
		t.Errorf("waited %v, first %v", waited, first)
	}
	h.problem(422, "key_mismatch", "POST", "/v1/shop/groups", `{"name":"twice","kind":"ids"}`, key("k1")...)
	h.problem(422, "key_mismatch", "POST", "/v1/shop/groups/"+group+":archive", "", key("k1")...)
	h.problem(422, "key_mismatch", "POST", "/v1/shop/campaigns", `{"name":"C","template":"t","where":"group(1)"}`, key("k1")...) // of another family
	if l := h.want(200, "GET", "/v1/shop/groups", "")["items"].([]any); len(l) != 2 {
		t.Errorf("%d groups", len(l))
	}

	up := "/v1/shop/groups/" + group + "/members?wait=20s"

	lines := []string{"Idempotency-Key", "u1", "Content-Type", "text/plain"}
	one := h.want(200, "POST", up, "1\n2\nx\n", lines...)
	two := h.want(200, "POST", up, "1\n2\nx\n", lines...)
	if one["command_id"] != two["command_id"] || fmt.Sprint(one["rejected"]) != fmt.Sprint(two["rejected"]) || two["accepted"] != 2.0 {
		t.Errorf("one %v, two %v", one, two)
	}
	h.problem(422, "key_mismatch", "POST", up, "1\n2\n3\n", lines...)
	if v := h.want(200, "GET", "/v1/shop/groups/"+group+"/versions", "")["items"].([]any); len(v) != 1 {
		t.Errorf("%d versions", len(v))
	}
	refused := h.problem(404, "not_found", "POST", "/v1/shop/groups/99:archive?wait=20s", "", key("k2")...)
	if r := h.problem(404, "not_found", "POST", "/v1/shop/groups/99:archive?wait=20s", "", key("k2")...); r["command_id"] != refused["command_id"] {
		t.Errorf("refused %v and %v", refused, r)
	}
	k := h.want(200, "POST", "/v1/keys", `{"name":"a","biz":"shop","role":"viewer"}`, key("k3")...)
	if k["key"] == nil {
		t.Errorf("key %v", k)
	}
	h.problem(409, "conflict", "POST", "/v1/keys", `{"name":"a","biz":"shop","role":"viewer"}`, key("k3")...)
}

func TestTheSameUploadTwiceAtOnce(t *testing.T) {
	h := open(t)
	group := h.shop()
	var body strings.Builder
	for i := range 100_000 {
		fmt.Fprintln(&body, i)
	}
	var all sync.WaitGroup
	status := make([]int, 4)
	for i := range status {
		all.Go(func() {
			status[i] = h.call("POST", "/v1/shop/groups/"+group+"/members?wait=30s", body.String(), "Idempotency-Key", "u", "Content-Type", "text/plain").status
		})
	}
	all.Wait()
	ok := 0
	for _, s := range status {
		switch s {
		case 200:
			ok++
		case 409:
		default:
			t.Errorf("statuses %v", status)
		}
	}
	if g := h.want(200, "GET", "/v1/shop/groups/"+group, ""); ok == 0 || g["count"] != 100_000.0 || g["version"] != 1.0 {
		t.Errorf("%v, group %v", status, g)
	}
}

func TestCommandsAndWaiting(t *testing.T) {
	h := open(t)
	h.shop()
	a := h.want(202, "POST", "/v1/shop/groups", `{"name":"later","kind":"ids"}`)
	status := fmt.Sprint(a["status_url"])
	eventually(t, "the command completes", func() bool { return h.want(200, "GET", status, "")["status"] == "completed" })
	c := h.want(200, "GET", status, "")
	if c["command_id"] != a["command_id"] || c["aggregate"] != "group" || c["aggregate_id"] != fmt.Sprint(a["seq"]) {
		t.Errorf("command %v", c)
	}
	h.want(200, "GET", "/v1/shop/groups/"+fmt.Sprint(a["seq"])+"?min_seq="+fmt.Sprint(c["seq"]), "")
	h.problem(404, "not_found", "GET", "/v1/commands/none", "")
	p := h.want(200, "GET", "/v1/projections", "")
	if items := p["items"].([]any); len(items) < 8 || strings.Contains(fmt.Sprint(items), "rebuilding:true") {
		t.Errorf("projections %v", p)
	}
	s := h.want(200, "PATCH", "/v1/settings?wait=20s", `{"chunk_size":5000}`)
	if s["chunk_size"] != 5000.0 || h.want(200, "GET", "/v1/settings", "")["chunk_size"] != 5000.0 {
		t.Errorf("settings %v", s)
	}
	h.problem(400, "invalid", "PATCH", "/v1/settings?wait=20s", `{"chunk_size":-1}`)
	h.problem(404, "not_found", "POST", "/v1/projections/none:rebuild", "")
	h.want(202, "POST", "/v1/projections/all:rebuild", "")
	eventually(t, "the rebuild ends", func() bool {
		return !strings.Contains(fmt.Sprint(h.want(200, "GET", "/v1/projections", "")), "rebuilding:true")
	})
	h.want(200, "GET", "/v1/shop/groups/"+fmt.Sprint(a["seq"]), "")
}

func TestAWaitThatIsOverAnswersLikeNone(t *testing.T) {
	h := open(t, func(o *options) { o.noReadModel = true })
	a := h.want(202, "PUT", "/v1/shop?wait=1ms", `{"name":"Shop","timezone":"UTC"}`)
	if a["command_id"] == nil {
		t.Errorf("%v", a)
	}
	h.want(200, "PUT", "/v1/shop?wait=20s", `{"name":"Shop","timezone":"UTC"}`) // needs no read model
	h.want(202, "POST", "/v1/shop/groups?wait=100ms", `{"name":"a","kind":"ids"}`)
	refused := h.problem(404, "not_found", "POST", "/v1/shop/groups/99:archive?wait=20s", "")
	if refused["command_id"] == nil {
		t.Errorf("refused %v", refused)
	}
}
