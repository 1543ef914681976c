package sends_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/sandbox"
	"muster/channels/webhook"
	"muster/events"
	"muster/sends"
)

// ledgerOf returns what the ledger of campaign 31 says of its first range.
func (h *house) ledgerOf() (all []events.Event) {
	h.t.Helper()
	all, _, err := h.nats.Store.Load(context.Background(), events.LedgerSubject(biz, "31", "1"), 0)
	h.must(err)
	return all
}

// usersIn counts the users of the ledger's events of one type.
func usersIn(all []events.Event, t events.Type) (n uint64) {
	for _, e := range all {
		if e.Type == t {
			n += e.Count
		}
	}
	return n
}

func sentAll(h *house, n uint64) {
	h.t.Helper()
	if got, want := h.completed(31), (events.Books{Audience: n, Sent: n}); got != want {
		h.t.Fatalf("books %+v, want %+v", got, want)
	}
	if got := h.once(); got != n {
		h.t.Fatalf("%d users got a message", got)
	}
}

// TestStopWhileTheProviderRefusesForNow stops gracefully while the provider takes nothing, or every second message:
// who was provably not taken is pending, and the next process sends to him.
func TestStopWhileTheProviderRefusesForNow(t *testing.T) {
	for name, c := range map[string]struct {
		code int
		rate float64
	}{"quota used up": {45009, 1}, "busy": {-1, 1}, "every second": {45009, 0.5}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.model.fillTo(1000)
			h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: c.code, ErrCodeRate: &c.rate}))
			slowly := func(o *sends.Options) { o.RetryMin = time.Minute } // the first refusal is still in hand
			first := h.start("first", slowly)
			h.launch(31, 1000, template())
			h.until(func() bool { return h.sandbox.Requests() >= 500 })
			first.stop()
			b, all := h.books(31), h.ledgerOf()
			if b.Failed+b.Unknown+b.Skipped != 0 || b.Pending == 0 || (c.rate == 1) != (b.Sent == 0) {
				t.Fatalf("stopped with books %+v", b)
			}
			if claimed, back := usersIn(all, events.TypeLedgerClaimed), usersIn(all, events.TypeLedgerReleased); back != claimed-b.Sent {
				t.Fatalf("%d users were claimed, %d sent to, %d given back", claimed, b.Sent, back)
			}
			h.must(h.sandbox.Behave(sandbox.Behaviour{}))
			h.start("second")
			sentAll(h, 1000)
		})
	}
}

// TestPauseGivesBackWhatTheProviderRefusesForNow pauses while the provider takes nothing: nobody is asked any more,
// and whoever resumes claims anew.
func TestPauseGivesBackWhatTheProviderRefusesForNow(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(1000)
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009}))
	h.start("a", func(o *sends.Options) { o.RetryMin = time.Minute }) // the pause need not wait for the next try
	h.launch(31, 1000, template())
	h.until(func() bool { return h.sandbox.Requests() >= 500 })
	h.must(h.append(context.Background(), 31, events.TypeCampaignPaused, events.CampaignPaused{}))
	h.until(func() bool { return usersIn(h.ledgerOf(), events.TypeLedgerReleased) == 500 })
	h.must(h.sandbox.Behave(sandbox.Behaviour{}))
	h.quiet()
	if got, want := h.books(31), (events.Books{Audience: 1000, Pending: 1000}); got != want {
		t.Fatalf("paused with books %+v, want %+v", got, want)
	}
	h.must(h.append(context.Background(), 31, events.TypeCampaignResumed, events.CampaignResumed{}))
	sentAll(h, 1000)
}

// TestCancelWhileTheProviderRefusesForNow skips whom the provider did not take.
func TestCancelWhileTheProviderRefusesForNow(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(1000)
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009}))
	h.start("a", func(o *sends.Options) { o.RetryMin = time.Minute })
	h.launch(31, 1000, template())
	h.until(func() bool { return h.sandbox.Requests() >= 500 })
	h.must(h.append(context.Background(), 31, events.TypeCampaignCancelled, events.CampaignCancelled{}))
	if got, want := h.completed(31), (events.Books{Audience: 1000, Skipped: 1000}); got != want {
		t.Fatalf("cancelled with books %+v, want %+v", got, want)
	}
}

