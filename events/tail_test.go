package events_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

// TestFollowFromBeyondTheEnd follows from a sequence that nobody has written yet: what comes is read, and nothing is
// taken for damage.
func TestFollowFromBeyondTheEnd(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	fill(t, n, 3, 1)
	enough := errors.New("enough")
	var seqs []uint64
	var writing sync.WaitGroup // its ack comes after what it wrote was read
	err := events.Follow(ctx, n.JS, events.FollowOptions{From: 99_999, Log: natstest.Quiet(), CaughtUp: func() {
		if len(seqs) > 0 {
			t.Errorf("old events %v", seqs)
		}
		writing.Go(func() { fillOther(t, n) })
	}}, func(e events.Event) error {
		if seqs = append(seqs, e.Seq); len(seqs) == 2 {
			return enough
		}
		return nil
	})
	writing.Wait()
	if !errors.Is(err, enough) || seqs[0] != 4 || seqs[1] != 5 {
		t.Fatalf("%v, %v", seqs, err)
	}
}

func fillOther(t *testing.T, n *natstest.NATS) {
	if _, err := add(context.Background(), n.Store, events.EventSubject("demo", "group", "other"), events.Version{}, note("a"), note("b")); err != nil {
		t.Error(err)
	}
}

// TestAReaderBeyondTheEndIsDamage: who keeps a position of its own has read what is not there any more.
func TestAReaderBeyondTheEndIsDamage(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	fill(t, n, 3, 1)
	r := events.NewReader(n.JS, events.ReaderOptions{From: 5, Log: natstest.Quiet()})
	defer r.Close()
	if _, err := r.Next(within(t)); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("%v", err)
	}
}
