package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// TestGroupListFollowsThePages lists more groups than a page of any size the server gives.
func TestGroupListFollowsThePages(t *testing.T) {
	const groups, page = 2500, 1000
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/v1/demo/groups" || q.Get("kind") != "ids" {
			http.NotFound(w, r)
			return
		}
		from := groups
		if c := q.Get("cursor"); c != "" {
			from, _ = strconv.Atoi(c)
			from--
		}
		var items []string
		for id := from; id > 0 && len(items) < page; id-- {
			items = append(items, fmt.Sprintf(`{"id":%d,"name":"g"}`, id))
		}
		next := ""
		if last := from - page + 1; last > 1 {
			next = fmt.Sprintf(`,"next":"%d"`, last)
		}
		fmt.Fprintf(w, `{"items":[%s]%s}`, strings.Join(items, ","), next)
	}))
	defer srv.Close()
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		c := &cli{url: srv.URL, key: "k", biz: "demo", out: &out, asJSON: asJSON}
		cmd := c.groupList()
		cmd.SetArgs([]string{"--kind", "ids"})
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := groups + 1 // and the heading
		lines := strings.Count(out.String(), "\n")
		if asJSON {
			want, lines = groups, strings.Count(out.String(), `"id"`)
		}
		if lines != want {
			t.Errorf("%d of %d groups are listed (JSON: %v)", lines, want, asJSON)
		}
	}
}
