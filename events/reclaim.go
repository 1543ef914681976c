package events

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// Reclaim makes the durable consumers deliver again at once what was delivered and
// not acked, and names those it touched. It is for a process that runs the server
// itself, at its start: whoever held those messages died with the server before, and
// waiting for AckWait would only lose time. Where it is wrong about that, nothing
// happens twice: who works on a message is fenced by expected sequences.
func Reclaim(ctx context.Context, js jetstream.JetStream) ([]string, error) {
	var touched []string
	for _, name := range []string{StreamCommands, StreamEvents, StreamSends} {
		stream, err := js.Stream(ctx, name)
		if err != nil {
			return touched, fault.Wrap(fault.Unavailable, err, "look for consumers of "+name)
		}
		list := stream.ListConsumers(ctx)
		var held []string
		for c := range list.Info() {
			if c.Config.Durable != "" && c.NumAckPending > 0 {
				held = append(held, c.Name)
			}
		}
		if err := list.Err(); err != nil {
			return touched, fault.Wrap(fault.Unavailable, err, "look for consumers of "+name)
		}
		for _, consumer := range held {
			if _, err := js.ResetConsumer(ctx, name, consumer); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
				return touched, fault.Wrap(fault.Unavailable, err, "take over consumer "+consumer)
			}
			touched = append(touched, consumer)
		}
	}
	return touched, nil
}
