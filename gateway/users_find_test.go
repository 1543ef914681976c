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
	find := func(query string) string {
		t.Helper()
		var ids []string
		for _, u := range h.want(200, "GET", "/v1/shop/users?"+query, "")["items"].([]any) {
			ids = append(ids, fmt.Sprint(u.(map[string]any)["user_id"]))
		}
		return strings.Join(ids, " ")
	}
	for query, want := range map[string]string{
		"id=7": "7", "id=18446744073709551615": "18446744073709551615", "id=8": "",
		"phone=13800000001": "7 18446744073709551615", "phone=%2B138%200000-0001": "7 18446744073709551615", "phone=1": "",
		"openid=open%207%2B%26": "7", "openid=open": "", "openid=13800000001": "",
	} {
		if got := find(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	one := h.want(200, "GET", "/v1/shop/users?id=7", "")["items"].([]any)[0].(map[string]any)
	if one["phone"] != "13800000001" || one["openid"] != "open 7+&" || fmt.Sprint(one["attributes"], one["tags"]) != "map[city:上海] []" {
		t.Errorf("%v", one)
	}
	if sizes, all := h.pages("/v1/shop/users?phone=13900000000", "user_id"); fmt.Sprint(sizes) != "[20 1]" || all[20] != "120" {
		t.Errorf("%v %v", sizes, all)
	}
	for query, field := range map[string]string{"": "id", "id=7&phone=1": "id", "id=x": "id", "id=-1": "id", "phone=abc": "phone", "phone=0": "phone", "phone=1&cursor=x": "cursor"} {
		if p := h.problem(400, "invalid", "GET", "/v1/shop/users?"+query, ""); !strings.Contains(fmt.Sprint(p["errors"]), "field:"+field+" ") {
			t.Errorf("%s: %v", query, p)
		}
	}
	h.problem(404, "not_found", "GET", "/v1/none/users?id=7", "")
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