// TestDeathWhileGivingBack kills a process that is asked to stop just before or just after it gave back.
func TestDeathWhileGivingBack(t *testing.T) {
	for name, after := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.model.fillTo(1000)
			h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009}))
			dying := make(chan struct{})
			first := h.start("first", func(o *sends.Options) {
				l := o.Log.(*mortalLog)
				l.atType, l.after, l.dying = events.TypeLedgerReleased, after, dying
			})
			h.launch(31, 1000, template())
			h.until(func() bool { return h.sandbox.Requests() >= 500 })
			first.stop()
			select {
			case <-dying:
			default:
				t.Fatal("it gave nothing back")
			}
			h.must(h.sandbox.Behave(sandbox.Behaviour{}))
			h.start("second")
			if after {
				sentAll(h, 1000)
				return
			}
			if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 500, Unknown: 500}); got != want {
				t.Fatalf("books %+v, want %+v", got, want)
			}
		})
	}
}

// TestWhoBecameUnknownIsNotGivenBack lets a second sender take over while the first waits for a provider that refuses
// for now, and stops the first: what it says is the truth about users who are unknown by then, but it may not make
// them remaining.
func TestWhoBecameUnknownIsNotGivenBack(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(1000)
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009}))
	stall := func(o *sends.Options) {
		o.JS = mute{o.JS} // nothing of it says that it lives
		o.Workers, o.RetryMin = 1, 10*time.Millisecond
	}
	senders := map[string]*process{"a": h.start("a", stall), "b": h.start("b", stall)}
	h.launch(31, 1000, template())
	h.until(func() bool {
		return h.books(31).Unknown == 500 && usersIn(h.ledgerOf(), events.TypeLedgerClaimed) == 1000
	})
	var claim events.LedgerClaimed
	h.must(json.Unmarshal(h.ledgerOf()[0].Data, &claim))
	senders[claim.Sender].stop()
	if got, want := h.books(31), (events.Books{Audience: 1000, Failed: 500, Pending: 500}); got != want {
		t.Fatalf("stopped with books %+v, want %+v", got, want)
	}
	h.must(h.sandbox.Behave(sandbox.Behaviour{}))
	if got, want := h.completed(31), (events.Books{Audience: 1000, Failed: 500, Sent: 500}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if got := h.once(); got != 500 {
		t.Fatalf("%d users got a message", got)
	}
}

// TestARetryThatIsRefusedProvesNothing kills a sender between claim and outcome on a channel whose receiver
// recognises keys, and lets the receiver refuse for now what is offered again: it may have taken it the first time.
func TestARetryThatIsRefusedProvesNothing(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(500)
	var busy atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if busy.Load() {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer srv.Close()
	hook := func(o *sends.Options) {
		wh, err := webhook.New(webhook.Options{Allow: []string{strings.TrimPrefix(srv.URL, "http://")}, Private: true, Secret: "s"})
		h.must(err)
		t.Cleanup(wh.Close)
		o.Channels = []channels.Channel{mortalChannel{wh, o.Log.(*mortalLog)}}
		o.Workers, o.RetryFor = 1, 50*time.Millisecond
	}
	dying := make(chan struct{})
	h.start("first", hook, func(o *sends.Options) {
		l := o.Log.(*mortalLog)
		l.at, l.after, l.dying = 3, true, dying // audience, claim, half of the calls
	})
	h.launch(31, 500, events.Template{ID: "hook", Channel: "webhook", URL: srv.URL + "/in", Data: map[string]string{"text": "Hi"}})
	select {
	case <-dying:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not die")
	}
	busy.Store(true)
	h.start("second", hook)
	if got, want := h.completed(31), (events.Books{Audience: 500, Unknown: 500}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
}
