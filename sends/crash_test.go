package sends_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/sends"
)

// TestDeathAtEveryStep kills a process at its n-th touch of the log or of the provider, before or after it took
// effect, and lets another one finish: nobody is sent to twice, nobody is forgotten, and only users whom the dead
// process had in hand are unknown.
func TestDeathAtEveryStep(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; at <= 13; at++ {
			t.Run(fmt.Sprintf("step %d, answered %v", at, after), func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				h.model.fillTo(2600)
				h.must(h.append(context.Background(), 1, events.TypeCampaignCreated, events.CampaignCreated{ID: 1}))
				dying := make(chan struct{})
				first := h.start("first", func(o *sends.Options) {
					l := o.Log.(*mortalLog)
					l.at, l.after, l.dying = at, after, dying
					o.Workers = 1
				})
				h.launch(31, 1300, template())
				select {
				case <-dying:
				case <-time.After(30 * time.Second):
					t.Fatal("it did not die")
				}
				first.kill()
				h.start("second")
				b := h.completed(31)
				got := h.once()
				if b.Audience != 2600 || b.Pending != 0 || b.Sent+b.Unknown != 2600 || b.Unknown > 500 {
					t.Fatalf("books %+v", b)
				}
				if got < b.Sent || got > b.Sent+b.Unknown {
					t.Fatalf("%d users got a message, books %+v", got, b)
				}
			})
		}
	}
}

// TestManyDeaths kills senders again and again between claims, calls and outcomes while two work.
func TestManyDeaths(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(30_000)
	h.launch(31, 1000, template())
	for i := 0; i < 8 && !h.isCompleted(31); i++ {
		dying := make(chan struct{})
		h.start(fmt.Sprintf("a%d", i), func(o *sends.Options) {
			l := o.Log.(*mortalLog)
			l.at, l.after, l.dying = 5+i, i%2 == 0, dying
		})
		q := h.start(fmt.Sprintf("b%d", i), func(o *sends.Options) { o.Workers = 1 })
		h.until(func() bool {
			select {
			case <-dying:
				return true
			default:
				return h.isCompleted(31)
			}
		})
		if i%3 == 0 {
			q.stop()
		} else {
			q.kill()
		}
	}
	h.start("last")
	b := h.completed(31)
	got := h.once()
	if b.Audience != 30_000 || b.Pending+b.Failed+b.Skipped != 0 || b.Sent+b.Unknown != 30_000 || got < b.Sent || got > 30_000 {
		t.Fatalf("books %+v, %d users got a message", b, got)
	}
	if b.Unknown == 0 {
		t.Fatal("nobody had anything in hand when it died: the test proves nothing")
	}
	t.Logf("books %+v, %d users got a message", b, got)
}

func (h *house) isCompleted(id uint64) bool {
	e, err := h.nats.Store.Last(context.Background(), subject(id))
	h.must(err)
	return e.Type == events.TypeCampaignCompleted
}

// TestASenderThoughtDeadIsNot lets a range go to a second sender while the first waits for the provider: the second
// calls what is claimed unknown and goes on with the rest, the first corrects it.
func TestASenderThoughtDeadIsNot(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(1000)
	h.must(h.sandbox.Behave(sandboxDelay(120))) // a batch of 500 takes twice the ack wait
	stall := func(o *sends.Options) {
		o.JS = mute{o.JS} // nothing of it says that it lives
		o.Workers = 1
	}
	h.start("a", stall)
	h.start("b", stall)
	h.launch(31, 1000, template())
	h.completed(31)
	want := events.Books{Audience: 1000, Sent: 1000}
	h.until(func() bool { return h.books(31) == want }) // the slow one's word comes last
	if n := h.once(); n != 1000 {
		t.Fatalf("%d users got a message", n)
	}
	crashed := 0
	_, err := h.nats.Store.Each(context.Background(), events.LedgerSubject(biz, "31", "1"), 0, func(e events.Event) error {
		crashed += strings.Count(string(e.Data), `"code":"crashed"`)
		return nil
	})
	h.must(err)
	if crashed == 0 {
		t.Fatal("nobody was thought dead: the test proves nothing")
	}
}

func TestPauseResumeCancel(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(6000)
	h.must(h.sandbox.Behave(sandboxDelay(5)))
	h.start("a", func(o *sends.Options) { o.Workers, o.InFlight = 1, 2 })
	h.launch(31, 1000, template())
	ctx := context.Background()
	h.until(func() bool { return h.sandbox.Requests() >= 500 })
	h.must(h.append(ctx, 31, events.TypeCampaignPaused, events.CampaignPaused{}))
	h.quiet()
	before := h.books(31)
	if before.Sent == 0 || before.Pending == 0 || before.Unknown != 0 {
		t.Fatalf("paused with books %+v", before)
	}
	h.must(h.append(ctx, 31, events.TypeCampaignResumed, events.CampaignResumed{}))
	h.until(func() bool { return h.sandbox.Requests() >= before.Sent+500 })
	h.must(h.append(ctx, 31, events.TypeCampaignCancelled, events.CampaignCancelled{}))
	b := h.completed(31)
	if b.Audience != 6000 || b.Pending+b.Unknown+b.Failed != 0 || b.Sent <= before.Sent || b.Skipped == 0 {
		t.Fatalf("cancelled with books %+v", b)
	}
	if n := h.once(); n != b.Sent {
		t.Fatalf("%d users got a message, books %+v", n, b)
	}
}

func TestGracefulStopLeavesNothingUnknown(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(4000)
	h.must(h.sandbox.Behave(sandboxDelay(10)))
	first := h.start("first")
	h.launch(31, 1000, template())
	h.until(func() bool { return h.sandbox.Requests() >= 100 })
	first.stop()
	h.must(h.sandbox.Behave(sandboxDelay(0)))
	if b := h.books(31); b.Pending == 0 || b.Unknown != 0 || b.Sent == 0 {
		t.Fatalf("stopped with books %+v", b)
	}
	h.start("second")
	if got, want := h.completed(31), (events.Books{Audience: 4000, Sent: 4000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 4000 {
		t.Fatalf("%d users got a message", n)
	}
}

// TestIdsFarApartAreCutSmaller has users whose range is too big for one event, and addresses too big for SENDS.
func TestIdsFarApartAreCutSmaller(t *testing.T) {
	h := newHouse(t)
	users := roaring64.New()
	for i := range uint64(30_000) {
		users.Add(i * 0x1_0000_0001_0001)
	}
	h.model.users = users
	noise := make([]byte, 1<<19+400) // does not compress
	x := uint64(88172645463325252)
	for i := range noise {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		noise[i] = "abcdefghijklmnopqrstuvwxyzABCDEF"[x>>59]
	}
	h.model.address = func(id uint64) sends.Address {
		at := id * 0x9E3779B97F4A7C15 >> 45
		return sends.Address{UserID: id, OpenID: fmt.Sprintf("o%d", id), Attributes: map[string]string{"name": string(noise[at : at+400])}}
	}
	h.start("a")
	h.launch(31, 30_000, template())
	if got, want := h.completed(31), (events.Books{Audience: 30_000, Sent: 30_000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 30_000 {
		t.Fatalf("%d users got a message", n)
	}
}

func TestASegmentThatCannotBeEvaluatedFailsTheCampaign(t *testing.T) {
	h := newHouse(t)
	h.model.fill(1)
	h.model.fault = "there is no group 1"
	h.start("a")
	h.launch(31, 10, template())
	h.until(func() bool {
		e, err := h.nats.Store.Last(context.Background(), subject(31))
		return err == nil && e.Type == events.TypeCampaignFailed
	})
}
