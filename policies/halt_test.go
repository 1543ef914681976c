package policies

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// A stray message among the events of groups stops the policy that reads them, and not the process.
func TestAStrayMessageStopsNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.JS.Publish(t.Context(), "evt.demo.group.777", []byte("garbage")); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 10)
	p := NewExpire(h.opt)
	p.Log = tells(told)
	h.run(p.Run) // fails the test when it ends with an error
	select {
	case line := <-told:
		if line != "the log is damaged: a service stands still" {
			t.Fatalf("it says %q", line)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it did not say that it stands still")
	}
}

// telling is a log handler that passes messages on.
type telling struct {
	slog.Handler
	to chan<- string
}

func tells(to chan<- string) *slog.Logger { return slog.New(telling{slog.DiscardHandler, to}) }

func (t telling) Enabled(context.Context, slog.Level) bool { return true }

func (t telling) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		t.to <- r.Message
	}
	return nil
}
