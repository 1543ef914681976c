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

const (
	usersPerRound = 2_000 // each round imports, or its campaign sends to
	uploads       = 4     // of a round that imports: users, tags, orders, members
)

// kill -9 at random moments during import, freeze and dispatch: what was acknowledged is there,
// nobody has two messages, the books balance.
func TestNothingLost(t *testing.T) {
	s := start(t, t.TempDir())
	hits := s.workWhileDying(rounds(t), func(round int) {
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
	if rounds(t) >= 30 && (hits.imports == 0 || hits.freezes == 0 || hits.dispatches == 0 || hits.unknown == 0) {
		t.Errorf("the kills hit %+v: without each of them the test shows nothing", hits)
	}
}

// The same with NATS outside, which dies instead.
func TestNothingLostWhenNATSDies(t *testing.T) {
	nats := startNATS(t)
	s := &server{t: t, dir: t.TempDir(), env: []string{"MUSTER_NATS_URL=" + nats.url}}
	s.launch()
	hits := s.workWhileDying(max(1, rounds(t)/5), func(int) {
		nats.kill()
	}, nats.run)
	if rounds(t) >= 30 && hits.imports+hits.freezes+hits.dispatches == 0 {
		t.Errorf("the kills hit %+v: the test shows nothing", hits)
	}
}

// workWhileDying works round by round, while die ends a process at a random moment of one phase of the work and
// revive starts it again, and then checks every promise.
func (s *server) workWhileDying(rounds int, die func(round int), revive func()) hits {
	s.t.Helper()
	s.json(200, "PUT", "/v1/demo/templates/ready?wait=30s", object{"channel": "wechat", "provider_template_id": "tmpl-1",
		"data": object{"thing1": "{{name}}", "thing2": "{{round}}"}})
	whole := s.newWork(0, importing) // nobody disturbs this one: it shows how long each phase takes on this machine
	if !whole.load() {
		s.t.Fatalf("work that nobody disturbs ends early: %+v", whole)
	}
	whole.send()
	s.finished("demo", whole.campaign)
	whole.end(dispatching)
	works, kills := []*work{whole}, make([]time.Time, 0, rounds)
	for round := range rounds {
		s.awaitReady()
		w := s.newWork(round+1, phase(round%phases))
		works = append(works, w)
		after := rand.N(whole.took[w.aim])
		if w.aim == importing && round%2 == 0 { // in the midst of a body, of which the log holds a part
			w.stalls, w.log = rand.IntN(uploads), s.readLog("EVENTS", "evt.demo.upload.*", 0)
		}
		if w.aim == dispatching {
			after /= 2 // a round that has less company than the first is through earlier
		}
		worked := make(chan struct{})
		go func() {
			defer close(worked)
			w.run()
		}()
		select {
		case <-w.begun[w.aim]:
			if w.stalls < 0 {
				<-time.After(after)
			}
		case <-worked:
		}
		kills = append(kills, time.Now())
		die(round)
		close(w.struck)
		revive()
		<-worked
	}
	s.awaitReady()
	unknown := s.checkPromises(works)
	s.verify()
	h := s.hits(kills)
	h.unknown = unknown
	s.t.Logf("%d rounds: %+v", rounds, h)
	return h
}

func kill9(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// checkPromises looks for everything that was acknowledged, and returns how many campaigns have unknown users.
func (s *server) checkPromises(works []*work) (unknown int) {
	s.t.Helper()
	reports := make([]object, len(works)) // of what was launched
	known := uint64(0)
	for i, w := range works {
		if w.aim == importing && s.imported(w) {
			known += usersPerRound
		}
		if w.group != "" {
			g := s.json(200, "GET", "/v1/demo/groups/"+w.group, nil)
			w.wholeOrNothing("the group", w.members, num(g["count"]))
		}
		if w.campaign == "" {
			continue
		}
		c := s.json(200, "GET", "/v1/demo/campaigns/"+w.campaign, nil)
		if c["status"] == "created" {
			if w.launched {
				s.t.Errorf("round %d: the launch was acknowledged and is lost", w.round)
			}
			continue
		}
		r := s.finished("demo", w.campaign)
		if num(r["audience"]) != usersPerRound || num(r["sent"])+num(r["unknown"]) != usersPerRound {
			s.t.Errorf("round %d: the books say %v, want %d sent or unknown", w.round, r, usersPerRound)
		}
		if num(r["unknown"]) > 0 {
			unknown++
		}
		reports[i] = r
	}
	if n := s.count("demo", "not tag(4294967295)"); n != known {
		s.t.Errorf("%d users are known, want %d", n, known)
	}
	messages := s.messagesByRound()
	for i, r := range reports {
		if r != nil {
			s.checkMessages(works[i].round, r, messages[strconv.Itoa(works[i].round)])
		}
	}
	return unknown
}

// imported checks what a round imported, and says whether its users are known.
func (s *server) imported(w *work) bool {
	s.t.Helper()
	there := uint64(0)
	for _, u := range []int{w.user(1), w.user(usersPerRound)} {
		a, err := s.try("GET", fmt.Sprintf("/v1/demo/users/%d", u), nil)
		switch {
		case err == nil && a.Status == 200 && strings.Contains(string(a.Body), fmt.Sprintf(`"openid-%d"`, u)):
			there += usersPerRound / 2
		case err != nil || a.Status != 404:
			s.t.Errorf("round %d: user %d: %d %v %s", w.round, u, a.Status, err, clip(a.Body))
		}
	}
	for i, n := range []uint64{there, s.count("demo", w.tagged()), s.count("demo", w.bought())} {
		w.wholeOrNothing([]string{"users", "tags", "orders"}[i], w.imports[i], n)
	}
	return there > 0
}

// checkMessages compares a campaign's books with what the provider got, by openid.
func (s *server) checkMessages(round int, books object, got map[string]int) {
	s.t.Helper()
	if sent, known := uint64(len(got)), num(books["sent"]); sent < known || sent > known+num(books["unknown"]) {
		s.t.Errorf("round %d: %d users have a message; books say %v", round, sent, books)
	}
	for who, n := range got {
		if n > 1 {
			s.t.Errorf("round %d: %s got %d messages", round, who, n)
		}
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
