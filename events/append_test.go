package events_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

func TestAppendAndLoad(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	sub := events.EventSubject("demo", "group", "12")

	if _, err := n.Store.Last(ctx, sub); !fault.Is(err, fault.NotFound) {
		t.Fatalf("Last of nothing: %v", err)
	}
	if es, v, err := n.Store.Load(ctx, sub, 0); err != nil || len(es) != 0 || v != (events.Version{}) {
		t.Fatalf("Load of nothing: %v %v %v", es, v, err)
	}
	first := note("one")
	first.Actor, first.CommandID, first.Correlation, first.Trace = "key-1", "c1", "c0", "00-ab-cd-01"
	first.Count, first.Part, first.Encoding = 7, 2, events.EncodingRoaring64
	v1, err := add(ctx, n.Store, sub, events.Version{}, first)
	if err != nil {
		t.Fatal(err)
	}
	v2, err := add(ctx, n.Store, sub, v1, note("two"), note("three"))
	if err != nil {
		t.Fatal(err)
	}
	v3, err := add(ctx, n.Store, sub, events.Version{Seq: v2.Seq}, note("four")) // hash looked up
	if err != nil {
		t.Fatal(err)
	}
	es, v, err := n.Store.Load(ctx, sub, 0)
	if err != nil || v != v3 || len(es) != 4 {
		t.Fatalf("Load: %d events, %v, %v", len(es), v, err)
	}
	got := es[0]
	if got.Actor != "key-1" || got.CommandID != "c1" || got.Correlation != "c0" || got.Trace != "00-ab-cd-01" ||
		got.Count != 7 || got.Part != 2 || got.Encoding != events.EncodingRoaring64 || got.Subject != sub || got.Seq != v1.Seq ||
		string(got.Data) != `{"text":"one"}` || got.Time.Location() != time.UTC || got.PrevHash != "" {
		t.Fatalf("envelope: %+v", got)
	}
	if es[1].PrevHash != es[0].Hash || es[3].PrevHash != es[2].Hash || es[2].At() != v2 {
		t.Fatal("broken chain")
	}
	if es, _, err := n.Store.Load(ctx, sub, v2.Seq); err != nil || len(es) != 1 || es[0].At() != v3 {
		t.Fatalf("Load after: %v %v", es, err)
	}
	if last, err := n.Store.Last(ctx, sub); err != nil || last.At() != v3 {
		t.Fatalf("Last: %v %v", last, err)
	}
}

