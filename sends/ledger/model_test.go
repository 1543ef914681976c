package ledger_test

import (
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"muster/events"
	"muster/sends/ledger"
)

// world is everything that outlives a sender: the ledger subject, and the provider.
type world struct {
	users   *roaring64.Bitmap
	log     []events.Event
	spoke   map[uint64]string // the provider's one answer to a user's message that was not "later"
	held    map[uint64]bool   // of whom it said "later" at least once
	healthy bool              // it says "later" no more
}

func newWorld(users []uint64) *world {
	return &world{users: roaring64.BitmapOf(users...), spoke: map[uint64]string{}, held: map[uint64]bool{}}
}

// append is the store: it takes all events or none, and refuses when the subject is not where the writer thinks.
func (w *world) append(t *rapid.T, expected uint64, list []events.Event) bool {
	if uint64(len(w.log)) != expected {
		return false
	}
	for i := range list {
		list[i].Seq = expected + uint64(i) + 1
		if list[i].Type == events.TypeLedgerReleased {
			w.checkRelease(t, list[i])
		}
	}
	w.log = append(w.log, list...)
	return true
}

// checkRelease proves that nobody is given back whom the provider may have taken.
func (w *world) checkRelease(t *rapid.T, e events.Event) {
	c, users := released(t, e)
	if users.IsEmpty() || users.GetCardinality() != c.Count || e.Count != c.Count {
		t.Fatalf("a release of %v counts %d users", users, c.Count)
	}
	for _, u := range users.ToArray() {
		if w.spoke[u] != "" || !w.held[u] {
			t.Fatalf("user %d is given back of whom the provider said %q", u, w.spoke[u])
		}
	}
}

func (w *world) load(t *rapid.T) *ledger.Range {
	r := ledger.New(w.users.Clone())
	for _, e := range w.log {
		if err := r.Apply(e); err != nil {
			t.Fatalf("the ledger does not fold: %v", err)
		}
	}
	return r
}

// sender is one process working on the range; step does one thing between which it may crash, or be thought dead
// and go on all the same.
type sender struct {
	name    string
	w       *world
	r       *ledger.Range // nil: has not loaded
	hand    *ledger.Hand  // of its claim, not concluded yet
	calls   []uint64      // of the claim, to be offered now
	later   []uint64      // of the claim, refused for now
	settled bool          // took over: settled what its predecessor left open
	stop    bool          // asked to stop: gives back what is refused for now, and goes
}

// step does the next thing; it reports false when there is nothing left to do.
func (s *sender) step(t *rapid.T) bool {
	switch {
	case s.r == nil:
		s.r = s.w.load(t)
	case !s.settled:
		e, err := s.r.Outcomes(s.name, s.r.Abandoned())
		s.settled = s.write(t, err, some(e)...)
	case len(s.calls) > 0: // the call happened even if the sender dies right after
		user := s.calls[0]
		s.calls = s.calls[1:]
		s.call(t, user)
	case len(s.later) > 0 && !s.stop && s.patient(t):
		s.calls, s.later, s.hand.Held = s.later, nil, ledger.NewTally()
	case s.hand != nil:
		s.later = nil
		list, err := s.r.Conclude(s.name, s.hand)
		if s.write(t, err, list...) {
			s.hand = nil
		}
	case s.stop || s.r.Done():
		return false
	default:
		s.claim(t)
	}
	return true
}

// patient says that the sender asks again; otherwise its time is over, or the campaign is paused.
func (s *sender) patient(t *rapid.T) bool {
	what := rapid.SampledFrom([]string{"ask again", "give up", "give back"}).Draw(t, "held")
	s.hand.Expired = what == "give up"
	return what == "ask again"
}

func (s *sender) call(t *rapid.T, user uint64) {
	if before := s.w.spoke[user]; before != "" {
		t.Fatalf("the provider is asked again for user %d of whom it said %q", user, before)
	}
	answers := []string{"sent", "refused", "sent, answer lost", "never arrived"}
	if !s.w.healthy {
		answers = append(answers, "later", "later")
	}
	answer := rapid.SampledFrom(answers).Draw(t, "provider")
	if answer == "later" {
		s.w.held[user] = true
		s.later = append(s.later, user)
		s.hand.Held.Add(user, events.Failed, "45009", "gave up")
		return
	}
	s.w.spoke[user] = answer
	switch answer {
	case "sent":
		s.hand.Told.Add(user, events.Sent, "", "")
	case "refused":
		s.hand.Told.Add(user, events.Failed, "43101", "refused")
	default:
		s.hand.Told.Add(user, events.Unknown, "no_answer", "")
	}
}

func (s *sender) claim(t *rapid.T) {
	rest := s.r.Remaining()
	if rest.IsEmpty() { // someone else has the rest in hand: a takeover settles it
		s.settled = false
		return
	}
	calls := rest.ToArray()
	calls = calls[:min(3, len(calls))]
	e, err := s.r.Claims(s.name, roaring64.BitmapOf(calls...))
	if !s.write(t, err, some(e)...) {
		s.r, s.settled = nil, false // someone else is at work, or nobody knows: start over
		return
	}
	s.calls, s.hand = calls, ledger.NewHand(s.r.Version().Seq)
}

func some(e *events.Event) []events.Event {
	if e == nil {
		return nil
	}
	return []events.Event{*e}
}

// write appends events, all or none. After a conflict it loads; it also reports false when they were stored and the
// answer was lost. Either way the next step tries again.
func (s *sender) write(t *rapid.T, err error, list ...events.Event) bool {
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return true
	}
	if !s.w.append(t, s.r.Version().Seq, list) {
		s.r = s.w.load(t)
		return false
	}
	if rapid.IntRange(0, 9).Draw(t, "answer lost") == 0 {
		return false
	}
	for _, e := range list {
		if err := s.r.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// check proves what must hold after every step of anyone.
func (w *world) check(t *rapid.T) *ledger.Range {
	r := w.load(t)
	b := r.Books()
	if b.Audience != b.Sent+b.Failed+b.Skipped+b.Unknown+b.Pending || b.Audience != w.users.GetCardinality() {
		t.Fatalf("the books do not balance: %+v", b)
	}
	if pending := r.Open().GetCardinality() + r.Remaining().GetCardinality(); b.Pending != pending {
		t.Fatalf("%d users are open or remaining: %+v", pending, b)
	}
	return r
}

func TestNobodyIsTakenTwiceNorForgotten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.SliceOfN(rapid.Uint64(), 1, 12).Draw(t, "users"))
		senders := []*sender{{name: "a", w: w}, {name: "b", w: w}}
		restart := func(i int) { senders[i] = &sender{name: senders[i].name + "'", w: w} }
		for range rapid.IntRange(0, 120).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "who")
			switch rapid.IntRange(0, 11).Draw(t, "luck") {
			case 0: // kill -9, and a new process comes up
				restart(i)
				continue
			case 1:
				senders[i].stop = true
			}
			if !senders[i].step(t) && senders[i].stop {
				restart(i)
			}
			w.check(t)
		}
		w.healthy = true
		for i := range senders { // both go on to the end, in either order
			for senders[i].step(t) || senders[i].stop {
				if senders[i].stop && senders[i].hand == nil {
					restart(i)
				}
			}
		}
		if b := w.check(t).Books(); b.Pending != 0 {
			t.Fatalf("%d users were forgotten: %+v", b.Pending, b)
		}
		w.compare(t)
	})
}
