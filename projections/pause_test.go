package projections

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"muster/events"
	"muster/internal/fault"
)

// A rebuild by a service that has just been started asks one that it never heard of to finish its batch.
func TestARebuildWaitsForABatchAtWork(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	first, db1 := b.process(100)
	first.peers.heartbeat = time.Hour // it says nothing of itself
	asked := b.hear(subjectPause)
	var armed atomic.Bool
	working, released := make(chan struct{}), make(chan struct{})
	db1.before = func(string, string) {
		if armed.CompareAndSwap(true, false) {
			close(working)
			for range 10 { // long enough for who does not wait
				select {
				case <-asked:
				case <-released:
					return
				}
			}
		}
	}
	b.start(first)
	b.reached(first, b.last)
	armed.Store(true)
	b.group("demo", 500)
	<-working

	second, db2 := b.process(100)
	second.peers.renew = 100 * time.Millisecond
	still(t, db2, db1)
	check := db2.before
	var release sync.Once
	db2.before = func(op, table string) {
		check(op, table)
		if op == "exchange" {
			release.Do(func() { close(released) })
		}
	}
	b.start(second)
	b.reached(second, b.last-1)
	_, err := second.Rebuild(t.Context())
	b.must(err)
	b.truth(first, second)
}

// A pause lasts as long as the exchange, however long that is: a service that went on would write into tables that
// are about to be dropped, and store a position that the new ones do not have.
func TestAPauseLastsAsLongAsTheExchange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	first, db1 := b.process(100)
	second, db2 := b.process(100)
	for _, s := range []*Service{first, second} {
		s.peers.hold, s.peers.renew = 2*time.Second, 100*time.Millisecond
	}
	still(t, db2, db1)
	check := db2.before
	var asked <-chan *nats.Msg
	db2.before = func(op, table string) {
		check(op, table)
		if op != "exchange" || table != "bizzes" {
			return
		}
		b.group("demo", 500)                                                   // something to do for who does not hold still
		for end, calls := time.After(30*time.Second), 0; calls < 40; calls++ { // twice as long as it holds without being called
			select {
			case <-asked:
			case <-end:
				t.Error("the pause is not renewed")
				return
			}
		}
	}
	b.start(first)
	b.start(second)
	b.reached(first, b.last)
	b.reached(second, b.last)
	asked = b.hear(subjectPause)
	_, err := second.Rebuild(t.Context(), Catalog, Groups)
	b.must(err)
	b.truth(first, second)
}

// Who went on in spite of the pause, because it could not hear the calls, is noticed: nothing is exchanged.
func TestABrokenPauseExchangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	second, db2 := b.process(100)
	second.peers.gone = time.Second // who does not hear does not answer either
	b.start(second)
	b.reached(second, b.last)
	other, _ := b.process(100)
	b.must(other.begin(t.Context()))
	compared := false
	db2.before = func(op, sql string) {
		switch {
		case op == "exchange":
			t.Errorf("%s is exchanged", sql)
		case op == "query" && strings.Contains(sql, "groups"+rebuildSuffix) && !compared:
			compared = true
			b.group("demo", 500)
			b.must(other.events.reach(t.Context(), b.last))
		}
	}
	if _, err := second.Rebuild(t.Context(), Groups); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the rebuild ended with %v", err)
	}
	if !compared {
		t.Error("it did not get as far as to compare: the test shows nothing")
	}
	b.truth(second)
}

// A service that has died is waited for no longer than it takes to know it.
func TestARebuildDoesNotWaitForTheDead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	s, _ := b.process(100)
	s.peers.gone = 2 * time.Second
	b.start(s)
	b.reached(s, b.last)
	nc := b.n.Connect()
	ghost, err := json.Marshal(Positions{Runner: "ghost", Stream: events.StreamEvents})
	b.must(err)
	b.must(nc.Publish(PositionSubject, ghost))
	b.until("the dead one was heard of", func() bool { return s.peers.alive()["ghost"] })
	_, err = s.Rebuild(t.Context(), Catalog)
	b.must(err)
}

// Two rebuilds would fill and drop tables of the same names: the second is refused, whichever service is asked.
func TestOneRebuildAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	first, _ := b.process(100)
	second, db2 := b.process(100)
	db2.before = func(op, table string) {
		if op == "create" && table == "users"+rebuildSuffix {
			if _, err := first.Rebuild(t.Context(), Users); !fault.Is(err, fault.Conflict) {
				t.Errorf("another rebuild at once: %v", err)
			}
		}
	}
	b.start(first)
	b.start(second)
	b.reached(first, b.last)
	b.reached(second, b.last)
	want := b.dump(b.db)
	_, err := second.Rebuild(t.Context())
	b.must(err)
	b.same(want, b.dump(b.db))
	_, err = first.Rebuild(t.Context(), Users)
	b.must(err)
	b.truth(first, second)
}

// A service that is started while tables are exchanged waits before its first step, too.
func TestWhoComesDuringAnExchangeWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	second, db2 := b.process(100)
	third, db3 := b.process(100)
	still(t, db2, db3)
	check := db2.before
	asked := b.hear(subjectRunning)
	db2.before = func(op, table string) {
		check(op, table)
		if op != "exchange" || table != "bizzes" {
			return
		}
		b.group("demo", 500)
		for len(asked) > 0 {
			<-asked
		}
		b.start(third)
		for end, asks := time.After(30*time.Second), 0; asks < 2; asks++ { // it asks, is told, and asks again
			select {
			case <-asked:
			case <-end:
				t.Error("it does not wait")
				return
			}
		}
	}
	b.start(second)
	b.reached(second, b.last)
	_, err := second.Rebuild(t.Context(), Catalog, Groups)
	b.must(err)
	b.truth(second, third)
}
