package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// All projections rebuilt while writes go on: answers before, during and after are equal.
func TestRebuildWhileReading(t *testing.T) {
	s := start(t, t.TempDir())
	const users = 5_000
	s.importUsers("demo", 1, users)
	var tags strings.Builder
	tags.WriteString("user_id,tag_id\n")
	for u := 1; u <= users; u++ {
		fmt.Fprintf(&tags, "%d,%d\n", u, 1+u%3)
		fmt.Fprintf(&tags, "%d,%d\n", u, 11+u%2)
	}
	s.csv("/v1/demo/tags:import", tags.String())
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "odd", "kind": "ids"})
	s.stream(200, "POST", "/v1/demo/groups/"+id(made)+"/members?wait=30s", strings.NewReader(seq(1, users/2)), "Content-Type", "text/plain")
	campaign := s.campaign("demo", object{"group": num(made["id"])})
	s.json(200, "POST", "/v1/demo/campaigns/"+campaign+":launch?wait=30s", nil)
	before := s.finished("demo", campaign)
	where := "group(" + id(made) + ") and (tag(1) or tag(2)) and not tag(11)"
	want := s.count("demo", where)
	if want == 0 {
		t.Fatal("the segment is empty: the test shows nothing")
	}

	s.json(http.StatusAccepted, "POST", "/v1/projections/all:rebuild", nil)
	other := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "other", "kind": "ids"})
	written := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(finishWithin); ; {
		if got := s.count("demo", where); got != want {
			t.Fatalf("during the rebuild the segment counts %d, want %d", got, want)
		}
		written++
		s.stream(200, "POST", "/v1/demo/groups/"+id(other)+"/members?wait=30s", strings.NewReader(fmt.Sprint(written)), "Content-Type", "text/plain")
		if s.rebuilt() {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("the rebuild does not end: %s", s.projections())
		case <-tick.C:
		}
	}
	if got := s.count("demo", where); got != want {
		t.Errorf("after the rebuild the segment counts %d, want %d", got, want)
	}
	if g := s.json(200, "GET", "/v1/demo/groups/"+id(other), nil); num(g["count"]) != uint64(written) {
		t.Errorf("the group written to during the rebuild holds %v users, want %d", g["count"], written)
	}
	after := s.finished("demo", campaign)
	for _, k := range []string{"audience", "sent", "failed", "skipped", "unknown", "pending"} {
		if before[k] != after[k] {
			t.Errorf("%s was %v before and is %v after the rebuild", k, before[k], after[k])
		}
	}
	if n := len(s.received()); n != users/2 {
		t.Errorf("%d users have a message after the rebuild, want %d: rebuilding must not send", n, users/2)
	}
}

// rebuilt says whether no projection is being rebuilt any more.
func (s *server) rebuilt() bool { return !strings.Contains(s.projections(), `"rebuilding":true`) }

func (s *server) projections() string {
	s.t.Helper()
	a, err := s.try("GET", "/v1/projections", nil)
	if err != nil || a.Status != 200 {
		s.t.Fatalf("projections: %d %v %s", a.Status, err, clip(a.Body))
	}
	return strings.ReplaceAll(string(a.Body), " ", "")
}
