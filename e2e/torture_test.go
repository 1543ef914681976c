package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// phase is a part of a round's work that a kill aims at.
type phase int

const (
	importing phase = iota
	freezing
	dispatching
	phases = 3
)

// work is one round. It imports users, tags and orders and uploads a group of them, or it uploads a group of the users
// of the first round and sends to those who are in all of it. It notes what was acknowledged, and ends where the server
// dies.
type work struct {
	t       testing.TB
	client  client // of the server as it is when the round begins: a restart must not change it meanwhile
	sandbox client
	round   int
	aim     phase
	stalls  int        // which of the uploads waits in its midst for the kill; -1: none
	log     *logReader // of uploads since the round began, when one stalls
	begun   [phases]chan struct{}
	struck  chan struct{} // closed once the kill is done
	took    [phases]time.Duration
	since   time.Time

	imports  [3]bool // users, tags, orders: the import was acknowledged
	group    string  // id; "" when the creation was not acknowledged
	members  bool    // the upload was acknowledged
	campaign string  // id; "" when not acknowledged
	launched bool
}

func (s *server) newWork(round int, aim phase) *work {
	w := &work{t: s.t, client: *s.client, sandbox: client{t: s.t, base: s.endpoints.Sandbox}, round: round, aim: aim,
		stalls: -1, struck: make(chan struct{})}
	for p := range w.begun {
		w.begun[p] = make(chan struct{})
	}
	return w
}

// set is the round whose users this one is about.
func (w *work) set() int {
	if w.aim == importing {
		return w.round
	}
	return 0
}

func (w *work) user(n int) int { return w.set()*10_000 + n }

func (w *work) tagged() string { return fmt.Sprintf("tag(%d)", w.set()+1) }

func (w *work) bought() string { return fmt.Sprintf("orders(days=3, product=%d) >= 1", w.set()+1) }

// load brings in a round's rows; when it stalls, in more chunks than go into one append to the log.
func (w *work) load() bool {
	size := 100
	if w.stalls >= 0 {
		size = 5
	}
	if !w.chunks(size) {
		return false
	}
	if w.stalls < 0 {
		w.begin(importing)
	}
	paid := time.Now().UTC().Format(time.RFC3339)
	product := w.set() + 1
	for i, up := range []struct {
		path, header string
		row          func(user int) string
	}{
		{"/users:import", "user_id,openid,attributes", func(u int) string { return fmt.Sprintf(`%d,openid-%d,"{""name"":""User %d""}"`, u, u, u) }},
		{"/tags:import", "user_id,tag_id", func(u int) string { return fmt.Sprintf("%d,%d", u, product) }},
		{"/orders:import", "order_id,user_id,product_id,amount,paid_at,status", func(u int) string {
			return fmt.Sprintf("o%d,%d,%d,9.90,%s,paid", u, u, product, paid)
		}},
	} {
		if _, w.imports[i] = w.post(up.path+"?wait=30s", w.rows(i, up.header, up.row), "text/csv"); !w.imports[i] {
			return false
		}
	}
	ok := w.gather()
	if w.stalls < 0 {
		w.end(importing)
	}
	return ok
}

// chunks sets how many rows a chunk and how many users a range takes, and says whether that was acknowledged.
func (w *work) chunks(size int) bool {
	a, err := w.client.try("PATCH", "/v1/settings?wait=30s", strings.NewReader(fmt.Sprintf(`{"chunk_size":%d}`, size)), "Content-Type", "application/json")
	return err == nil && a.Status == 200
}

// gather makes a group of the round's users, and says whether that was acknowledged.
func (w *work) gather() bool {
	made, ok := w.post("/groups?wait=30s", strings.NewReader(`{"name":"round","kind":"ids"}`), "application/json")
	if !ok {
		return false
	}
	w.group = id(made)
	_, w.members = w.post("/groups/"+w.group+"/members?wait=30s", w.rows(3, "user_id", func(u int) string { return fmt.Sprint(u) }), "text/csv")
	return w.members
}

// rows is a body of a row for each user; the one that stalls goes on once the kill is done. It has empty lines between its
// rows: the first 64 KiB of a body are looked at before anything is stored.
func (w *work) rows(upload int, header string, row func(user int) string) io.Reader {
	var b strings.Builder
	fmt.Fprintln(&b, header)
	for n := 1; n <= usersPerRound; n++ {
		fmt.Fprintln(&b, row(w.user(n)))
		if upload == w.stalls {
			b.WriteString(strings.Repeat("\n", 64))
		}
	}
	text := b.String()
	if upload != w.stalls {
		return strings.NewReader(text)
	}
	at := len(text)*3/4 + rand.IntN(len(text)/4)
	return io.MultiReader(strings.NewReader(text[:at]), &stall{w}, strings.NewReader(text[at:]))
}

