package gateway

import (
	"sync"

	"muster/events"
)

// outcome is the event that ended a command.
type outcome struct {
	event      events.Event // without payload
	settlement events.Settlement
}

// waits connects commands that someone waits for with the events that end them.
type waits struct {
	mu sync.Mutex
	by map[string]map[*waiter]struct{}
}

// waiter waits for one command. Done gets the first event that ends it.
type waiter struct {
	id   string
	done chan outcome
}

func newWaits() *waits { return &waits{by: map[string]map[*waiter]struct{}{}} }

// add begins to wait. It must be called before the command is stored.
func (w *waits) add(commandID string) *waiter {
	one := &waiter{id: commandID, done: make(chan outcome, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by[commandID] == nil {
		w.by[commandID] = map[*waiter]struct{}{}
	}
	w.by[commandID][one] = struct{}{}
	return one
}

func (w *waits) remove(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.by[one.id], one)
	if len(w.by[one.id]) == 0 {
		delete(w.by, one.id)
	}
}

// apply tells those who wait for the command, or the root command, of an event.
func (w *waits) apply(e events.Event) {
	s := events.Settles(e.Type)
	if s != events.Completed && s != events.Refused {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range []string{e.CommandID, e.Correlation} {
		for one := range w.by[id] {
			select {
			case one.done <- outcome{event: e, settlement: s}:
			default: // it has its end already
			}
		}
	}
}
