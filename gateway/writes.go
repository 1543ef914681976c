package gateway

import (
	"sync"
	"time"

	"muster/internal/fault"
)

// writes is what became of this process's last attempt to store something in the log. A
// server with a full disk answers everything but that, and tells no client why: only
// trying shows it.
type writes struct {
	clock func() time.Time

	mu     sync.Mutex
	failed time.Time // the last attempt, if it failed
}

// staleAfter is how long a failed attempt counts: whoever is told that nothing can be
// stored sends no more requests, and so nobody would find out that it can again.
const staleAfter = 15 * time.Second

// wrote takes the outcome of an attempt. Without a connection it says nothing about what
// the server would do; that there is none is seen elsewhere.
func (g *Gateway) wrote(err error) {
	if err == nil || g.opt.JS.Conn().IsConnected() {
		g.writes.tried(err)
	}
}

func newWrites(clock func() time.Time) *writes { return &writes{clock: clock} }

// tried takes the outcome of an attempt. Refusals of any other kind say nothing.
func (w *writes) tried(err error) {
	if err != nil && !fault.Is(err, fault.Unavailable) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = time.Time{}
	if err != nil {
		w.failed = w.clock()
	}
}

// work says whether, as far as anybody knows, the log takes what it is given.
func (w *writes) work() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed.IsZero() || w.clock().Sub(w.failed) > staleAfter
}
