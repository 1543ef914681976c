package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"muster/gateway"
)

// openWithConsole has a page for every path that is none of the API's.
func openWithConsole(t *testing.T, change ...func(*options)) *house {
	t.Helper()
	return open(t, append(change, func(o *options) {
		o.Console = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the console") })
	})...)
}

// HEAD says what GET would, and nothing else: who looks after a process may ask either way.
func TestHeadAnswersAsGet(t *testing.T) {
	h := openWithConsole(t, func(o *options) {
		o.Checks = []gateway.Check{{Name: "engine", Fn: func(context.Context) error { return errors.New("away") }}}
	})
	h.shop()
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/", "/groups", "/v1", "/v1/session", "/v1/shop/groups", "/v1/none/groups", "/v1/shop/groups/1/members.csv", "/v1/shop/users:find", "/v1/nothing/of/this"} {
		get, head := h.call("GET", path, ""), h.call("HEAD", path, "")
		if head.status != get.status || head.header.Get("Content-Type") != get.header.Get("Content-Type") || len(head.body) != 0 {
			t.Errorf("%s: GET says %d %s, HEAD %d %s", path, get.status, get.header.Get("Content-Type"), head.status, head.header.Get("Content-Type"))
		}
	}
	if a := h.call("HEAD", "/readyz", ""); a.status != 503 {
		t.Errorf("/readyz: %d", a.status)
	}
	if a := h.call("HEAD", "/metrics", "", "Authorization", ""); a.status != 401 {
		t.Errorf("/metrics without a key: %d", a.status)
	}
}

// Who looks after a process adds what they like to the address, and must not take the answer for ill health.
func TestWhoLooksAfterAProcessIsAnswered(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/healthz?verbose", "/readyz?x=1", "/metrics?name[]=a"} {
		if a := h.call("GET", path, ""); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	h.problem(400, "invalid", "GET", "/v1/session?x=1", "")
}

// What is streamed has no length, and HEAD makes none up.
func TestHeadOfAStreamHasTheHeadersOfGet(t *testing.T) {
	h := open(t)
	group := h.shop()
	for _, path := range []string{"/v1/shop/stream", "/v1/shop/groups/" + group + "/members.csv"} {
		answer := h.rawRequest("HEAD " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 200") || strings.Contains(answer, "Content-Length") || !strings.Contains(answer, "Transfer-Encoding: chunked") {
			t.Errorf("%s: %s", path, answer)
		}
		if _, body, _ := strings.Cut(answer, "\r\n\r\n"); strings.TrimSpace(body) != "" {
			t.Errorf("%s: a body: %q", path, body)
		}
	}
}

func TestHeadOfAStreamTakesNoPlace(t *testing.T) {
	h := open(t)
	group := h.shop()
	for range 60 {
		for _, path := range []string{"/v1/shop/stream", "/v1/shop/groups/" + group + "/members.csv"} {
			if a := h.call("HEAD", path, ""); a.status != 200 {
				t.Fatalf("%s: %d", path, a.status)
			}
		}
	}
}

// An address that nothing can be made of is a problem of who sent it, and told as one.
func TestAnAddressThatIsNone(t *testing.T) {
	h := openWithConsole(t)
	for _, target := range []string{"/%zz", "/assets/%", "/a%2", "metrics", "/?%zz"} {
		a := h.raw(t, strings.NewReader("GET "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+h.key+"\r\n\r\n"))
		if target == "/?%zz" {
			if a.status != 200 {
				t.Errorf("%s: %d %s", target, a.status, a.body)
			}
			continue
		}
		a.problem(t, 400, "invalid")
	}
}

func TestAMethodThatIsNone(t *testing.T) {
	h := openWithConsole(t)
	for _, request := range []string{"TRACE / HTTP/1.1\r\n", "FOO /v1/shop HTTP/1.1\r\n", "CONNECT example.com:443 HTTP/1.1\r\n", "FOO / HTTP/1.1\r\nContent-Length: 5\r\n"} {
		a := h.raw(t, strings.NewReader(request+"Host: x\r\nConnection: close\r\n\r\nhello"))
		a.problem(t, 501, "not_supported")
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"} {
			if a.header.Get(name) != want {
				t.Errorf("%s: %s %q", request, name, a.header.Get(name))
			}
		}
	}
	h.problem(405, "invalid", "PATCH", "/v1/shop/groups", "{}")
}

// Whoever is told to wait is told how long.
func TestHowLongToWait(t *testing.T) {
	h := open(t)
	var a answer
	eventually(t, "there are too many wrong keys", func() bool {
		a = h.call("GET", "/v1", "", "Authorization", "Bearer mk_x_y")
		return a.status != 401
	})
	p := a.problem(t, 429, "rate_limited")
	if a.header.Get("Retry-After") != "60" || !strings.Contains(p["detail"].(string), "a minute") {
		t.Errorf("%s: Retry-After %s", a.body, a.header.Get("Retry-After"))
	}
}

// A parameter that is misspelt would otherwise ask for everything.
func TestUnknownParametersAreRefusedEverywhere(t *testing.T) {
	h := open(t)
	group := h.shop()
	for _, path := range []string{"/v1/shop/groups/" + group + "/members.csv", "/v1/shop/groups/" + group + "/unmatched.csv", "/v1/shop/campaigns/1/recipients.csv", "/v1/shop/stream", "/v1/session", "/v1/shop/groups"} {
		for _, query := range []string{"?statu=sent", "?min_seq=1&statu=", "?statu"} {
			p := h.problem(400, "invalid", "GET", path+query, "")
			errs, _ := p["errors"].([]any)
			found := false
			for _, e := range errs {
				found = found || e.(map[string]any)["field"] == "statu"
			}
			if !found {
				t.Errorf("%s%s: %v", path, query, p)
			}
		}
	}
	h.problem(400, "invalid", "POST", "/v1/shop/groups/"+group+"/members?mod=replace", "1\n", lines...)
	h.problem(400, "invalid", "POST", "/v1/shop/users:import?wiat=20s", "user_id\n1\n", csv...)
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?mode=replace&wait=20s", "1\n", lines...)
	if a := h.call("GET", "/v1/shop/groups/"+group+"/members.csv?min_seq=1", ""); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
