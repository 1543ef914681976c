package events_test

import (
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

func BenchmarkAppendSingle(b *testing.B) {
	n, ctx := natstest.New(b), within(b)
	for name, js := range links(b, n) {
		b.Run(name, func(b *testing.B) {
			store := events.NewStore(js, events.StoreOptions{})
			sub, at := events.EventSubject("demo", "group", name), events.Version{}
			if last, err := store.Last(ctx, sub); err == nil {
				at = last.At()
			}
			for b.Loop() {
				var err error
				if at, err = add(ctx, store, sub, at, note("x")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBarePublish(b *testing.B) {
	n, ctx := natstest.New(b), within(b)
	for name, js := range links(b, n) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := js.Publish(ctx, "cmd.demo.group.x", []byte(`{"text":"x"}`)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// links are the two ways to an embedded server.
func links(b *testing.B, n *natstest.NATS) map[string]jetstream.JetStream {
	nc, err := n.Server.Connect("bench", natstest.Quiet())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	in, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	return map[string]jetstream.JetStream{"tcp": n.JS, "inprocess": in}
}

func BenchmarkAppendBatch(b *testing.B) {
	for _, size := range []struct{ events, bytes int }{{2, 100}, {10, 100}, {100, 50 << 10}, {1000, 50 << 10}} {
		b.Run(fmt.Sprintf("%dx%d", size.events, size.bytes), func(b *testing.B) {
			n, ctx := natstest.New(b), within(b)
			data := make([]byte, size.bytes)
			_, _ = rand.Read(data)
			sub, at := events.EventSubject("demo", "upload", "u"), events.Version{}
			b.SetBytes(int64(size.events * size.bytes))
			for b.Loop() {
				es := make([]events.Event, size.events)
				for i := range es {
					es[i] = events.Event{Type: "upload.ids", Version: 1, Data: data}
				}
				var err error
				if at, err = add(ctx, n.Store, sub, at, es...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkConflicts(b *testing.B) {
	n, ctx := natstest.New(b), within(b)
	sub := events.EventSubject("demo", "group", "1")
	if _, err := add(ctx, n.Store, sub, events.Version{}, note("x")); err != nil {
		b.Fatal(err)
	}
	var conflicts atomic.Int64
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				for {
					last, err := n.Store.Last(ctx, sub)
					if err == nil {
						if _, err = add(ctx, n.Store, sub, last.At(), note("x")); err == nil {
							break
						}
					}
					if !fault.Is(err, fault.Conflict) {
						b.Error(err)
						return
					}
					conflicts.Add(1)
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(conflicts.Load())/float64(b.N), "conflicts/append")
}

func BenchmarkReader(b *testing.B) {
	for _, c := range []struct{ count, bytes int }{{200_000, 120}, {5_000, 80 << 10}} {
		n := natstest.New(b)
		seed(b, n, c.count, c.bytes)
		for name, js := range links(b, n) {
			b.Run(fmt.Sprintf("%dB/%s", c.bytes, name), func(b *testing.B) {
				ctx := within(b)
				b.SetBytes(int64(c.count * c.bytes))
				for b.Loop() {
					r := events.NewReader(js, events.ReaderOptions{})
					count := 0
					for caughtUp := false; !caughtUp; {
						batch, err := r.Next(ctx)
						if err != nil {
							b.Fatal(err)
						}
						count += len(batch.Events)
						caughtUp = batch.CaughtUp
					}
					r.Close()
					if count != c.count {
						b.Fatalf("%d events", count)
					}
				}
				b.ReportMetric(float64(b.N)*float64(c.count)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

func seed(b *testing.B, n *natstest.NATS, count, bytes int) {
	data := make([]byte, bytes)
	_, _ = rand.Read(data)
	at := make([]events.Version, 20)
	for done := 0; done < count; {
		for s := range at {
			es := make([]events.Event, min(500, count-done))
			if len(es) == 0 {
				return
			}
			for i := range es {
				es[i] = events.Event{Type: "group.noted", Version: 1, Actor: "key-1", CommandID: "c123456789012345", Data: data}
			}
			v, err := add(within(b), n.Store, events.EventSubject("demo", "group", fmt.Sprint(s)), at[s], es...)
			if err != nil {
				b.Fatal(err)
			}
			at[s], done = v, done+len(es)
		}
	}
}

func BenchmarkLoad10(b *testing.B) {
	n, ctx := natstest.New(b), within(b)
	seed(b, n, 200, 120)
	for i := range 1000 {
		if _, err := add(ctx, n.Store, events.EventSubject("demo", "group", fmt.Sprint("ten", i)), events.Version{},
			note("1"), note("2"), note("3"), note("4"), note("5"), note("6"), note("7"), note("8"), note("9"), note("10")); err != nil {
			b.Fatal(err)
		}
		if i > 50 {
			break
		}
	}
	b.ResetTimer()
	for b.Loop() {
		if es, _, err := n.Store.Load(ctx, events.EventSubject("demo", "group", "ten7"), 0); err != nil || len(es) != 10 {
			b.Fatal(len(es), err)
		}
	}
}
