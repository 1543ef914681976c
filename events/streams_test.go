package events_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
)

func TestEnsureStreamsSaysWhatItChanged(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	if changes, err := events.EnsureStreams(ctx, n.JS, events.StreamsConfig{}); err != nil || len(changes) != 0 {
		t.Fatalf("the second time: %v %v", changes, err)
	}
	changes, err := events.EnsureStreams(ctx, n.JS, events.StreamsConfig{CommandMaxAge: time.Hour})
	if err != nil || len(changes) != 1 || changes[0].String() != "COMMANDS: MaxAge: 168h0m0s → 1h0m0s" {
		t.Fatalf("%v %v", changes, err)
	}
	if err := n.JS.DeleteStream(ctx, events.StreamSends); err != nil {
		t.Fatal(err)
	}
	changes, err = events.EnsureStreams(ctx, n.JS, events.StreamsConfig{CommandMaxAge: time.Hour})
	if err != nil || len(changes) != 1 || changes[0].String() != "SENDS: created" {
		t.Fatalf("%v %v", changes, err)
	}
	// What an operator tunes stays.
	s, err := n.JS.Stream(ctx, events.StreamCommands)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	cfg.MaxBytes = 1 << 30
	if _, err := n.JS.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	if changes, err := events.EnsureStreams(ctx, n.JS, events.StreamsConfig{CommandMaxAge: time.Hour}); err != nil || len(changes) != 0 {
		t.Fatalf("%v %v", changes, err)
	}
}

func TestTheTruthCannotBeDeleted(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	fill(t, n, 3, 1)
	s, err := n.JS.Stream(ctx, events.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(ctx, 1); err == nil {
		t.Error("an event was deleted")
	}
	if err := s.Purge(ctx); err == nil {
		t.Error("events were purged")
	}
}

func TestSendsHoldsOneMessagePerRange(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	subject := events.SendSubject("demo", "31", "7")
	if _, err := n.JS.Publish(ctx, subject, nil); err != nil {
		t.Fatal(err)
	}
	var api *jetstream.APIError
	if _, err := n.JS.Publish(ctx, subject, nil); !errors.As(err, &api) || api.ErrorCode != 10077 {
		t.Fatalf("a second message for a range: %v", err)
	}
	c, err := n.JS.CreateConsumer(ctx, events.StreamSends, jetstream.ConsumerConfig{Durable: "senders", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.DoubleAck(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := n.JS.Publish(ctx, subject, nil); err != nil {
		t.Fatalf("after the ack: %v", err)
	}
}
