package sends_test

import (
	"log/slog"
	"testing"
	"time"

	"muster/events"
	"muster/sends"
)

// says waits for the next error in a log, which must begin with text.
func (h heard) says(t *testing.T, text string) {
	t.Helper()
	select {
	case line := <-h.errors:
		if len(line) < len(text) || line[:len(text)] != text {
			t.Fatalf("it says %q", line)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("it does not say %q", text)
	}
}

// asking counts the requests for a message that a consumer's processes have at the server.
func (h *house) asking(stream, name string) int {
	h.t.Helper()
	c, err := h.nats.JS.Consumer(h.t.Context(), stream, name)
	h.must(err)
	info, err := c.Info(h.t.Context())
	h.must(err)
	return info.NumWaiting
}

// TestAStrayMessageStopsSending puts a message among the events of campaigns that is none, in the middle of a
// campaign. A sender that could not hear a pause any more sends nothing more, and neither does the next process.
func TestAStrayMessageStopsSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	p := newCounter(t, slow)
	log := heard{slog.DiscardHandler, make(chan string, 100)}
	logged := func(o *sends.Options) { o.Logger = slog.New(log) }
	first := h.start("first", p.wechat(h), logged)
	h.launch(31, 1000, template())
	h.until(func() bool { return p.offered(t) >= 30 })

	_, err := h.nats.JS.Publish(t.Context(), "evt.demo.campaign.777", []byte("garbage"))
	h.must(err)
	const still = "the log is damaged: a service stands still service=sends"
	log.says(t, still)
	h.until(func() bool { return usersIn(h.ledgerOf(), events.TypeLedgerReleased) > 0 })
	h.until(func() bool {
		return h.asking(events.StreamEvents, "sends-freezer")+h.asking(events.StreamEvents, "sends-dispatcher")+
			h.asking(events.StreamSends, "sends-sender") == 0
	})
	first.stop() // it stood still until now, without an error
	n := uint64(p.offered(t))
	if got, want := h.books(31), (events.Books{Audience: 1000, Sent: n, Pending: 1000 - n}); got != want || n >= 500 {
		t.Fatalf("standing still with books %+v, want %+v", got, want)
	}

	second := h.start("second", p.wechat(h), logged)
	log.says(t, still)
	second.stop()
	if got := uint64(p.offered(t)); got != n {
		t.Fatalf("%d users were offered a message after it stood still", got-n)
	}
}
