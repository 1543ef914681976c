package events_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

// What came one by one while the reader's user was busy is one batch, not many of one event.
func TestReaderGathersWhatWaits(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	r := events.NewReader(n.JS, events.ReaderOptions{Log: natstest.Quiet()})
	defer r.Close()
	if b, err := r.Next(ctx); err != nil || !b.CaughtUp {
		t.Fatalf("empty log: %+v %v", b, err)
	}
	const all = 200
	var at events.Version
	for i := range all {
		var err error
		if at, err = add(ctx, n.Store, events.EventSubject("demo", "group", "1"), at, note(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	batches := 0
	for r.Position() < all {
		if _, err := r.Next(ctx); err != nil {
			t.Fatal(err)
		}
		batches++
	}
	if batches > all/4 {
		t.Errorf("%d events came in %d batches", all, batches)
	}
}

// drain reads until caught up.
func drain(ctx context.Context, r *events.Reader) ([]events.Event, error) {
	var all []events.Event
	for {
		b, err := r.Next(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, b.Events...)
		if b.CaughtUp {
			return all, nil
		}
	}
}

func TestReaderReadsEverythingInBoundedBatches(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	r := events.NewReader(n.JS, events.ReaderOptions{MaxEvents: 70, Log: natstest.Quiet()})
	defer r.Close()
	if b, err := r.Next(ctx); err != nil || !b.CaughtUp || len(b.Events) != 0 {
		t.Fatalf("empty log: %+v %v", b, err)
	}
	fill(t, n, 1000, 7)
	for want := uint64(1); want <= 1000; {
		b, err := r.Next(ctx)
		if err != nil || len(b.Events) > 70 || len(b.Events) == 0 {
			t.Fatalf("%d events, %v", len(b.Events), err)
		}
		for _, e := range b.Events {
			if e.Seq != want {
				t.Fatalf("sequence %d, want %d", e.Seq, want)
			}
			want++
		}
		if r.Position() != want-1 {
			t.Fatalf("position %d, want %d", r.Position(), want-1)
		}
	}
	// From the middle, with room for few subjects: hashes are looked up.
	r2 := events.NewReader(n.JS, events.ReaderOptions{From: 500, MaxBytes: 100, Subjects: 2})
	defer r2.Close()
	if all, err := drain(ctx, r2); err != nil || len(all) != 501 || all[0].Seq != 500 {
		t.Fatalf("%d events, %v", len(all), err)
	}
	// Next is patient, and a cancelled call loses nothing.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := r2.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	last, err := n.Store.Last(ctx, events.EventSubject("demo", "group", "0"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := add(ctx, n.Store, last.Subject, last.At(), note("late")); err != nil {
		t.Fatal(err)
	}
	if b, err := r2.Next(ctx); err != nil || len(b.Events) != 1 || b.Events[0].Seq != 1001 || !b.CaughtUp {
		t.Fatalf("%+v %v", b, err)
	}
}

// unlocked is a server whose EVENTS allows what the real one denies.
func unlocked(t *testing.T) (*natstest.NATS, jetstream.Stream) {
	t.Helper()
	n, ctx := natstest.New(t), within(t)
	s, err := n.JS.Stream(ctx, events.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.CachedInfo().Config
	if err := n.JS.DeleteStream(ctx, events.StreamEvents); err != nil {
		t.Fatal(err)
	}
	cfg.DenyDelete, cfg.DenyPurge = false, false
	if s, err = n.JS.CreateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	return n, s
}

func TestReaderStopsAtDamage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, n *natstest.NATS, s jetstream.Stream)
		from   uint64
		good   int // events before the damage
		seq    uint64
	}{
		{"hole", func(t *testing.T, _ *natstest.NATS, s jetstream.Stream) { remove(t, s, 50) }, 1, 49, 50},
		{"hole at the start", func(t *testing.T, _ *natstest.NATS, s jetstream.Stream) { remove(t, s, 1) }, 1, 0, 1},
		{"hole where it goes on", func(t *testing.T, _ *natstest.NATS, s jetstream.Stream) { remove(t, s, 60) }, 60, 0, 60},
		{"a hole before it shows in the chain", func(t *testing.T, _ *natstest.NATS, s jetstream.Stream) { remove(t, s, 60) }, 61, 0, 61},
		{"the end is gone", func(t *testing.T, _ *natstest.NATS, s jetstream.Stream) {
			if err := s.Purge(within(t)); err != nil {
				t.Fatal(err)
			}
		}, 102, 0, 101},
		{"foreign message", func(t *testing.T, n *natstest.NATS, _ jetstream.Stream) {
			if _, err := n.JS.Publish(within(t), "evt.demo.group.0", []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}, 1, 100, 101},
		{"forged event", func(t *testing.T, n *natstest.NATS, s jetstream.Stream) {
			copyOf(t, n, s, 10, func(m *nats.Msg) { m.Data = append(m.Data, ' ') })
		}, 1, 100, 101},
		{"forged envelope", func(t *testing.T, n *natstest.NATS, s jetstream.Stream) {
			copyOf(t, n, s, 10, func(m *nats.Msg) { m.Header[events.HeaderActor] = []string{"me"} })
		}, 1, 100, 101},
		{"out of chain", func(t *testing.T, n *natstest.NATS, s jetstream.Stream) {
			copyOf(t, n, s, 10, func(*nats.Msg) {})
		}, 1, 100, 101},
		{"out of chain, from the middle", func(t *testing.T, n *natstest.NATS, s jetstream.Stream) {
			copyOf(t, n, s, 10, func(*nats.Msg) {})
		}, 101, 0, 101},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, s := unlocked(t)
			fill(t, n, 100, 1)
			c.damage(t, n, s)
			r := events.NewReader(n.JS, events.ReaderOptions{From: c.from, Log: natstest.Quiet()})
			defer r.Close()
			all, err := drain(within(t), r)
			var corrupt *events.CorruptError
			if !errors.As(err, &corrupt) || !fault.Is(err, fault.Corrupt) || corrupt.Seq != c.seq {
				t.Fatalf("want damage at %d, got %v", c.seq, err)
			}
			if len(all) != c.good {
				t.Fatalf("%d good events, want %d", len(all), c.good)
			}
			if _, again := r.Next(within(t)); again == nil || again.Error() != err.Error() {
				t.Fatalf("damage is final, got %v", again)
			}
			if r.Position() != c.from-1+uint64(c.good) {
				t.Fatalf("position %d", r.Position())
			}
		})
	}
}

