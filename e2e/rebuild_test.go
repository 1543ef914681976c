package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
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

	begun := s.json(http.StatusAccepted, "POST", "/v1/projections/all:rebuild", nil)
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
		if done := s.json(200, "GET", fmt.Sprint("/v1/projections/rebuilds/", begun["rebuild_id"]), nil); done["status"] != "running" {
			rebuiltAll(t, done)
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

// rebuiltAll wants a rebuild that made every table, and all of them as they were; rows where the test has written some.
func rebuiltAll(t *testing.T, done object) {
	t.Helper()
	if done["status"] != "completed" {
		t.Fatalf("the rebuild ended like this: %v", done)
	}
	rows := map[string]uint64{}
	tables, _ := done["tables"].([]any)
	for _, item := range tables {
		table, _ := item.(object)
		rows[fmt.Sprint(table["table"])] = num(table["rows"])
		if num(table["differing"]) != 0 || table["differing"] == nil {
			t.Errorf("a rebuilt table differs from the live one: %v", table)
		}
	}
	for table, atLeast := range map[string]uint64{"bizzes": 1, "templates": 1, "groups": 2, "group_versions": 1, "uploads": 3, "commands": 6,
		"users": 5_000, "identities": 5_000, "sets": 5, "sets_by_shard": 5, "campaigns": 1, "audiences": 1, "deliveries": 1} {
		if rows[table] < atLeast {
			t.Errorf("the rebuilt table %s has %d rows, want %d or more", table, rows[table], atLeast)
		}
	}
	for _, empty := range []string{"orders", "order_owners", "tags"} {
		if n, ok := rows[empty]; !ok || n != 0 {
			t.Errorf("the rebuilt table %s: %d rows, reported %v", empty, n, ok)
		}
	}
}

// A rebuild that fails says so, and why, wherever one looks.
func TestRebuildThatFailsIsAFailure(t *testing.T) {
	s := start(t, t.TempDir())
	s.sql("DROP TABLE muster.order_owners SYNC")
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bin, "rebuild", "orders", "--data", s.dir).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "order_owners") || strings.Contains(string(out), "rebuilt") {
		t.Errorf("muster rebuild: %v, %s", err, out)
	}
	if p := s.projections(); !strings.Contains(p, `"last_rebuild":{`) || !strings.Contains(p, "order_owners") {
		t.Errorf("the list says %s", p)
	}
	if out, err = exec.Command(bin, "rebuild", "groups", "--data", s.dir).CombinedOutput(); err != nil || !strings.Contains(string(out), "rebuilt  groups\n") {
		t.Errorf("muster rebuild: %v, %s", err, out)
	}
}

// sql runs a statement in the read model's engine.
func (s *server) sql(query string) {
	s.t.Helper()
	res, err := http.Post(s.endpoints.ClickHouse, "text/plain", strings.NewReader(query))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 200 {
		s.t.Fatalf("%s: %d %v %s", query, res.StatusCode, err, b)
	}
}

func (s *server) projections() string {
	s.t.Helper()
	a, err := s.try("GET", "/v1/projections", nil)
	if err != nil || a.Status != 200 {
		s.t.Fatalf("projections: %d %v %s", a.Status, err, clip(a.Body))
	}
	return strings.ReplaceAll(string(a.Body), " ", "")
}
