package sends_test

import (
	"context"
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

// few makes a process hand out fewer campaigns at once than the tests below pause.
func few(o *sends.Options) { o.Campaigns = 2 }

// TestPausedCampaignsKeepNoOtherWaiting pauses more campaigns than a process hands out at once, then launches one more.
func TestPausedCampaignsKeepNoOtherWaiting(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(20)
	ctx := context.Background()
	const many = 10
	for id := uint64(31); id < 31+many; id++ {
		h.launch(id, 10, template())
		h.must(h.append(ctx, id, events.TypeCampaignPaused, events.CampaignPaused{}))
	}
	h.start("a", few)
	h.launch(99, 10, template())
	if got, want := h.completed(99), (events.Books{Audience: 20, Sent: 20}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	h.must(h.append(ctx, 31, events.TypeCampaignResumed, events.CampaignResumed{}))
	if got, want := h.completed(31), (events.Books{Audience: 20, Sent: 20}); got != want {
		t.Fatalf("resumed with books %+v, want %+v", got, want)
	}
}

// TestCampaignsPausedInTheMiddleKeepNoOtherWaiting pauses as many campaigns as a process hands out at once when all
// their ranges are handed out, then launches one more.
func TestCampaignsPausedInTheMiddleKeepNoOtherWaiting(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(20)
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009})) // refused for now
	h.start("a", few)
	stream, err := h.nats.JS.Stream(t.Context(), events.StreamSends)
	h.must(err)
	for id := uint64(31); id < 33; id++ {
		h.launch(id, 10, template())
	}
	h.until(func() bool { // two ranges each
		info, err := stream.Info(t.Context())
		h.must(err)
		return info.State.Msgs == 4
	})
	for id := uint64(31); id < 33; id++ {
		h.must(h.append(t.Context(), id, events.TypeCampaignPaused, events.CampaignPaused{}))
	}
	h.must(h.sandbox.Behave(sandbox.Behaviour{}))
	h.launch(99, 10, template())
	if got, want := h.completed(99), (events.Books{Audience: 20, Sent: 20}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	for id := uint64(31); id < 33; id++ {
		if b := h.books(id); b.Pending == 0 {
			t.Fatalf("campaign %d was not paused: %+v", id, b)
		}
		h.must(h.append(t.Context(), id, events.TypeCampaignResumed, events.CampaignResumed{}))
		if got, want := h.completed(id), (events.Books{Audience: 20, Sent: 20}); got != want {
			t.Fatalf("campaign %d resumed with books %+v, want %+v", id, got, want)
		}
	}
}

// TestCancelledIsNotOfferedAgain kills a sender between claim and outcome on a channel whose receiver recognises keys,
// then cancels: what is unknown stays so.
func TestCancelledIsNotOfferedAgain(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(900)
	var posts atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posts.Add(1) }))
	defer srv.Close()
	hook := func(o *sends.Options) {
		wh, err := webhook.New(webhook.Options{Allow: []string{strings.TrimPrefix(srv.URL, "http://")}, Private: true, Secret: "s"})
		h.must(err)
		t.Cleanup(wh.Close)
		o.Channels = []channels.Channel{mortalChannel{wh, o.Log.(*mortalLog)}}
		o.Workers = 1
	}
	dying := make(chan struct{})
	first := h.start("first", hook, func(o *sends.Options) {
		l := o.Log.(*mortalLog)
		l.at, l.after, l.dying = 3, true, dying // audience, claim, half of the calls
	})
	h.launch(31, 900, events.Template{ID: "hook", Channel: "webhook", URL: srv.URL + "/in", Data: map[string]string{"text": "Hi"}})
	select {
	case <-dying:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not die")
	}
	first.kill()
	before := posts.Load()
	h.must(h.append(context.Background(), 31, events.TypeCampaignCancelled, events.CampaignCancelled{}))
	h.start("second", hook)
	if b := h.completed(31); b.Sent != 0 || b.Unknown != 500 || b.Skipped != 400 {
		t.Fatalf("cancelled with books %+v", b)
	}
	if after := posts.Load(); after != before {
		t.Fatalf("%d messages were posted after the cancel", after-before)
	}
}