func remove(t *testing.T, s jetstream.Stream, seq uint64) {
	t.Helper()
	if err := s.DeleteMsg(within(t), seq); err != nil {
		t.Fatal(err)
	}
}

func copyOf(t *testing.T, n *natstest.NATS, s jetstream.Stream, seq uint64, change func(*nats.Msg)) {
	t.Helper()
	raw, err := s.GetMsg(within(t), seq)
	if err != nil {
		t.Fatal(err)
	}
	m := &nats.Msg{Subject: raw.Subject, Header: raw.Header, Data: raw.Data}
	for k := range m.Header {
		if len(k) > 5 && k[:5] == "Nats-" {
			delete(m.Header, k)
		}
	}
	change(m)
	if _, err := n.JS.PublishMsg(within(t), m); err != nil {
		t.Fatal(err)
	}
}

func TestReaderThroughRestarts(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	const total = 600
	var wg sync.WaitGroup
	wg.Go(func() {
		var at events.Version
		for i := range total {
			v, err := add(ctx, n.Store, events.EventSubject("demo", "group", "0"), at, note(fmt.Sprint(i)))
			if err != nil {
				t.Error(err)
				return
			}
			at = v
		}
	})
	r := events.NewReader(n.JS, events.ReaderOptions{MaxEvents: 10, Log: natstest.Quiet()})
	defer r.Close()
	next, restarts := uint64(1), 0
	for next <= total {
		b, err := r.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Events {
			if e.Seq != next {
				t.Fatalf("sequence %d, want %d", e.Seq, next)
			}
			next++
		}
		if next > uint64(100+restarts*200) && restarts < 2 {
			restarts++
			n.Restart()
		}
	}
	wg.Wait()
	if restarts != 2 {
		t.Fatal("no restarts")
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	fill(t, n, 300, 3)
	key := events.EventSubject(events.SystemScope, "key", "k1")
	at, err := add(ctx, n.Store, key, events.Version{}, note("old"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	caughtUp, got := make(chan int, 1), make(chan string, 10)
	follow := func(opt events.FollowOptions, fn func(events.Event) error) {
		opt.Log = natstest.Quiet()
		wg.Go(func() {
			if err := events.Follow(ctx, n.JS, opt, fn); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	seen := 0
	follow(events.FollowOptions{Filters: []string{"evt._.>", "evt.demo.group.1"}, CaughtUp: func() { caughtUp <- seen }}, func(e events.Event) error {
		seen++
		if e.Subject == key {
			got <- string(e.Data)
		}
		return nil
	})
	if n := <-caughtUp; n != 101 {
		t.Fatalf("caught up after %d events, want 101", n)
	}
	if text := <-got; text != `{"text":"old"}` {
		t.Fatal(text)
	}
	heads, ready := make(chan events.Event, 10), make(chan struct{})
	follow(events.FollowOptions{OnlyNew: true, HeadersOnly: true, CaughtUp: func() { close(ready) }}, func(e events.Event) error {
		heads <- e
		return nil
	})
	<-ready
	n.Restart()
	e := note("new")
	e.CommandID = "c9"
	if _, err = add(ctx, n.Store, key, at, e); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != `{"text":"new"}` {
		t.Fatal(text)
	}
	if h := <-heads; h.CommandID != "c9" || h.Data != nil || h.Seq != 302 {
		t.Fatalf("%+v", h)
	}
	cancel()
	wg.Wait()
	stop := errors.New("stop")
	if err := events.Follow(within(t), n.JS, events.FollowOptions{}, func(events.Event) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
}
