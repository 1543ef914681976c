package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/fault"
)

func TestKeysAndRoles(t *testing.T) {
	h := open(t)
	group := h.shop()
	h.want(200, "PUT", "/v1/other?wait=20s", `{"name":"Other","timezone":"UTC"}`)
	admin := h.key
	make := func(biz, role string) string {
		h.key = admin
		k := h.want(200, "POST", "/v1/keys", fmt.Sprintf(`{"name":"%s of %s","biz":%q,"role":%q}`, role, biz, biz, role))
		return k["key"].(string)
	}
	type call struct {
		method, path, body string
		status             map[string]int // by key; 0 is any that is neither 401 nor 403
	}
	keys := map[string]string{"admin": admin}
	for _, k := range [][2]string{{"shop", "viewer"}, {"shop", "operator"}, {"shop", "admin"}, {"other", "admin"}, {"*", "viewer"}} {
		keys[k[0]+" "+k[1]] = make(k[0], k[1])
	}
	all := func(but map[string]int) map[string]int {
		out := map[string]int{}
		for k := range keys {
			out[k] = but[k]
		}
		return out
	}
	for _, c := range []call{
		{"GET", "/v1/shop/groups/" + group, "", all(map[string]int{"other admin": 403})},
		{"POST", "/v1/shop/groups", `{"name":"a","kind":"ids"}`, all(map[string]int{"other admin": 403, "shop viewer": 403, "* viewer": 403})},
		{"POST", "/v1/shop/groups/" + group + "/members", "1\n", all(map[string]int{"other admin": 403, "shop viewer": 403, "* viewer": 403})},
		{"PUT", "/v1/shop", `{"name":"Shop","timezone":"UTC"}`, all(map[string]int{"other admin": 403, "shop viewer": 403, "shop operator": 403, "* viewer": 403})},
		{"GET", "/v1/shop/groups/" + group + "/members.csv", "", all(map[string]int{"other admin": 403})},
		{"GET", "/v1/settings", "", all(nil)},
		{"PATCH", "/v1/settings", `{"chunk_size":10000}`, all(map[string]int{"other admin": 403, "shop admin": 403, "shop viewer": 403, "shop operator": 403, "* viewer": 403})},
		{"GET", "/v1/keys", "", all(map[string]int{"shop viewer": 403, "shop operator": 403, "* viewer": 403})},
		{"GET", "/metrics", "", all(nil)},
	} {
		for who, want := range c.status {
			h.key = keys[who]
			a := h.call(c.method, c.path, c.body)
			switch {
			case want == 403:
				a.problem(t, 403, string(fault.Forbidden))
			case a.status == 401 || a.status == 403 || a.status >= 500:
				t.Errorf("%s: %s %s: %d %s", who, c.method, c.path, a.status, a.body)
			}
		}
	}
	h.key = keys["shop admin"]
	if items := h.want(200, "GET", "/v1", "")["items"].([]any); len(items) != 1 {
		t.Errorf("a key of shop sees %v", items)
	}
	h.problem(403, "forbidden", "POST", "/v1/keys", `{"name":"too much","biz":"*","role":"admin"}`)
	for _, k := range h.want(200, "GET", "/v1/keys", "")["items"].([]any) {
		if k := k.(map[string]any); k["biz"] != "shop" || k["key"] != nil || k["hash"] != nil {
			t.Errorf("a key of shop sees %v", k)
		}
	}

	h.key = admin
	victim := strings.Split(keys["shop viewer"], "_")[1]
	if k := h.want(200, "DELETE", "/v1/keys/"+victim+"?wait=20s&reason=lost", ""); k["revoked"] != true {
		t.Errorf("revoked %v", k)
	}
	h.key = keys["shop viewer"]
	h.problem(401, "unauthorized", "GET", "/v1", "")
}

func TestNoKey(t *testing.T) {
	h := open(t)
	admin := h.key
	id := strings.Split(admin, "_")[1]
	for name, header := range map[string][]string{
		"none":         {"Authorization", ""},
		"basic":        {"Authorization", "Basic YTpi"},
		"rubbish":      {"Authorization", "Bearer rubbish"},
		"no secret":    {"Authorization", "Bearer mk_" + id},
		"wrong secret": {"Authorization", "Bearer mk_" + id + "_AAAA"},
		"unknown id":   {"Authorization", "Bearer mk_nobody_AAAA"},
	} {
		a := h.call("GET", "/v1", "", header...)
		p := a.problem(t, 401, "unauthorized")
		if a.header.Get("WWW-Authenticate") == "" || strings.Contains(fmt.Sprint(p), id) {
			t.Errorf("%s: %v", name, p)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/docs", "/openapi.json"} {
		a := h.call("GET", path, "", "Authorization", "")
		if a.status != 200 || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Security-Policy") == "" || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	h.problem(401, "unauthorized", "GET", "/metrics", "", "Authorization", "")
	// Guessing ends in 429, and shuts out nobody who has a key.
	for range 30 {
		h.call("GET", "/v1", "", "Authorization", "Bearer mk_"+id+"_AAAA")
	}
	for _, wrong := range []string{"mk_" + id + "_AAAA", "mk_nobody_AAAA", "rubbish"} {
		h.problem(429, "rate_limited", "GET", "/v1", "", "Authorization", "Bearer "+wrong)
	}
	for _, path := range []string{"/v1", "/metrics"} {
		if a := h.call("GET", path, ""); a.status != 200 {
			t.Errorf("%s: a valid key is answered with %d %s", path, a.status, a.body)
		}
	}
}
