package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"muster/gateway"
)

// browser is a client that signed in: it has a cookie and no key.
type browser struct {
	h      *house
	cookie string
}

func (h *house) signIn(key string) (browser, answer) {
	h.t.Helper()
	a := h.call("POST", "/v1/session", `{"key":"`+key+`"}`, "Authorization", "", "Content-Type", "application/json", "X-Muster-Console", "1")
	cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return browser{h, cookie}, a
}

func (b browser) call(method, path, body string, header ...string) answer {
	b.h.t.Helper()
	return b.h.call(method, path, body, append([]string{"Authorization", "", "Content-Type", "application/json", "Cookie", b.cookie}, header...)...)
}

var ours = []string{"X-Muster-Console", "1", "Sec-Fetch-Site", "same-origin"}

func TestASessionOfABrowser(t *testing.T) {
	h := open(t)
	h.shop()
	k := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"Li's browser","biz":"shop","role":"operator"}`)
	b, a := h.signIn(k["key"].(string))
	if who := a.json(t); a.status != 200 || who["role"] != "operator" || who["biz"] != "shop" || who["name"] != "Li's browser" || who["key_id"] != k["id"] {
		t.Fatalf("signed in: %d %s", a.status, a.body)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "path=/", "max-age="} {
		if !strings.Contains(strings.ToLower(cookie), strings.ToLower(want)) {
			t.Errorf("the cookie is not %s: %s", want, strings.ReplaceAll(cookie, k["key"].(string), "..."))
		}
	}
	if who := b.call("GET", "/v1/session", "").json(t); who["role"] != "operator" {
		t.Errorf("signed in is %v", who)
	}
	if a := b.call("GET", "/v1/shop/groups", ""); a.status != 200 {
		t.Errorf("a read: %d", a.status)
	}
	group := `{"name":"from a browser","kind":"ids"}`
	if a := b.call("POST", "/v1/shop/groups?wait=20s", group, ours...); a.status != 200 {
		t.Errorf("a change from our page: %d %s", a.status, a.body)
	}
	for name, header := range map[string][]string{
		"a form of another site": nil,
		"a script that asked":    {"X-Muster-Console", "1", "Sec-Fetch-Site", "cross-site"},
		"a neighbouring host":    {"X-Muster-Console", "1", "Sec-Fetch-Site", "same-site"},
	} {
		b.call("POST", "/v1/shop/groups", group, header...).problem(t, 403, "forbidden")
		if a := b.call("DELETE", "/v1/session", "", header...); a.status != 403 {
			t.Errorf("%s signs out: %d", name, a.status)
		}
	}
	if a := b.call("DELETE", "/v1/session", "", ours...); a.status != 204 || !strings.Contains(a.header.Get("Set-Cookie"), "muster_session=;") {
		t.Errorf("signing out: %d %s", a.status, a.header.Get("Set-Cookie"))
	}
	h.want(200, "DELETE", "/v1/keys/"+k["id"].(string)+"?wait=20s", "")
	b.call("GET", "/v1/shop/groups", "").problem(t, 401, "unauthorized")
	if who := b.call("GET", "/v1/session", "").json(t); who["role"] != "nobody" {
		t.Errorf("with a revoked key signed in is %v", who)
	}
}

func TestWhoMayNotSignIn(t *testing.T) {
	h := open(t)
	if who := h.want(200, "GET", "/v1/session", "", "Authorization", ""); who["role"] != "nobody" {
		t.Errorf("without a key: %v", who)
	}
	_, a := h.signIn("mk_0123456789abcdef_wrong")
	a.problem(t, 401, "unauthorized")
	if a.header.Get("Set-Cookie") != "" {
		t.Error("a wrong key is kept")
	}
	none := []string{"Authorization", "", "Content-Type", "application/json"}
	h.problem(403, "forbidden", "POST", "/v1/session", `{"key":"`+h.key+`"}`, none...)
	for _, body := range []string{"", "{}", "[]", `{"key":""}`, `{"key":7}`, `{"key":"` + strings.Repeat("x", 2_000) + `"}`} {
		p := h.problem(400, "invalid", "POST", "/v1/session", body, append(none[:4:4], ours...)...)
		if wrong, _ := p["errors"].([]any); len(wrong) != 1 || wrong[0].(map[string]any)["field"] != "key" {
			t.Errorf("%.20s: %v", body, p)
		}
	}
	req, err := http.NewRequest(http.MethodGet, h.url+"/v1/shop/groups", nil)
	must(t, err)
	req.Header.Set("Authorization", "Basic "+h.key)
	req.AddCookie(&http.Cookie{Name: "muster_session", Value: h.key})
	res, err := h.http.Do(req)
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != 401 {
		t.Errorf("another scheme beside a cookie: %d", res.StatusCode)
	}
}

// A page asks who is signed in just when its key was refused, again and again in other pages.
func TestWhoeverAsksTooOftenIsNobodyToo(t *testing.T) {
	now := time.Now()
	h := open(t, func(o *options) { o.Clock = func() time.Time { return now } })
	h.shop()
	k := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"gone","biz":"shop","role":"viewer"}`)
	b, _ := h.signIn(k["key"].(string))
	if a := b.call("GET", "/v1/session", ""); a.header.Get("Set-Cookie") != "" {
		t.Errorf("asking changes the cookie: %s", a.header.Get("Set-Cookie"))
	}
	h.want(200, "DELETE", "/v1/keys/"+k["id"].(string)+"?wait=20s", "")
	for range 25 {
		b.call("GET", "/v1/shop/groups", "")
	}
	b.call("GET", "/v1/shop/groups", "").problem(t, 429, "rate_limited")
	a := b.call("GET", "/v1/session", "")
	if a.status != 200 || a.json(t)["role"] != "nobody" {
		t.Fatalf("signed in is %d %s", a.status, a.body)
	}
	if cookie := strings.ToLower(a.header.Get("Set-Cookie")); !strings.HasPrefix(cookie, "muster_session=;") || !strings.Contains(cookie, "max-age=0") {
		t.Errorf("a cookie that is of no use is kept: %q", cookie)
	}
	if a := h.call("GET", "/v1/session", "", "Authorization", "Bearer mk_0_wrong", "Cookie", b.cookie); a.status != 200 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a wrong key in the header speaks for the cookie: %d %s", a.status, a.header.Get("Set-Cookie"))
	}
}

