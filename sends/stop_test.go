package sends_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/channels"
	"muster/channels/webhook"
	"muster/channels/wechat"
	"muster/events"
	"muster/sends"
)

// counter is a provider, WeChat's or a webhook's receiver, that counts the messages offered to it by user. answer is
// called before each answer; when it returns false there is none.
type counter struct {
	*httptest.Server
	mu     sync.Mutex
	got    map[string]int
	answer func(ctx context.Context) bool
}

func newCounter(t *testing.T, answer func(context.Context) bool) *counter {
	p := &counter{got: make(map[string]int), answer: answer}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "stable_token") {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":7200}`)
			return
		}
		var m struct {
			ToUser string `json:"touser"`
			UserID string `json:"user_id"`
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Errorf("a message that is no JSON: %v", err)
		}
		p.mu.Lock()
		p.got[m.ToUser+m.UserID]++
		answer := p.answer
		p.mu.Unlock()
		if !answer(r.Context()) {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	t.Cleanup(p.Close)
	return p
}

// answers changes how it answers from now on.
func (p *counter) answers(how func(context.Context) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = how
}

// offered counts the users to whom a message was offered, and proves that none was offered two.
func (p *counter) offered(t *testing.T) int {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for user, n := range p.got {
		if n > 1 {
			t.Fatalf("%s was offered %d messages", user, n)
		}
	}
	return len(p.got)
}

// wechat and webhook make a process send through p, with the timeouts of production.
func (p *counter) wechat(h *house) func(*sends.Options) {
	return func(o *sends.Options) {
		wc, err := wechat.New(wechat.Options{BaseURL: p.URL, AppID: "app", Secret: "secret"})
		h.must(err)
		h.t.Cleanup(wc.Close)
		o.Channels = []channels.Channel{wc}
	}
}

func (p *counter) webhook(h *house) func(*sends.Options) {
	return func(o *sends.Options) {
		wh, err := webhook.New(webhook.Options{Allow: []string{strings.TrimPrefix(p.URL, "http://")}, Private: true, Secret: "s"})
		h.must(err)
		h.t.Cleanup(wh.Close)
		o.Channels = []channels.Channel{wh}
	}
}

func (p *counter) hook() events.Template {
	return events.Template{ID: "hook", Channel: "webhook", URL: p.URL + "/in", Data: map[string]string{"text": "Hi"}}
}

func fast(context.Context) bool { return true }

// slow answers after a while.
func slow(ctx context.Context) bool { return channels.Pause(ctx, 300*time.Millisecond) }

// never waits until the sender hangs up.
func never(ctx context.Context) bool { <-ctx.Done(); return false }

// unknownBy counts the ledger's unknown users by code.
func unknownBy(h *house) map[string]uint64 {
	h.t.Helper()
	by := make(map[string]uint64)
	for _, e := range h.ledgerOf() {
		if e.Type != events.TypeLedgerOutcomes {
			continue
		}
		var o events.LedgerOutcomes
		h.must(json.Unmarshal(e.Data, &o))
		for _, r := range o.Results {
			if r.Status == events.Unknown {
				by[r.Code] += r.Count
			}
		}
	}
	return by
}

