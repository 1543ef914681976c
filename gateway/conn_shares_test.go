package gateway_test

import (
	"bufio"
	"net/http"
	"testing"
)

// One key's idle streams take no other key's place.
func TestStreamsAreSharedOutAmongKeys(t *testing.T) {
	h := open(t)
	group := h.shop()
	other := h.want(200, "POST", "/v1/keys?wait=20s", `{"name":"other","biz":"shop","role":"viewer"}`)["key"].(string)
	follow := func(key string) *http.Response {
		t.Helper()
		req, err := http.NewRequest("GET", h.url+"/v1/shop/stream", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+key)
		res, err := h.http.Do(req)
		must(t, err)
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	var idle []*http.Response
	for range 50 {
		res := follow(h.key)
		if res.StatusCode != 200 || !bufio.NewScanner(res.Body).Scan() {
			t.Fatalf("stream %d: %d", len(idle)+1, res.StatusCode)
		}
		idle = append(idle, res)
	}
	export := "/v1/shop/groups/" + group + "/members.csv"
	h.problem(429, "rate_limited", "GET", export, "")
	h.problem(429, "rate_limited", "GET", "/v1/shop/stream", "")
	if res := follow(other); res.StatusCode != 200 {
		t.Errorf("another key's stream: %d", res.StatusCode)
	}
	if a := h.call("GET", export, "", "Authorization", "Bearer "+other); a.status != 200 {
		t.Errorf("another key's export: %d %s", a.status, a.body)
	}
	must(t, idle[0].Body.Close())
	eventually(t, "an ended stream makes room, though nothing is written to it", func() bool {
		return h.call("GET", export, "").status == 200
	})
}

// A tab that is loaded again and again holds one stream at a time, not one for every time it was loaded.
func TestATabThatIsReloaded(t *testing.T) {
	h := open(t)
	h.shop()
	for n := range 120 {
		res := h.begin("/v1/shop/stream")
		if !bufio.NewScanner(res.Body).Scan() {
			t.Fatalf("no greeting at %d", n)
		}
		must(t, res.Body.Close())
		if n%40 == 39 { // a key has 50 places, and one is given back a moment after its client went
			streamsEnd(t)
		}
	}
}
