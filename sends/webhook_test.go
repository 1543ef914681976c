package sends_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/webhook"
	"muster/events"
	"muster/sends"
)

// TestWhatIsUnknownIsOfferedAgainUnderItsKey kills a sender between claim and outcome on a channel whose receiver
// recognises keys: its successor finds out what became of the claimed.
func TestWhatIsUnknownIsOfferedAgainUnderItsKey(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(900)
	var mu sync.Mutex
	got := make(map[string]int)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[r.Header.Get("Idempotency-Key")]++
	}))
	defer srv.Close()
	hook := func(o *sends.Options) {
		wh, err := webhook.New(webhook.Options{Allow: []string{strings.TrimPrefix(srv.URL, "http://")}, Private: true, Secret: "s"})
		h.must(err)
		t.Cleanup(wh.Close)
		o.Channels = []channels.Channel{mortalChannel{wh, o.Log.(*mortalLog)}}
		o.Workers = 1
	}
	dying := make(chan struct{})
	h.start("first", hook, func(o *sends.Options) {
		l := o.Log.(*mortalLog)
		l.at, l.after, l.dying = 3, true, dying // audience, claim, half of the calls
	})
	tmpl := events.Template{ID: "hook", Channel: "webhook", URL: srv.URL + "/in", Data: map[string]string{"text": "Hi {{name}}"}}
	h.launch(31, 900, tmpl)
	select {
	case <-dying:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not die")
	}
	h.start("second", hook)
	if b, want := h.completed(31), (events.Books{Audience: 900, Sent: 900}); b != want {
		t.Fatalf("books %+v, want %+v", b, want)
	}
	mu.Lock()
	defer mu.Unlock()
	twice := 0
	for _, n := range got {
		if n == 2 {
			twice++
		}
	}
	if len(got) != 900 || twice != 250 {
		t.Fatalf("%d keys, %d of them offered twice", len(got), twice)
	}
}
