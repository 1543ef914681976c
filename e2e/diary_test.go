package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nats-io/jsm.go"
	"github.com/nats-io/nats.go"
)

// What docs/nats-cli.md tells operators to do, done on a real campaign with jsm.go, which the NATS CLI is made of.
func TestDiaryIsReadable(t *testing.T) {
	s := start(t, t.TempDir())
	s.importUsers("demo", 1, 20)
	s.sandbox("PUT", "/sandbox/behaviour", `{"errcode": -1}`) // the provider is busy: what is on its way stays there
	campaign := s.campaign("demo", "not tag(1)")
	launch, _ := s.json(202, "POST", "/v1/demo/campaigns/"+campaign+":launch", nil)["command_id"].(string)
	s.eventually(t, func() bool { return len(s.entries("LEDGER", "ledger.demo."+campaign+".1")) > 0 }) // claimed
	mgr, err := jsm.New(connect(t, s.natsURL()))
	if err != nil {
		t.Fatal(err)
	}
	stuck, err := mgr.StreamContainedSubjects("SENDS", "send.demo."+campaign+".*")
	if err != nil || stuck["send.demo."+campaign+".1"] != 1 {
		t.Errorf("SENDS holds %v %v while the provider is busy, want the campaign's range", stuck, err)
	}
	if pending, waiting := lag(t, mgr, "SENDS"); pending+waiting == 0 {
		t.Error("no consumer of SENDS has anything to do while a range is there")
	}
	s.sandbox("PUT", "/sandbox/behaviour", `{}`)
	if books := s.finished("demo", campaign); books["sent"] != 20.0 {
		t.Fatalf("books %v, want 20 sent", books)
	}
	s.readDiary(t, mgr, campaign, launch)
	s.eventually(t, func() bool { // the last acknowledgement may be a moment behind the books
		pending, waiting := lag(t, mgr, "COMMANDS")
		left, err := mgr.StreamContainedSubjects("SENDS", "send.demo."+campaign+".*")
		return pending+waiting == 0 && err == nil && len(left) == 0
	})
}

// readDiary looks at the campaign's events, the launch command, the ledger of its range, and the log's wholeness.
func (s *server) readDiary(t *testing.T, mgr *jsm.Manager, campaign, launch string) {
	t.Helper()
	var diary []string
	for _, e := range s.entries("EVENTS", "evt.demo.campaign."+campaign) {
		readable(t, e.data)
		diary = append(diary, e.kind)
		if e.kind == "campaign.launched" && e.command != launch {
			t.Errorf("the launch is because of command %q, its answer named %q", e.command, launch)
		}
	}
	if got, want := strings.Join(diary, " "), "campaign.created campaign.launched campaign.audience_frozen campaign.completed"; got != want {
		t.Errorf("the diary says %s, want %s", got, want)
	}
	if p, h := last(t, mgr, "COMMANDS", "cmd.*.*."+launch); h.Get("Muster-Type") != "campaign.launch" || p["campaign"] == nil || !strings.HasPrefix(h.Get("Muster-Actor"), "key:") {
		t.Errorf("the launch command is %v %v", h, p)
	}
	if p, h := last(t, mgr, "EVENTS", "evt.demo.campaign."+campaign); h.Get("Muster-Type") != "campaign.completed" || p["books"] == nil || h.Get("Muster-Time") == "" {
		t.Errorf("the diary ends with %v %v", h, p)
	}
	if p, h := last(t, mgr, "LEDGER", "ledger.demo."+campaign+".1"); h.Get("Muster-Type") != "ledger.outcomes" || p["results"] == nil {
		t.Errorf("the range's ledger ends with %v %v", h, p)
	}
	for _, stream := range []string{"EVENTS", "LEDGER"} {
		st, err := mgr.LoadStream(stream)
		if err != nil {
			t.Fatal(err)
		}
		info, err := st.LatestInformation()
		if err != nil || info.State.NumDeleted != 0 || info.State.FirstSeq != 1 || !info.Config.DenyDelete || !info.Config.DenyPurge {
			t.Errorf("%s: %+v %v", stream, info, err)
		}
	}
}

// last reads the last message on a subject: its JSON, and its headers.
func last(t *testing.T, mgr *jsm.Manager, stream, subject string) (object, nats.Header) {
	t.Helper()
	m, err := mgr.ReadLastMessageForSubject(stream, subject)
	if err != nil {
		t.Fatalf("%s %s: %v", stream, subject, err)
	}
	h, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil {
		t.Fatal(err)
	}
	return readable(t, m.Data), h
}

// readable decodes a payload that people are to read.
func readable(t *testing.T, data []byte) object {
	t.Helper()
	o := object{}
	if err := json.Unmarshal(data, &o); err != nil {
		t.Errorf("a payload is no readable JSON: %v in %s", err, clip(data))
	}
	return o
}

// lag is what `nats consumer report` shows of a stream's consumers: not yet delivered, and delivered but not done.
func lag(t *testing.T, mgr *jsm.Manager, stream string) (pending uint64, waiting uint64) {
	t.Helper()
	names, err := mgr.ConsumerNames(stream)
	if err != nil || len(names) == 0 {
		t.Fatalf("consumers of %s: %v %v", stream, names, err)
	}
	for _, name := range names {
		c, err := mgr.LoadConsumer(stream, name)
		if err != nil {
			t.Fatal(err)
		}
		state, err := c.LatestState()
		if err != nil {
			t.Fatal(err)
		}
		pending += state.NumPending
		waiting += uint64(state.NumAckPending)
	}
	return pending, waiting
}
