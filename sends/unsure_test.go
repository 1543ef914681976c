package sends_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"muster/events"
	"muster/internal/fault"
	"muster/sends"
	"muster/sends/ledger"
)

// unsureLog stores what it is given, but does not say so of the first claim until it is told to: as when the server
// or the way to it is gone for longer than a call tries.
type unsureLog struct {
	sends.Log
	tell   chan struct{} // closed: it says again what is stored
	unsure chan struct{} // closed when the first claim is stored
	once   sync.Once
}

// unsure makes a process work with such a log.
func unsure(h *house) (l *unsureLog, change func(*sends.Options)) {
	l = &unsureLog{tell: make(chan struct{}), unsure: make(chan struct{})}
	return l, func(o *sends.Options) { l.Log = o.Log; o.Log, o.Workers = l, 1 }
}

func (l *unsureLog) Append(ctx context.Context, appends []events.Append) ([]events.Version, error) {
	if !slices.ContainsFunc(appends[0].Events, func(e events.Event) bool { return e.Type == events.TypeLedgerClaimed }) {
		return l.Log.Append(ctx, appends)
	}
	first := false
	l.once.Do(func() { first = true })
	if !first {
		select {
		case <-l.tell:
		case <-ctx.Done():
			return nil, fault.Wrap(fault.Unavailable, ctx.Err(), "append")
		}
	}
	v, err := l.Log.Append(ctx, appends)
	if first && err == nil {
		close(l.unsure)
		return nil, fault.New(fault.Unavailable, "the ack is lost")
	}
	return v, err
}

// TestAClaimWhoseAckIsLost stores a claim and does not say so for a while. Its sender knows that nobody was offered a
// message: nobody may become unknown.
func TestAClaimWhoseAckIsLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	l, change := unsure(h)
	h.start("a", change)
	h.launch(31, 1000, template())
	<-l.unsure
	close(l.tell)
	sentAll(h, 1000)
	if b := usersIn(h.ledgerOf(), events.TypeLedgerReleased); b != 500 {
		t.Fatalf("%d users were given back", b)
	}
}

// TestStopWhileAClaimIsUnsure stops a sender that does not know whether its claim is stored: when it learns that it
// is, within the grace, it gives everyone back.
func TestStopWhileAClaimIsUnsure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	l, change := unsure(h)
	first := h.start("first", change)
	h.launch(31, 1000, template())
	<-l.unsure
	stopped := make(chan struct{})
	go func() { defer close(stopped); first.stop() }()
	close(l.tell)
	<-stopped
	if b := h.books(31); b.Unknown+b.Failed+b.Skipped != 0 || usersIn(h.ledgerOf(), events.TypeLedgerReleased) < 500 {
		t.Fatalf("stopped with books %+v", b)
	}
	h.start("second")
	sentAll(h, 1000)
}

// TestAnUnsureClaimThatAnotherGaveUp lets a second sender take over while the first does not know whether its claim
// is stored. The second calls everyone in it unknown and finishes the range, and an operator may have acted upon that:
// so the first, when it learns of its claim, offers nothing any more, but says that nothing was offered.
func TestAnUnsureClaimThatAnotherGaveUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.model.fillTo(1000)
	l, change := unsure(h)
	h.start("first", change, func(o *sends.Options) { o.JS = mute{o.JS} }) // nothing of it says that it lives
	h.launch(31, 1000, template())
	<-l.unsure
	h.start("second")
	if got, want := h.completed(31), (events.Books{Audience: 1000, Sent: 500, Unknown: 500}); got != want {
		t.Fatalf("books %+v, want %+v", got, want)
	}
	close(l.tell)
	want := events.Books{Audience: 1000, Sent: 500, Failed: 500}
	h.until(func() bool { return h.books(31) == want })
	if got := h.once(); got != 500 {
		t.Fatalf("%d users got a message", got)
	}
	all := h.ledgerOf()
	if last := string(all[len(all)-1].Data); !strings.Contains(last, `"code":"`+ledger.CodeNotOffered+`"`) {
		t.Fatalf("the first sender's word is %s", last)
	}
}
