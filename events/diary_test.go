package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jsm.go"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
)

// TestDiaryIsReadable does with jsm.go, which the NATS CLI is made of, what
// docs/nats-cli.md tells operators to do, and looks at what they would see.
func TestDiaryIsReadable(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		t.Fatal(err)
	}
	story := []any{
		events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: json.RawMessage(`{"group":12}`)},
		events.CampaignPaused{}, events.CampaignResumed{}, events.CampaignCancelled{},
	}
	campaign, at := events.EventSubject("demo", "campaign", "31"), events.Version{}
	for i, payload := range story {
		c := command(fmt.Sprint("cmd-", i))
		c.Family = "campaign"
		if _, _, err := events.PublishCommand(ctx, n.JS, c); err != nil {
			t.Fatal(err)
		}
		e, err := catalog.Encode(payload)
		if err != nil {
			t.Fatal(err)
		}
		e.Actor, e.CommandID = "key-1", c.ID
		if at, err = add(ctx, n.Store, campaign, at, e); err != nil {
			t.Fatal(err)
		}
		if _, err := n.JS.Publish(ctx, events.SendSubject("demo", "31", fmt.Sprint(i)), []byte("range")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := add(ctx, n.Store, events.EventSubject("demo", "group", "9"), events.Version{}, note("something else")); err != nil {
		t.Fatal(err)
	}
	mgr, err := jsm.New(n.Conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("follow the diary of one campaign", func(t *testing.T) { readDiary(t, mgr) })
	t.Run("find a command by id", func(t *testing.T) { findCommand(t, mgr) })
	t.Run("see lag and what is stuck", func(t *testing.T) { seeLag(t, n, mgr) })
}

func readDiary(t *testing.T, mgr *jsm.Manager) {
	s, err := mgr.LoadStream(events.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	pager, err := s.PageContents(jsm.PagerFilterSubject("evt.demo.campaign.31"), jsm.PagerSize(10))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pager.Close() }()
	var diary []string
	for {
		m, last, err := pager.NextMsg(within(t))
		if err != nil {
			if last {
				break
			}
			t.Fatal(err)
		}
		if _, err := time.Parse(time.RFC3339Nano, m.Header.Get("Muster-Time")); err != nil {
			t.Error(err)
		}
		var payload map[string]any
		if err := json.Unmarshal(m.Data, &payload); err != nil {
			t.Errorf("payload is no readable JSON: %v", err)
		}
		diary = append(diary, strings.Join([]string{m.Header.Get("Muster-Type"), m.Header.Get("Muster-Actor"), m.Header.Get("Muster-Command")}, " "))
		if last || len(diary) == 4 {
			break
		}
	}
	want := "campaign.created key-1 cmd-0\ncampaign.paused key-1 cmd-1\ncampaign.resumed key-1 cmd-2\ncampaign.cancelled key-1 cmd-3"
	if got := strings.Join(diary, "\n"); got != want {
		t.Fatalf("the diary says\n%s\nwant\n%s", got, want)
	}
	if info, err := s.LatestInformation(); err != nil || info.State.NumDeleted != 0 || info.State.FirstSeq != 1 {
		t.Fatalf("%+v %v", info, err)
	}
}

func findCommand(t *testing.T, mgr *jsm.Manager) {
	m, err := mgr.ReadLastMessageForSubject(events.StreamCommands, "cmd.*.*.cmd-2")
	if err != nil {
		t.Fatal(err)
	}
	h, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil {
		t.Fatal(err)
	}
	if m.Sequence != 3 || h.Get("Muster-Type") != "group.create" || h.Get("Muster-Actor") != "key-1" || string(m.Data) != `{"name":"Spring"}` {
		t.Fatalf("%+v %v", m, h)
	}
}

func seeLag(t *testing.T, n *natstest.NATS, mgr *jsm.Manager) {
	c, err := n.JS.CreateConsumer(within(t), events.StreamCommands, jetstream.ConsumerConfig{Durable: "commands", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // one done, one stuck
		m, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if m.Headers().Get("Muster-Id") == "cmd-0" {
			if err := m.DoubleAck(within(t)); err != nil {
				t.Fatal(err)
			}
		}
	}
	consumer, err := mgr.LoadConsumer(events.StreamCommands, "commands")
	if err != nil {
		t.Fatal(err)
	}
	state, err := consumer.LatestState()
	if err != nil || state.NumPending != 2 || state.NumAckPending != 1 {
		t.Fatalf("%+v %v", state, err)
	}
	stuck, err := mgr.StreamContainedSubjects(events.StreamSends, "send.demo.31.*")
	if err != nil || len(stuck) != 4 || stuck["send.demo.31.3"] != 1 {
		t.Fatalf("%v %v", stuck, err)
	}
}