// A gateway that has not heard of a key yet does not sign a browser out for good: another one may have.
func TestACookieIsTakenBackOnlyWhenItIsOfNoUse(t *testing.T) {
	h := open(t)
	h.shop()
	k := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"gone","biz":"shop","role":"viewer"}`)
	h.want(200, "DELETE", "/v1/keys/"+k["id"].(string)+"?wait=20s", "")
	_, unheard := gateway.NewKey("another gateway's", "shop", "viewer")
	for key, back := range map[string]bool{unheard: false, k["key"].(string): true, "mk_": true, "anything": true, "mk_0_" + strings.Repeat("x", 300): true} {
		a := browser{h, "muster_session=" + key}.call("GET", "/v1/session", "")
		if a.status != 200 || a.json(t)["role"] != "nobody" || strings.Contains(a.header.Get("Set-Cookie"), "muster_session=;") != back {
			t.Errorf("%.30s: %d %s, want the cookie back: %t; %q", key, a.status, a.body, back, a.header.Get("Set-Cookie"))
		}
	}
}

// TLS ends at a proxy, or at several.
func TestACookieThatCameByTLSGoesBackByTLS(t *testing.T) {
	h := open(t)
	for proto, want := range map[string]bool{"": false, "http": false, "https": true, "https, http": true} {
		header := []string{"Authorization", "", "Content-Type", "application/json", "X-Muster-Console", "1", "X-Forwarded-Proto", proto}
		for method, status := range map[string]int{"POST": 200, "DELETE": 204} {
			a := h.call(method, "/v1/session", `{"key":"`+h.key+`"}`, header...)
			if cookie := strings.ToLower(a.header.Get("Set-Cookie")); a.status != status || strings.Contains(cookie, "secure") != want {
				t.Errorf("%s by %q: %d, secure: %t", method, proto, a.status, !want)
			}
		}
	}
}
