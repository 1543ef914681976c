package events_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
)

// TestReaderWaitsForAReplicaThatLags reads from the middle of a log while whoever
// answers for the event before does not have it yet: that is no damage.
func TestReaderWaitsForAReplicaThatLags(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	fill(t, n, 100, 1)
	relay := n.Connect()
	var lagging atomic.Int32
	lagging.Store(3)
	sub, err := relay.Subscribe("lag.>", func(m *nats.Msg) {
		if bytes.Contains(m.Data, []byte(`"multi_last"`)) && lagging.Add(-1) >= 0 {
			if err := m.RespondMsg(&nats.Msg{Header: nats.Header{"Status": {"404"}}}); err != nil {
				t.Error(err)
			}
			return
		}
		if err := relay.PublishRequest("$JS.API."+strings.TrimPrefix(m.Subject, "lag."), m.Reply, m.Data); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	js, err := jetstream.NewWithAPIPrefix(n.Connect(), "lag")
	if err != nil {
		t.Fatal(err)
	}
	r := events.NewReader(js, events.ReaderOptions{From: 61, Log: natstest.Quiet()})
	defer r.Close()
	b, err := r.Next(within(t))
	if err != nil || len(b.Events) != 40 || b.Events[0].Seq != 61 {
		t.Fatalf("%d events, %v", len(b.Events), err)
	}
	if lagging.Load() >= 0 {
		t.Fatal("nothing lagged: the test proves nothing")
	}
}
