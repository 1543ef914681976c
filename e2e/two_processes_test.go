package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Two processes with every role over one log and one read model: both send, nobody gets two messages.
func TestTwoProcessesOneMessageEach(t *testing.T) {
	const users = 20_000
	outside := startNATS(t)
	s := &server{t: t, dir: t.TempDir(), env: []string{"MUSTER_NATS_URL=" + outside.url}}
	s.launch()
	s.sandbox("PUT", "/sandbox/behaviour", `{"delay_ms": 5}`) // long enough for both to have their share
	second := &server{t: t, dir: t.TempDir(), env: []string{"MUSTER_CHANNELS_WECHAT_APP_ID=sandbox",
		"MUSTER_CHANNELS_WECHAT_SECRET=sandbox", "MUSTER_CHANNELS_WECHAT_BASE_URL=" + s.endpoints.Sandbox}}
	second.serve("--roles", "commands,policies,projections,sends", "--nats", outside.url, "--clickhouse", s.endpoints.ClickHouse+"/muster")

	s.json(200, "PATCH", "/v1/settings?wait=30s", object{"chunk_size": 1000})
	s.importUsers("demo", 1, users)
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "all", "kind": "ids"})
	s.stream(200, "POST", "/v1/demo/groups/"+id(made)+"/members?wait=60s", strings.NewReader(seq(1, users)), "Content-Type", "text/plain")
	campaign := s.campaign("demo", object{"group": num(made["id"])})
	s.json(200, "POST", "/v1/demo/campaigns/"+campaign+":launch?wait=30s", nil)
	if books := s.finished("demo", campaign); books["sent"] != float64(users) {
		t.Errorf("books %v, want %d sent", books, users)
	}
	got := s.received()
	if len(got) != users {
		t.Errorf("%d users got a message, want %d", len(got), users)
	}
	for who, n := range got {
		if n != 1 {
			t.Errorf("%s got %d messages", who, n)
		}
	}
	if senders := sendersOf(t, outside.url); len(senders) != 2 {
		t.Errorf("claims by %v: the test shows nothing unless two processes send", senders)
	}
}

// sendersOf counts the claims in the ledger by who made them.
func sendersOf(t *testing.T, url string) map[string]int {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := js.Stream(ctx, "LEDGER")
	if err != nil {
		t.Fatal(err)
	}
	senders := map[string]int{}
	for n := uint64(1); n <= stream.CachedInfo().State.LastSeq; n++ {
		m, err := stream.GetMsg(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		if m.Header.Get("Muster-Type") != "ledger.claimed" {
			continue
		}
		var claim struct{ Sender string }
		if err := json.Unmarshal(m.Data, &claim); err != nil {
			t.Fatal(fmt.Errorf("claim %d: %w", n, err))
		}
		senders[claim.Sender]++
	}
	return senders
}
