package gateway_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestUsersAreFound(t *testing.T) {
	h := open(t)
	h.shop()
	var b strings.Builder
	b.WriteString("user_id,phone,openid,attributes\n7,13800000001,open 7+&,\"{\"\"city\"\":\"\"上海\"\"}\"\n18446744073709551615,13800000001,,\n")
	for id := range 21 {
		fmt.Fprintf(&b, "%d,13900000000,,\n", 100+id)
	}
	h.want(200, "POST", "/v1/shop/users:import?wait=30s", b.String(), csv...)
	const door = "/v1/shop/users:find"
	find := func(sought string) (ids []string) {
		t.Helper()
		for _, u := range h.want(200, "POST", door, sought)["items"].([]any) {
			ids = append(ids, fmt.Sprint(u.(map[string]any)["user_id"]))
		}
		return ids
	}
	for sought, want := range map[string]string{
		`{"id":7}`: "7", `{"id":"7"}`: "7", `{"id":"18446744073709551615"}`: "18446744073709551615", `{"id":0}`: "",
		`{"phone":"13800000001"}`: "7 18446744073709551615", `{"phone":"+138 0000-0001"}`: "7 18446744073709551615", `{"phone":"1"}`: "",
		`{"openid":"open 7+&"}`: "7", `{"openid":"open"}`: "", `{"openid":"13800000001"}`: "",
	} {
		if got := strings.Join(find(sought), " "); got != want {
			t.Errorf("%s: %q, want %q", sought, got, want)
		}
	}
	one := h.want(200, "POST", door, `{"id":7}`)["items"].([]any)[0].(map[string]any)
	if one["phone"] != "13800000001" || one["openid"] != "open 7+&" || fmt.Sprint(one["attributes"], one["tags"]) != "map[city:上海] []" {
		t.Errorf("%v", one)
	}
	first := h.want(200, "POST", door, `{"phone":"13900000000"}`)
	second := h.want(200, "POST", door+"?cursor="+fmt.Sprint(first["next"]), `{"phone":"13900000000"}`)
	if last := second["items"].([]any); len(first["items"].([]any)) != 20 || len(last) != 1 || last[0].(map[string]any)["user_id"] != 120.0 || second["next"] != nil {
		t.Errorf("%v %v", first, second)
	}
	for _, bad := range []struct{ query, body, field string }{
		{"", `{}`, "id"}, {"", `{"id":7,"phone":"1"}`, "id"}, {"", `{"phone":"1","openid":""}`, "id"}, {"", `{"id":"x"}`, "id"}, {"", `{"id":-1}`, "id"},
		{"", `{"phone":""}`, "phone"}, {"", `{"phone":"abc"}`, "phone"}, {"", `{"phone":"0"}`, "phone"}, {"", `{"openid":" "}`, "openid"}, {"?cursor=x", `{"phone":"1"}`, "cursor"},
	} {
		if p := h.problem(400, "invalid", "POST", door+bad.query, bad.body); !strings.Contains(fmt.Sprint(p["errors"]), "field:"+bad.field+" ") {
			t.Errorf("%v: %v", bad, p)
		}
	}
	h.problem(404, "not_found", "POST", "/v1/none/users:find", `{"id":7}`)
	if a := h.call("GET", "/v1/shop/users?phone=13800000001", ""); a.status < 400 {
		t.Errorf("a phone in an address: %d", a.status)
	}
}

// Looking for somebody changes nothing: a key that only looks may do it, without a key of its own for the command.
func TestAViewerFindsUsers(t *testing.T) {
	h := open(t)
	h.shop()
	viewer := fmt.Sprint(h.want(200, "POST", "/v1/keys", `{"name":"looks","role":"viewer","biz":"shop"}`)["key"])
	h.want(200, "POST", "/v1/shop/users:find", `{"phone":"1"}`, "Authorization", "Bearer "+viewer, "Content-Type", "application/json")
}

func TestAUsersOrdersArePaged(t *testing.T) {
	h := open(t)
	h.shop()
	rows := "order_id,user_id,paid_at,product_id,product_group_id,amount,status\na,7,2026-03-03T00:00:00Z,70,3,9.90,paid\nb/ 2,7,2026-03-02T00:00:00Z,70,3,1,refunded\n" +
		"c,7,2026-03-02T00:00:00Z,70,3,1,paid\nd,7,2026-03-01T00:00:00Z,71,3,1,paid\nmoved,7,2026-03-04T00:00:00Z,70,3,1,paid\n"
	h.want(200, "POST", "/v1/shop/orders:import?wait=30s", rows, csv...)
	h.want(200, "POST", "/v1/shop/orders:import?wait=30s", "order_id,user_id,paid_at,product_id,product_group_id,amount,status\nmoved,8,2026-03-04T00:00:00Z,70,3,1,paid\n", csv...)
	for limit, want := range map[int]string{1: "[1 1 1 1] [a b/ 2 c d]", 3: "[3 1] [a b/ 2 c d]", 4: "[4] [a b/ 2 c d]"} {
		sizes, all := h.pages(fmt.Sprintf("/v1/shop/users/7/orders?limit=%d", limit), "order_id")
		if got := fmt.Sprint(sizes, all); got != want {
			t.Errorf("%d at a time: %s, want %s", limit, got, want)
		}
	}
	first := h.want(200, "GET", "/v1/shop/users/7/orders", "")["items"].([]any)[0].(map[string]any)
	if first["product_id"] != 70.0 || first["product_group_id"] != 3.0 || first["status"] != "paid" || first["paid_at"] != "2026-03-03T00:00:00Z" || !strings.HasPrefix(fmt.Sprint(first["amount"]), "9.9") {
		t.Errorf("%v", first)
	}
	if _, all := h.pages("/v1/shop/users/9/orders?limit=2", "order_id"); len(all) != 0 {
		t.Errorf("of nobody: %v", all)
	}
	for _, path := range []string{"7/orders?cursor=x", "7/orders?cursor=MTIz", "7/orders?limit=0"} {
		h.problem(400, "invalid", "GET", "/v1/shop/users/"+path, "")
	}
	h.problem(404, "not_found", "GET", "/v1/shop/users/x/orders", "")
}
