package sends_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muster/channels/sandbox"
	"muster/events"
	"muster/sends"
)

// fasthttp's cleaners sleep some seconds on after their client or server is closed, and then end.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

func TestTwoSendersOneMessageEach(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(20_000)
	h.start("a")
	h.start("b")
	h.launch(31, 1000, template())
	if got, want := h.completed(31), (events.Books{Audience: 20_000, Sent: 20_000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 20_000 {
		t.Fatalf("%d users got a message", n)
	}
}

func TestDroppedAnswersAreUnknownAndNeverSentAgain(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(2000)
	h.must(h.sandbox.Behave(sandbox.Behaviour{DropRate: 0.1}))
	h.start("a")
	h.start("b")
	h.launch(31, 300, template())
	b := h.completed(31)
	if b.Unknown < 100 || b.Unknown > 320 || b.Sent+b.Unknown != 2000 {
		t.Fatalf("books %+v", b)
	}
	if n := h.once(); n != 2000 {
		t.Fatalf("%d users got a message", n)
	}
}

func TestProviderRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		behave sandbox.Behaviour
		want   events.Books
	}{
		"for good":  {sandbox.Behaviour{ErrCode: 43101}, events.Books{Audience: 500, Failed: 500}},
		"bare 500s": {sandbox.Behaviour{HTTP500Rate: 1}, events.Books{Audience: 500, Unknown: 500}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.model.fillTo(500)
			h.must(h.sandbox.Behave(c.behave))
			h.start("a")
			h.launch(31, 200, template())
			if got := h.completed(31); got != c.want {
				t.Fatalf("books %+v, want %+v", got, c.want)
			}
			if n := h.sandbox.Requests(); n != 500 {
				t.Fatalf("%d requests", n)
			}
		})
	}
}

func TestRefusedForNowIsAskedAgain(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(1000)
	half := 0.5
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009, ErrCodeRate: &half}))
	h.start("a")
	h.launch(31, 300, template())
	if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 1000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 1000 {
		t.Fatalf("%d users got a message", n)
	}
}

func TestRefusedForNowForTooLongHasFailed(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(100)
	h.must(h.sandbox.Behave(sandbox.Behaviour{ErrCode: 45009}))
	h.start("a", func(o *sends.Options) { o.RetryFor = 50 * time.Millisecond })
	h.launch(31, 300, template())
	if got, want := h.completed(31), (events.Books{Audience: 100, Failed: 100}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
}

func TestTokenEndsInTheMiddle(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(5000)
	h.start("a", func(o *sends.Options) { o.Workers = 2 })
	stop := h.background(func(ctx context.Context) error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				h.sandbox.ExpireToken()
			}
		}
	})
	h.launch(31, 500, template())
	got := h.completed(31)
	stop()
	if want := (events.Books{Audience: 5000, Sent: 5000}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 5000 {
		t.Fatalf("%d users got a message", n)
	}
	if n := h.sandbox.TokenFetches(); n < 2 || n > h.sandbox.Requests()/20 {
		t.Fatalf("%d tokens were fetched for %d requests", n, h.sandbox.Requests())
	}
}

func TestWhoCannotBeSentTo(t *testing.T) {
	h := newHouse(t)
	h.model.fillTo(300)
	h.model.address = func(id uint64) sends.Address {
		a := sends.Address{UserID: id, OpenID: "o", Attributes: map[string]string{"name": "Ann"}}
		switch id % 3 {
		case 0:
			a.OpenID = ""
		case 1:
			a.Attributes = nil
		default:
			a.OpenID = "o" + string(rune('a'+id%26)) + time.Duration(id).String()
		}
		return a
	}
	h.start("a")
	h.launch(31, 100, template())
	if got, want := h.completed(31), (events.Books{Audience: 300, Sent: 100, Skipped: 200}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	if n := h.once(); n != 100 {
		t.Fatalf("%d users got a message", n)
	}
}

func TestEmptyAudienceCompletesAtOnce(t *testing.T) {
	h := newHouse(t)
	h.model.fill()
	h.start("a")
	h.launch(31, 100, template())
	if got := h.completed(31); got != (events.Books{}) {
		t.Fatalf("books %+v", got)
	}
}
