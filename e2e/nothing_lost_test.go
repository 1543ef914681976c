package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rounds is how often the process dies: 30 in make test, MUSTER_TORTURE_ROUNDS in make torture.
func rounds(t *testing.T) int {
	if v := os.Getenv("MUSTER_TORTURE_ROUNDS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("MUSTER_TORTURE_ROUNDS: %v", err)
		}
		return n
	}
	return 30
}

// promise is what the server acknowledged before it died.
type promise struct {
	group    string // id; "" when the creation was not acknowledged
	members  bool   // the upload was acknowledged
	campaign string // id; "" when not acknowledged
	launched bool
}

// usersPerRound is how many each round's group holds and its campaign sends to.
const usersPerRound = 2_000

// kill -9 at random moments during import, freeze and dispatch: what was acknowledged is there,
// nobody has two messages, the books balance.
func TestNothingLost(t *testing.T) {
	s := start(t, t.TempDir())
	s.workWhileDying(rounds(t), func(round int) {
		if round%5 == 4 { // the engine alone; muster starts it again
			kill9(t, engineOf(t, s.cmd.Process.Pid))
			return
		}
		kill9(t, s.cmd.Process.Pid)
		<-s.done
	}, func() {
		select {
		case <-s.done:
			s.restart()
		default:
		}
	})
}

// The same with NATS outside, which dies instead.
func TestNothingLostWhenNATSDies(t *testing.T) {
	nats := startNATS(t)
	s := &server{t: t, dir: t.TempDir(), env: []string{"MUSTER_NATS_URL=" + nats.url}}
	s.launch()
	s.workWhileDying(max(1, rounds(t)/5), func(int) {
		nats.kill()
	}, nats.run)
}

// workWhileDying works round by round, while die ends a process at a random moment and revive starts it
// again, and then checks every promise.
func (s *server) workWhileDying(rounds int, die func(round int), revive func()) {
	s.t.Helper()
	s.importUsers("demo", 1, usersPerRound)
	s.json(200, "PUT", "/v1/demo/templates/ready?wait=30s", object{"channel": "wechat", "provider_template_id": "tmpl-1",
		"data": object{"thing1": "{{name}}", "thing2": "{{round}}"}})
	promises := make([]promise, rounds)
	for i := range promises {
		worked := make(chan struct{})
		go func() {
			defer close(worked)
			promises[i] = s.work(i, usersPerRound)
		}()
		<-time.After(time.Duration(rand.IntN(1500)) * time.Millisecond)
		die(i)
		revive()
		<-worked
	}
	s.awaitReady()
	s.checkPromises(promises, usersPerRound)
}

func kill9(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// work uploads a group and sends to it, and notes what was acknowledged; it ends where the server dies.
func (s *server) work(round, users int) (p promise) {
	call := func(path string, body string, contentType string) (object, bool) {
		a, err := s.try("POST", path, strings.NewReader(body), "Content-Type", contentType)
		if err != nil || a.Status != 200 {
			return nil, false
		}
		out := object{}
		return out, json.Unmarshal(a.Body, &out) == nil
	}
	made, ok := call("/v1/demo/groups?wait=30s", `{"name":"round","kind":"ids"}`, "application/json")
	if !ok {
		return p
	}
	p.group = id(made)
	if _, p.members = call("/v1/demo/groups/"+p.group+"/members?wait=30s", seq(1, users), "text/plain"); !p.members {
		return p
	}
	made, ok = call("/v1/demo/campaigns?wait=30s", fmt.Sprintf(
		`{"name":"round","template":"ready","where":{"group":%s},"variables":{"round":"%d"}}`, p.group, round), "application/json")
	if !ok {
		return p
	}
	p.campaign = id(made)
	// A provider that takes its time: more rounds die with messages under way.
	_, _ = (&client{t: s.t, base: s.endpoints.Sandbox}).try("PUT", "/sandbox/behaviour", strings.NewReader(`{"delay_ms": 20}`))
	_, p.launched = call("/v1/demo/campaigns/"+p.campaign+":launch?wait=30s", "", "application/json")
	return p
}

func (s *server) checkPromises(promises []promise, users int) {
	s.t.Helper()
	reports := make([]object, len(promises)) // of what was launched
	var launched, killed int
	for round, p := range promises {
		if p.group == "" {
			continue
		}
		g := s.json(200, "GET", "/v1/demo/groups/"+p.group, nil)
		if n := num(g["count"]); n != uint64(users) && (p.members || n != 0) {
			s.t.Errorf("round %d: group %s holds %d users, acknowledged: %v", round, p.group, n, p.members)
		}
		if p.campaign == "" {
			continue
		}
		c := s.json(200, "GET", "/v1/demo/campaigns/"+p.campaign, nil)
		if c["status"] == "created" {
			if p.launched {
				s.t.Errorf("round %d: the launch was acknowledged and is lost", round)
			}
			continue
		}
		launched++
		r := s.finished("demo", p.campaign)
		if num(r["audience"]) != uint64(users) {
			s.t.Errorf("round %d: audience of %v, want %d", round, r["audience"], users)
		}
		if num(r["unknown"]) > 0 {
			killed++
		}
		reports[round] = r
	}
	messages := s.messagesByRound()
	for round, r := range reports {
		got := messages[strconv.Itoa(round)]
		if r == nil {
			continue
		}
		if sent, known := uint64(len(got)), num(r["sent"]); sent < known || sent > known+num(r["unknown"]) {
			s.t.Errorf("round %d: %d users have a message; books say %v", round, sent, r)
		}
		for who, n := range got {
			if n > 1 {
				s.t.Errorf("round %d: %s got %d messages", round, who, n)
			}
		}
	}
	s.t.Logf("%d rounds, %d launched, %d of them with unknowns", len(promises), launched, killed)
	if launched == 0 {
		s.t.Error("no round got as far as a launch: the test shows nothing")
	}
}

// messagesByRound counts the sandbox's messages by round and openid.
func (s *server) messagesByRound() map[string]map[string]int {
	s.t.Helper()
	got := map[string]map[string]int{}
	dec := json.NewDecoder(bytes.NewReader(s.sandbox("GET", "/sandbox/messages", "")))
	for dec.More() {
		var m struct {
			Touser string
			Data   map[string]struct{ Value string }
		}
		if err := dec.Decode(&m); err != nil {
			s.t.Fatal(err)
		}
		round := m.Data["thing2"].Value
		if got[round] == nil {
			got[round] = map[string]int{}
		}
		got[round][m.Touser]++
	}
	return got
}

// engineOf finds the engine's process: the child of muster.
func engineOf(t *testing.T, parent int) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range stats {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // it ended meanwhile
		}
		after := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if after[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("muster has no engine process")
	return 0
}
