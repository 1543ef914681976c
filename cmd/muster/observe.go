package main

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/telemetry"
)

// observeEvery is how old what the metrics say of the streams may be.
const observeEvery = 5 * time.Second

// observe keeps the metrics of streams and their durable consumers: what is stored, and what waits.
func observe(ctx context.Context, js jetstream.JetStream, m *telemetry.Metrics) error {
	last := m.Gauge("stream_last_sequence", "Sequence of the newest message of a stream.", "stream")
	bytes := m.Gauge("stream_bytes", "Bytes a stream takes on disk.", "stream")
	pending := m.Gauge("consumer_pending", "Messages a durable consumer has not been given yet.", "stream", "consumer")
	unacked := m.Gauge("consumer_unacked", "Messages a durable consumer was given and has not acknowledged.", "stream", "consumer")
	tick := time.NewTicker(observeEvery)
	defer tick.Stop()
	for {
		for _, name := range []string{events.StreamCommands, events.StreamEvents, events.StreamSends, events.StreamLedger} {
			s, err := js.Stream(ctx, name)
			if err != nil {
				continue // NATS is away: the figures stay as they were, and /readyz says so
			}
			state := s.CachedInfo().State
			last.WithLabelValues(name).Set(float64(state.LastSeq))
			bytes.WithLabelValues(name).Set(float64(state.Bytes))
			consumers := s.ListConsumers(ctx)
			for c := range consumers.Info() {
				if c.Config.Durable != "" {
					pending.WithLabelValues(name, c.Name).Set(float64(c.NumPending))
					unacked.WithLabelValues(name, c.Name).Set(float64(c.NumAckPending))
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
