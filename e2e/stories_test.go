package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Several orders yesterday and today, overlapping groups, a double click: one message each.
func TestMoreThanTwoOrdersSinceYesterdayOneMessage(t *testing.T) {
	s := start(t, t.TempDir())
	s.json(200, "PUT", "/v1/shop?wait=30s", object{"name": "Shop", "timezone": "America/New_York"})
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(ny)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, ny)
	yesterday := midnight.AddDate(0, 0, -1)

	users := &strings.Builder{}
	fmt.Fprintln(users, "user_id,openid,attributes")
	orders := &strings.Builder{}
	fmt.Fprintln(orders, "order_id,user_id,product_id,amount,paid_at,status")
	n := 0
	order := func(user int, at time.Time, status string) {
		n++
		fmt.Fprintf(orders, "o%d,%d,7,9.90,%s,%s\n", n, user, at.UTC().Format(time.RFC3339), status)
	}
	const all = 60
	var want []string
	for u := 1; u <= all; u++ {
		fmt.Fprintf(users, "%d,openid-%d,\"{\"\"name\"\":\"\"User %d\"\"}\"\n", u, u, u)
		switch u % 4 {
		case 0: // three, on both sides of the biz's midnight
			order(u, yesterday, "paid")
			order(u, midnight.Add(-time.Second), "paid")
			order(u, midnight, "paid")
			want = append(want, fmt.Sprintf("openid-%d", u))
		case 1: // three, but the first a second before yesterday began
			order(u, yesterday.Add(-time.Second), "paid")
			order(u, yesterday, "paid")
			order(u, midnight, "paid")
		case 2: // three, one given back
			order(u, yesterday, "paid")
			order(u, midnight, "refunded")
			order(u, midnight, "paid")
		case 3: // three yesterday
			for h := range 3 {
				order(u, yesterday.Add(time.Duration(h)*time.Hour), "paid")
			}
			want = append(want, fmt.Sprintf("openid-%d", u))
		}
	}
	s.csv("/v1/shop/users:import", users.String())
	s.csv("/v1/shop/orders:import", orders.String())
	var groups []string
	for _, g := range []struct{ name, users string }{{"first", seq(1, 40)}, {"second", seq(20, all)}, {"third", seq(1, all)}} {
		made := s.json(200, "POST", "/v1/shop/groups?wait=30s", object{"name": g.name, "kind": "ids"})
		s.stream(200, "POST", "/v1/shop/groups/"+id(made)+"/members?wait=30s", strings.NewReader(g.users), "Content-Type", "text/plain")
		groups = append(groups, "group("+id(made)+")")
	}
	where := "(" + strings.Join(groups, " or ") + ") and orders(days=2) > 2"
	if got := s.count("shop", where); got != uint64(len(want)) {
		t.Fatalf("the segment counts %d, want %d", got, len(want))
	}
	campaign := s.campaign("shop", where)
	var click sync.WaitGroup
	for range 2 {
		click.Go(func() { s.json(200, "POST", "/v1/shop/campaigns/"+campaign+":launch?wait=30s", nil) })
	}
	click.Wait()
	books := s.finished("shop", campaign)
	if books["sent"] != float64(len(want)) || books["audience"] != float64(len(want)) {
		t.Fatalf("books %v, want %d sent", books, len(want))
	}
	got := s.received()
	for _, o := range want {
		if got[o] != 1 {
			t.Errorf("%s got %d messages, want 1", o, got[o])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d users got a message, want %d", len(got), len(want))
	}
}

// campaign makes a template and a campaign and returns the campaign's id.
func (s *server) campaign(biz string, where any) string {
	s.t.Helper()
	s.json(200, "PUT", "/v1/"+biz+"/templates/ready?wait=30s", object{"channel": "wechat", "provider_template_id": "tmpl-1",
		"page": "pages/index", "data": object{"thing1": "Hello {{name}}", "thing2": "{{city}}"}})
	made := s.json(200, "POST", "/v1/"+biz+"/campaigns?wait=30s", object{"name": "Story", "template": "ready", "where": where,
		"variables": object{"city": "Wuhan"}})
	return id(made)
}

// finishWithin bounds how long a campaign of a test may take; a hang fails with the books.
const finishWithin = 3 * time.Minute

// finished waits for the campaign's end and returns its books, which must balance at every look.
func (s *server) finished(biz, campaign string) object {
	s.t.Helper()
	deadline := time.After(finishWithin)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		r := s.json(200, "GET", "/v1/"+biz+"/campaigns/"+campaign+"/report", nil)
		balanced(s.t, r)
		if r["status"] == "completed" {
			return r
		}
		select {
		case <-deadline:
			s.t.Fatalf("the campaign does not finish: %v", r)
		case <-tick.C:
		}
	}
}

func balanced(t testing.TB, r object) {
	t.Helper()
	n := func(k string) uint64 { return num(r[k]) }
	if n("audience") != n("sent")+n("failed")+n("skipped")+n("unknown")+n("pending") {
		t.Fatalf("the books do not balance: %v", r)
	}
}

// received counts the sandbox's messages by openid.
func (s *server) received() map[string]int {
	s.t.Helper()
	got := map[string]int{}
	dec := json.NewDecoder(bytes.NewReader(s.sandbox("GET", "/sandbox/messages", "")))
	for dec.More() {
		var m struct{ Touser string }
		if err := dec.Decode(&m); err != nil {
			s.t.Fatal(err)
		}
		got[m.Touser]++
	}
	return got
}

func (s *server) sandbox(method, path, body string) []byte {
	s.t.Helper()
	c := client{t: s.t, base: s.endpoints.Sandbox}
	a, err := c.try(method, path, strings.NewReader(body), "Content-Type", "application/json")
	if err != nil || a.Status >= http.StatusMultipleChoices {
		s.t.Fatalf("sandbox %s %s: %d %v %s", method, path, a.Status, err, clip(a.Body))
	}
	return a.Body
}

// importUsers loads users from..to with an openid and a name each.
func (s *server) importUsers(biz string, from, to int) {
	s.t.Helper()
	var b strings.Builder
	b.WriteString("user_id,openid,attributes\n")
	for u := from; u <= to; u++ {
		fmt.Fprintf(&b, "%d,openid-%d,\"{\"\"name\"\":\"\"User %d\"\"}\"\n", u, u, u)
	}
	r := s.csv("/v1/"+biz+"/users:import", b.String())
	if num(r["accepted"]) != uint64(to-from+1) {
		s.t.Fatalf("import: %v", r)
	}
}

// seq lists from..to, a line each.
func seq(from, to int) string {
	var b strings.Builder
	for u := from; u <= to; u++ {
		fmt.Fprintln(&b, u)
	}
	return b.String()
}

// A stop in order ends well, and everything is there afterwards.
func TestStopInOrder(t *testing.T) {
	s := start(t, t.TempDir())
	s.importUsers("demo", 1, 100)
	if code := s.stop(); code != 0 {
		s.showLog()
		t.Fatalf("muster up ends with code %d on SIGTERM", code)
	}
	s.restart()
	if u := s.json(200, "GET", "/v1/demo/users/100", nil); u["openid"] != "openid-100" {
		t.Fatalf("after a restart user 100 is %v", u)
	}
}
