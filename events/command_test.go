package events_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

func command(id string) events.Command {
	return events.Command{
		ID: id, Biz: "demo", Family: "group", Type: "group.create", Actor: "key-1", Correlation: "c0", Trace: "00-1-2-01",
		BodyHash: "abc", Time: time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC), Data: []byte(`{"name":"Spring"}`),
	}
}

func TestCommandIsStoredOnce(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	c := command("c1")
	seq, existing, err := events.PublishCommand(ctx, n.JS, c)
	if err != nil || seq != 1 || existing != nil {
		t.Fatalf("%d %v %v", seq, existing, err)
	}
	again := c
	again.Time, again.Correlation = time.Now(), "c5"
	for range 2 { // also after a restart
		seq, existing, err = events.PublishCommand(ctx, n.JS, again)
		if err != nil || seq != 1 || existing == nil || existing.Seq != 1 || !existing.Time.Equal(c.Time) {
			t.Fatalf("%d %v %v", seq, existing, err)
		}
		n.Restart()
	}
	for _, change := range []func(*events.Command){
		func(c *events.Command) { c.BodyHash = "other" },
		func(c *events.Command) { c.Type = "group.archive" },
	} {
		other := command("c1")
		change(&other)
		if _, _, err := events.PublishCommand(ctx, n.JS, other); !fault.Is(err, fault.Mismatch) {
			t.Fatal(err)
		}
	}
	for _, bad := range []events.Command{
		{}, {ID: "a.b", Biz: "demo", Family: "group", Type: "x"}, {ID: "a", Biz: "De", Family: "group", Type: "x"},
		{ID: "a", Biz: "demo", Family: "*", Type: "x"}, {ID: "a", Biz: "demo", Family: "group"},
		{ID: "a", Biz: "demo", Family: "group", Type: "x", Actor: "a\nb"},
	} {
		if _, _, err := events.PublishCommand(ctx, n.JS, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestCommandsAreFound(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	for i := range 50 {
		c := command(fmt.Sprint("c", i))
		c.Family = []string{"group", "campaign", "sync"}[i%3]
		if _, _, err := events.PublishCommand(ctx, n.JS, c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := events.GetCommand(ctx, n.JS, "c31")
	if err != nil || got.Seq != 32 || got.Family != "campaign" || got.ID != "c31" || got.Type != "group.create" ||
		got.Actor != "key-1" || got.Trace != "00-1-2-01" || string(got.Data) != `{"name":"Spring"}` {
		t.Fatalf("%+v %v", got, err)
	}
	if at, err := events.GetCommandAt(ctx, n.JS, 32); err != nil || at.ID != "c31" {
		t.Fatalf("%+v %v", at, err)
	}
	for _, id := range []string{"c99", "", "*", "a.b"} {
		if _, err := events.GetCommand(ctx, n.JS, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := events.GetCommandAt(ctx, n.JS, 99); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestManyClicksOneCommand(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if seq, _, err := events.PublishCommand(ctx, n.JS, command("double")); err != nil || seq != 1 {
				t.Errorf("%d %v", seq, err)
			}
		})
	}
	wg.Wait()
}

// Of commands with one id in several families, sent at once by several processes, one is stored.
func TestAnIDIsOfOneFamily(t *testing.T) {
	t.Parallel()
	n, ctx := natstest.New(t), within(t)
	for round := range 20 {
		var all sync.WaitGroup
		var mu sync.Mutex
		seqs := map[uint64]bool{}
		for _, family := range []string{"group", "sync", "campaign", "admin"} {
			c := command(fmt.Sprint("c", round))
			c.Family, c.Type = family, family+".do"
			all.Go(func() {
				seq, _, err := events.PublishCommand(ctx, n.JS, c)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					seqs[seq] = true
				} else if !fault.Is(err, fault.Mismatch) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(seqs) != 1 {
			t.Fatalf("%d commands were stored under one id", len(seqs))
		}
	}
}