// stall calls for the kill once the log holds a part of its body, and reads as nothing once the kill is done.
type stall struct{ w *work }

func (s *stall) Read([]byte) (int, error) {
	for begun := 0; begun <= s.w.stalls; {
		e, ok, err := s.w.log.next()
		if err != nil {
			return 0, err
		}
		if ok && e.kind == "upload.started" {
			begun++
		}
	}
	s.w.begin(importing)
	<-s.w.struck
	return 0, io.EOF
}

// send launches a campaign to the group, in many ranges.
func (w *work) send() {
	if !w.chunks(100) {
		return
	}
	made, ok := w.post("/campaigns?wait=30s", strings.NewReader(fmt.Sprintf(
		`{"name":"round","template":"ready","where":"group(%s) and %s and %s","variables":{"round":"%d"}}`,
		w.group, w.tagged(), w.bought(), w.round)), "application/json")
	if !ok {
		return
	}
	w.campaign = id(made)
	// A provider that takes its time: more rounds die with messages under way.
	_, _ = w.sandbox.try("PUT", "/sandbox/behaviour", strings.NewReader(`{"delay_ms": 20}`))
	w.begin(freezing)
	_, w.launched = w.post("/campaigns/"+w.campaign+":launch?wait=30s", nil, "application/json")
	w.end(freezing)
	w.begin(dispatching)
}

// run does the round's work.
func (w *work) run() {
	switch {
	case w.aim == importing:
		w.load()
	case w.gather():
		w.send()
	}
}

func (w *work) begin(p phase) {
	w.since = time.Now()
	close(w.begun[p])
}

func (w *work) end(p phase) { w.took[p] = max(time.Since(w.since), time.Millisecond) }

// post makes a call, and says whether it was acknowledged as done.
func (w *work) post(path string, body io.Reader, contentType string) (object, bool) {
	a, err := w.client.try("POST", "/v1/demo"+path, body, "Content-Type", contentType)
	if err != nil || a.Status != 200 {
		return nil, false
	}
	out := object{}
	return out, json.Unmarshal(a.Body, &out) == nil
}

// wholeOrNothing: what was acknowledged is there, and nothing is there by half.
func (w *work) wholeOrNothing(what string, acknowledged bool, n uint64) {
	w.t.Helper()
	if n != usersPerRound && (acknowledged || n != 0) {
		w.t.Errorf("round %d: of %s %d are there, acknowledged: %v", w.round, what, n, acknowledged)
	}
}

// hits counts what kills cut: uploads between their start and their end, campaigns between launch and frozen
// audience, campaigns between that and their completion, and campaigns with users of whom nobody knows.
type hits struct{ imports, freezes, dispatches, unknown int }

// hits reads the log for what was under way when a process was killed.
func (s *server) hits(kills []time.Time) (h hits) {
	s.t.Helper()
	cut := func(from, to time.Time) int {
		for _, k := range kills {
			if k.After(from) && (to.IsZero() || k.Before(to)) {
				return 1
			}
		}
		return 0
	}
	for _, up := range bySubject(s.entries("EVENTS", "evt.demo.upload.*")) {
		h.imports += cut(up["upload.started"], latest(up["upload.completed"], up["upload.abandoned"]))
	}
	for _, c := range bySubject(s.entries("EVENTS", "evt.demo.campaign.*")) {
		if launched, frozen := c["campaign.launched"], c["campaign.audience_frozen"]; !frozen.IsZero() {
			h.freezes += cut(launched, frozen)
			h.dispatches += cut(frozen, c["campaign.completed"])
		}
	}
	return h
}

// bySubject says when each type of event happened first, by subject.
func bySubject(all []entry) map[string]map[string]time.Time {
	out := map[string]map[string]time.Time{}
	for _, e := range all {
		if out[e.subject] == nil {
			out[e.subject] = map[string]time.Time{}
		}
		if _, seen := out[e.subject][e.kind]; !seen {
			out[e.subject][e.kind] = e.at
		}
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// verify runs `muster verify`, which must find the log whole, sets equal to arrays and books balanced.
func (s *server) verify() {
	s.t.Helper()
	bin, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(bin, "verify", "--nats", s.natsURL(), "--clickhouse", s.endpoints.ClickHouse+"/muster")
	cmd.Env = append(os.Environ(), s.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Errorf("muster verify: %v\n%s", err, out)
	}
}