func TestLoadPagesALargeAggregate(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	fill(t, n, 2500, 1)
	seen := 0
	v, err := n.Store.Each(ctx, events.EventSubject("demo", "group", "0"), 0, func(e events.Event) error {
		seen++
		return nil
	})
	if err != nil || seen != 2500 || v.Seq != 2500 {
		t.Fatalf("%d events, %v, %v", seen, v, err)
	}
	stop := errors.New("enough")
	if _, err := n.Store.Each(ctx, events.EventSubject("demo", "group", "0"), 0, func(events.Event) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
}

func TestTwelveWritersKeepOneChain(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	sub := events.EventSubject("demo", "group", "1")
	const writers, each = 12, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			store := events.NewStore(n.JS, events.StoreOptions{})
			for i := range each {
				for {
					var v events.Version
					last, err := store.Last(ctx, sub)
					if err == nil {
						v = last.At()
					} else if !fault.Is(err, fault.NotFound) {
						t.Error(err)
						return
					}
					var es []events.Event
					for range 1 + i%3 { // single publishes and batches mixed
						es = append(es, note(fmt.Sprintf("%d/%d", w, i)))
					}
					_, err = add(ctx, store, sub, v, es...)
					if err == nil {
						break
					}
					var conflict *events.ConflictError
					if !errors.As(err, &conflict) || !fault.Is(err, fault.Conflict) || conflict.Actual <= conflict.Expected {
						t.Errorf("no conflict: %v", err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	counts := map[string]int{}
	_, err := n.Store.Each(ctx, sub, 0, func(e events.Event) error { counts[string(e.Data)]++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != writers*each {
		t.Fatalf("%d decisions, want %d", len(counts), writers*each)
	}
	for text, c := range counts {
		var w, i int
		if _, err := fmt.Sscanf(text, `{"text":"%d/%d"}`, &w, &i); err != nil || c != 1+i%3 {
			t.Fatalf("%s is there %d times", text, c)
		}
	}
}

func TestConflictOnTheSecondSubjectAppendsNothing(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	a, b := events.EventSubject("demo", "group", "1"), events.EventSubject("demo", "upload", "u1")
	vb, err := add(ctx, n.Store, b, events.Version{}, note("b"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.Store.Append(ctx, []events.Append{
		{Subject: a, Events: []events.Event{note("a1"), note("a2")}},
		{Subject: b, Events: []events.Event{note("b2")}},
	})
	var conflict *events.ConflictError
	if !errors.As(err, &conflict) || conflict.Subject != b || conflict.Expected != 0 || conflict.Actual != vb.Seq {
		t.Fatalf("got %v", err)
	}
	if es, _, err := n.Store.Load(ctx, a, 0); err != nil || len(es) != 0 {
		t.Fatalf("%v %v", es, err)
	}
	vs, err := n.Store.Append(ctx, []events.Append{
		{Subject: a, Events: []events.Event{note("a1"), note("a2")}},
		{Subject: b, Expected: vb, Events: []events.Event{note("b2")}},
	})
	if err != nil || vs[0].Seq != 3 || vs[1].Seq != 4 {
		t.Fatalf("%v %v", vs, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	sub := events.EventSubject("demo", "group", "1")
	many := make([]events.Event, events.MaxAppend+1)
	for i := range many {
		many[i] = note("x")
	}
	lines := note("x")
	lines.Actor = "a\r\nMuster-Type: forged"
	big := note(strings.Repeat("x", 9<<20))
	one := []events.Event{note("x")}
	for name, c := range map[string]struct {
		appends []events.Append
		code    fault.Code
	}{
		"nothing":         {nil, fault.Invalid},
		"no events":       {[]events.Append{{Subject: sub}}, fault.Invalid},
		"too many":        {[]events.Append{{Subject: sub, Events: many}}, fault.TooLarge},
		"too large":       {[]events.Append{{Subject: sub, Events: []events.Event{big}}}, fault.TooLarge},
		"bad subject":     {[]events.Append{{Subject: events.EventSubject("demo", "group", "*"), Events: one}}, fault.Invalid},
		"twice":           {[]events.Append{{Subject: sub, Events: one}, {Subject: sub, Events: one}}, fault.Invalid},
		"two streams":     {[]events.Append{{Subject: sub, Events: one}, {Subject: events.LedgerSubject("demo", "1", "1"), Events: one}}, fault.Invalid},
		"no type":         {[]events.Append{{Subject: sub, Events: []events.Event{{Version: 1}}}}, fault.Invalid},
		"no version":      {[]events.Append{{Subject: sub, Events: []events.Event{{Type: "a.b"}}}}, fault.Invalid},
		"header smuggled": {[]events.Append{{Subject: sub, Events: []events.Event{lines}}}, fault.Invalid},
	} {
		if _, err := n.Store.Append(ctx, c.appends); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestGivenIDsMakeAppendIdempotent(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	for _, count := range []int{1, 3} {
		sub := events.EventSubject("demo", "group", fmt.Sprint(count))
		es := make([]events.Event, count)
		for i := range es {
			es[i] = note(fmt.Sprint(i))
			es[i].ID = fmt.Sprintf("given-%d-%d", count, i)
		}
		first, err := add(ctx, n.Store, sub, events.Version{}, es...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range es { // another process, another time
			es[i].Time = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
		}
		again, err := add(ctx, n.Store, sub, events.Version{}, es...)
		if err != nil || again != first {
			t.Fatalf("%v, want %v: %v", again, first, err)
		}
		all, _, err := n.Store.Load(ctx, sub, 0)
		if err != nil || len(all) != count {
			t.Fatalf("%d events, want %d: %v", len(all), count, err)
		}
	}
}

func TestLostAckAppendsOnce(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 10} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			n := natstest.New(t)
			lossy := newLossyProxy(t, n.Addr)
			store := events.NewStore(lossy.js, events.StoreOptions{Attempt: 300 * time.Millisecond})
			var at events.Version
			sub := events.EventSubject("demo", "group", "1")
			for round := range 6 {
				es := make([]events.Event, count)
				for i := range es {
					es[i] = note(fmt.Sprintf("%d/%d", round, i))
				}
				lossy.cutAfterStored.Store(round%2 == 1)
				v, err := add(within(t), store, sub, at, es...)
				if err != nil {
					t.Fatal(err)
				}
				at = v
			}
			all, v, err := n.Store.Load(within(t), sub, 0)
			if err != nil || len(all) != 6*count || v != at {
				t.Fatalf("%d events, want %d: %v", len(all), 6*count, err)
			}
			if lossy.cuts.Load() != 3 {
				t.Fatalf("%d acks were lost, want 3", lossy.cuts.Load())
			}
		})
	}
}

func TestCancelledAppendCanBeRepeated(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	sub := events.EventSubject("demo", "group", "1")
	for round := range 30 {
		ctx, cancel := context.WithCancel(context.Background())
		timer := time.AfterFunc(time.Duration(round*20)*time.Microsecond, cancel)
		last, err := n.Store.Last(within(t), sub)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		appends := []events.Append{{Subject: sub, Expected: last.At(), Events: []events.Event{note("a"), note("b")}}}
		_, err = n.Store.Append(ctx, appends)
		timer.Stop()
		cancel()
		if err != nil {
			if !fault.Is(err, fault.Unavailable) {
				t.Fatal(err)
			}
			if _, err := n.Store.Append(within(t), appends); err != nil {
				t.Fatal(err)
			}
		}
		all, _, err := n.Store.Load(within(t), sub, 0)
		if err != nil || len(all) != 2*(round+1) {
			t.Fatalf("round %d: %d events: %v", round, len(all), err)
		}
	}
}

func TestAppendThroughARestart(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	sub := events.EventSubject("demo", "group", "1")
	var wg sync.WaitGroup
	started := make(chan struct{})
	const rounds = 60
	wg.Go(func() {
		var at events.Version
		for i := range rounds {
			v, err := add(within(t), n.Store, sub, at, note(fmt.Sprint(i)), note("and"))
			if err != nil {
				t.Error(err)
				return
			}
			at = v
			if i == 20 {
				close(started)
			}
		}
	})
	<-started
	n.Restart()
	wg.Wait()
	all, _, err := n.Store.Load(within(t), sub, 0)
	if err != nil || len(all) != 2*rounds {
		t.Fatalf("%d events, want %d: %v", len(all), 2*rounds, err)
	}
}

func TestAppendWithoutServerIsUnavailable(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	n.Stop()
	store := events.NewStore(n.JS, events.StoreOptions{GiveUp: 200 * time.Millisecond})
	_, err := add(within(t), store, events.EventSubject("demo", "group", "1"), events.Version{}, note("x"))
	if !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
}