// TestStopWhileTheProviderIsSlow stops in the middle of a batch that would take longer than the grace: who was not
// offered a message yet is given back, and the next process sends to him.
func TestStopWhileTheProviderIsSlow(t *testing.T) {
	for name, c := range map[string]struct {
		way      func(*counter, *house) func(*sends.Options)
		template func(*counter) events.Template
	}{
		"wechat":  {(*counter).wechat, func(*counter) events.Template { return template() }},
		"webhook": {(*counter).webhook, (*counter).hook},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.model.fillTo(1000)
			p := newCounter(t, slow)
			first := h.start("first", c.way(p, h), func(o *sends.Options) { o.Grace = 2 * time.Second })
			h.launch(31, 1000, c.template(p))
			h.until(func() bool { return p.offered(t) >= 30 })
			first.stop()
			b, n := h.books(31), uint64(p.offered(t))
			if want := (events.Books{Audience: 1000, Sent: n, Pending: 1000 - n}); b != want {
				t.Fatalf("stopped with books %+v, want %+v", b, want)
			}
			if back := usersIn(h.ledgerOf(), events.TypeLedgerReleased); n >= 500 || back != 500-n {
				t.Fatalf("of 500 users claimed %d were sent to and %d given back", n, back)
			}
			p.answers(fast)
			h.start("second", c.way(p, h))
			if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 1000}); got != want {
				t.Fatalf("books %+v, want %+v", got, want)
			}
			if got := p.offered(t); got != 1000 {
				t.Fatalf("%d users got a message", got)
			}
		})
	}
}

// TestStopWhileTheProviderNeverAnswers stops while messages are under way of which nothing is ever heard: when the
// grace is over they are unknown, and nobody else is.
func TestStopWhileTheProviderNeverAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	p := newCounter(t, never)
	first := h.start("first", p.wechat(h), func(o *sends.Options) { o.Grace = 500 * time.Millisecond })
	h.launch(31, 1000, template())
	h.until(func() bool { return p.offered(t) >= 4 })
	began := time.Now()
	first.stop()
	if took := time.Since(began); took > 10*time.Second { // an answer may take 15 s
		t.Fatalf("the stop took %s", took)
	}
	n := uint64(p.offered(t))
	if got, want := h.books(31), (events.Books{Audience: 1000, Unknown: n, Pending: 1000 - n}); got != want || n >= 500 {
		t.Fatalf("stopped with books %+v, want %+v", got, want)
	}
	p.answers(fast)
	h.start("second", p.wechat(h))
	if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 1000 - n, Unknown: n}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if by := unknownBy(h); len(by) != 1 || by["no_answer"] != n {
		t.Fatalf("unknown are %v, want %d for want of an answer", by, n)
	}
	if got := p.offered(t); got != 1000 {
		t.Fatalf("%d users were offered a message", got)
	}
}

// TestPauseWhileTheProviderIsSlow pauses in the middle of a batch: the rest of it is given back at once.
func TestPauseWhileTheProviderIsSlow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	p := newCounter(t, slow)
	h.start("a", p.wechat(h))
	h.launch(31, 1000, template())
	h.until(func() bool { return p.offered(t) >= 30 })
	h.must(h.append(context.Background(), 31, events.TypeCampaignPaused, events.CampaignPaused{}))
	h.until(func() bool { return usersIn(h.ledgerOf(), events.TypeLedgerReleased) > 0 })
	n := uint64(p.offered(t))
	if got, want := h.books(31), (events.Books{Audience: 1000, Sent: n, Pending: 1000 - n}); got != want || n >= 500 {
		t.Fatalf("paused with books %+v, want %+v", got, want)
	}
	p.answers(fast)
	h.must(h.append(context.Background(), 31, events.TypeCampaignResumed, events.CampaignResumed{}))
	if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 1000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if got := p.offered(t); got != 1000 {
		t.Fatalf("%d users got a message", got)
	}
}

// TestCancelWhileTheProviderIsSlow cancels in the middle of a batch: whose turn had not come is skipped.
func TestCancelWhileTheProviderIsSlow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(500)
	p := newCounter(t, slow)
	h.start("a", p.wechat(h))
	h.launch(31, 1000, template())
	h.until(func() bool { return p.offered(t) >= 30 })
	h.must(h.append(context.Background(), 31, events.TypeCampaignCancelled, events.CampaignCancelled{}))
	got, n := h.completed(31), uint64(p.offered(t))
	if want := (events.Books{Audience: 500, Sent: n, Skipped: 500 - n}); got != want || n >= 500 {
		t.Fatalf("cancelled with books %+v, want %+v", got, want)
	}
}
