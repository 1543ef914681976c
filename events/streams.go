package events

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// StreamsConfig is what may differ between a laptop and production.
type StreamsConfig struct {
	Replicas      int           // 1, 3 or 5; 0: streams that are there keep theirs, new ones get 1
	CommandMaxAge time.Duration // how long commands, and so idempotency keys, are kept; default 7 days
}

// Change says what EnsureStreams did to one stream, or left as it found it on purpose.
type Change struct {
	Stream string
	What   string // "created", "MaxAge: 168h0m0s → 24h0m0s", or "Replicas: 3, left as it is: ..."
}

func (c Change) String() string { return c.Stream + ": " + c.What }

// EnsureStreams makes the four streams, or changes them to what this version
// wants, and says what it did; nothing when all is well. Any number of processes
// may call it at once.
func EnsureStreams(ctx context.Context, js jetstream.JetStream, cfg StreamsConfig) ([]Change, error) {
	var changes []Change
	for _, want := range streamConfigs(cfg) {
		c, err := ensureStream(ctx, js, want)
		if err != nil {
			return changes, fault.Wrap(fault.Unavailable, err, "set up stream "+want.Name)
		}
		changes = append(changes, c...)
	}
	return changes, nil
}

func streamConfigs(cfg StreamsConfig) []jetstream.StreamConfig {
	if cfg.CommandMaxAge == 0 {
		cfg.CommandMaxAge = 7 * 24 * time.Hour
	}
	truth := jetstream.StreamConfig{
		Storage: jetstream.FileStorage, Replicas: cfg.Replicas, Retention: jetstream.LimitsPolicy,
		DenyDelete: true, DenyPurge: true, Compression: jetstream.S2Compression,
		AllowDirect: true, AllowAtomicPublish: true,
	}
	events, ledger := truth, truth
	events.Name, events.Subjects = StreamEvents, []string{"evt.>"}
	events.Description = "The truth: what happened. Never deleted."
	ledger.Name, ledger.Subjects = StreamLedger, []string{"ledger.>"}
	ledger.Description = "The truth of sending: claims and outcomes. Never deleted."
	return []jetstream.StreamConfig{
		{
			Name: StreamCommands, Subjects: []string{"cmd.>"}, Description: "What was asked for. Kept as long as idempotency keys count.",
			Storage: jetstream.FileStorage, Replicas: cfg.Replicas, Retention: jetstream.LimitsPolicy,
			MaxAge: cfg.CommandMaxAge, AllowDirect: true,
		},
		events,
		{
			Name: StreamSends, Subjects: []string{"send.>"}, Description: "Ranges of users still to be sent to. Removed when done.",
			Storage: jetstream.FileStorage, Replicas: cfg.Replicas, Retention: jetstream.WorkQueuePolicy,
			MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, AllowDirect: true,
		},
		ledger,
	}
}

func ensureStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) ([]Change, error) {
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = js.CreateStream(ctx, created(want)); err == nil {
			return []Change{{want.Name, "created"}}, nil
		}
		if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return nil, err
		}
		s, err = js.Stream(ctx, want.Name) // another process was first
	}
	if err != nil {
		return nil, err
	}
	have := s.CachedInfo().Config
	update, changes, kept := mergeStream(have, want)
	if len(changes) == 0 {
		return kept, nil
	}
	if _, err := js.UpdateStream(ctx, update); err != nil {
		return nil, fmt.Errorf("change %v: %w", changes, err)
	}
	return append(changes, kept...), nil
}

// created is the configuration of a stream that is not there yet.
func created(want jetstream.StreamConfig) jetstream.StreamConfig {
	want.Replicas = max(want.Replicas, 1)
	return want
}

// mergeStream returns have with the fields that matter to us as in want, a list of
// those that differed, and of those that stay although they are not the default:
// nobody who did not ask for it takes replicas away. Everything else an operator may
// tune (placement, mirrors, size limits) stays.
func mergeStream(have, want jetstream.StreamConfig) (merged jetstream.StreamConfig, changes, kept []Change) {
	if want.Replicas == 0 {
		if want.Replicas = have.Replicas; have.Replicas > 1 {
			kept = append(kept, Change{want.Name, fmt.Sprintf("Replicas: %d, left as it is: nats.replicas is not set", have.Replicas)})
		}
	}
	h, w := reflect.ValueOf(&have).Elem(), reflect.ValueOf(want)
	for _, field := range []string{
		"Description", "Subjects", "Retention", "MaxAge", "MaxMsgsPerSubject", "Discard", "DiscardNewPerSubject",
		"Replicas", "DenyDelete", "DenyPurge", "Compression", "AllowDirect", "AllowAtomicPublish",
	} {
		hf, wf := h.FieldByName(field), w.FieldByName(field)
		if field == "MaxMsgsPerSubject" && wf.Int() == 0 && hf.Int() == -1 { // the server's word for no limit
			continue
		}
		if !reflect.DeepEqual(hf.Interface(), wf.Interface()) {
			changes = append(changes, Change{want.Name, fmt.Sprintf("%s: %v → %v", field, hf.Interface(), wf.Interface())})
			hf.Set(wf)
		}
	}
	return have, changes, kept
}
