package events_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
)

// TestReclaimNeedNotWaitForTheDead: what a consumer's dead process held comes at once,
// with all that was not acked and nothing that was.
func TestReclaimNeedNotWaitForTheDead(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), context.Background()
	for _, rng := range []string{"1", "2", "3"} {
		if _, err := n.JS.Publish(ctx, events.SendSubject("demo", "7", rng), []byte(rng)); err != nil {
			t.Fatal(err)
		}
	}
	pull := func(js jetstream.JetStream, want int) []jetstream.Msg {
		t.Helper()
		c, err := js.CreateOrUpdateConsumer(ctx, events.StreamSends, jetstream.ConsumerConfig{
			Durable: "sender", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Hour, MaxDeliver: -1, FilterSubject: "send.>",
		})
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Fetch(want, jetstream.FetchMaxWait(10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		var got []jetstream.Msg
		for m := range b.Messages() {
			got = append(got, m)
		}
		if len(got) != want {
			t.Fatalf("got %d messages, want %d: %v", len(got), want, b.Error())
		}
		return got
	}
	held := pull(n.JS, 3)
	if err := held[1].DoubleAck(ctx); err != nil {
		t.Fatal(err)
	}
	n.Restart()
	next, err := jetstream.New(n.Connect())
	if err != nil {
		t.Fatal(err)
	}
	touched, err := events.Reclaim(ctx, next)
	if err != nil || !slices.Equal(touched, []string{"sender"}) {
		t.Fatalf("reclaimed %v, %v", touched, err)
	}
	var again []string
	for _, m := range pull(next, 2) {
		again = append(again, string(m.Data()))
		if err := m.DoubleAck(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Sort(again); !slices.Equal(again, []string{"1", "3"}) {
		t.Fatalf("again came %v", again)
	}
	if touched, err := events.Reclaim(ctx, next); err != nil || len(touched) > 0 {
		t.Fatalf("reclaimed %v again, %v", touched, err)
	}
}
