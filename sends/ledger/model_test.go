package ledger_test

import (
	"fmt"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"muster/events"
	"muster/sends/ledger"
)

// world is everything that outlives a sender: the ledger subject, and the provider.
type world struct {
	users *roaring64.Bitmap
	log   []events.Event
	calls map[uint64]int    // how often the provider was asked to send to a user, per claim
	truth map[uint64]string // what the provider did: sent or refused
}

// append is the store: it refuses when the subject is not where the writer thinks.
func (w *world) append(expected uint64, e *events.Event) bool {
	if uint64(len(w.log)) != expected {
		return false
	}
	e.Seq = expected + 1
	w.log = append(w.log, *e)
	return true
}

func (w *world) load() (*ledger.Range, error) {
	r := ledger.New(w.users.Clone())
	for _, e := range w.log {
		if err := r.Apply(e); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// sender is one process working on the range; step does one thing between which it may crash, or be thought dead
// and go on all the same.
type sender struct {
	name    string
	w       *world
	r       *ledger.Range // nil: has not loaded
	hand    []uint64      // claimed by it, not called yet
	told    *ledger.Tally // verdicts not appended yet
	settled bool          // took over: settled what its predecessor left open
}

// step does the next thing; it reports false when there is nothing left to do.
func (s *sender) step(t *rapid.T) bool {
	var err error
	switch {
	case s.r == nil:
		if s.r, err = s.w.load(); err != nil {
			t.Fatal(err)
		}
	case !s.settled:
		s.settled = s.write(t, s.r.Abandoned())
	case len(s.hand) > 0: // the call happened even if the sender dies right after
		user := s.hand[0]
		s.hand = s.hand[1:]
		s.call(t, user)
	case s.told != nil:
		if s.write(t, s.told) {
			s.told = nil
		}
	case s.r.Done():
		return false
	default:
		s.claim(t)
	}
	return true
}

func (s *sender) call(t *rapid.T, user uint64) {
	s.w.calls[user]++
	switch rapid.SampledFrom([]string{"sent", "refused", "sent, answer lost", "never arrived"}).Draw(t, "provider") {
	case "sent":
		s.w.truth[user] = "sent"
		s.told.Add(user, events.Sent, "", "")
	case "refused":
		s.w.truth[user] = "refused"
		s.told.Add(user, events.Failed, "43101", "refused")
	case "sent, answer lost":
		s.w.truth[user] = "sent"
		s.told.Add(user, events.Unknown, "no_answer", "")
	default:
		s.told.Add(user, events.Unknown, "no_answer", "")
	}
}

func (s *sender) claim(t *rapid.T) {
	rest := s.r.Remaining()
	if rest.IsEmpty() { // someone else has the rest in hand: a takeover settles it
		s.settled = false
		return
	}
	claim := roaring64.New()
	var hand []uint64
	for it := rest.Iterator(); it.HasNext() && len(hand) < 3; {
		u := it.Next()
		hand = append(hand, u)
		claim.Add(u)
	}
	e, err := s.r.Claims(s.name, claim)
	if err != nil {
		t.Fatal(err)
	}
	if !s.w.append(s.r.Version().Seq, e) {
		s.r, s.settled = nil, false // someone else is at work: start over
		return
	}
	s.apply(t, *e)
	s.hand, s.told = hand, ledger.NewTally()
}

// write appends what a tally changes; after a conflict it loads and the next step tries again.
func (s *sender) write(t *rapid.T, tally *ledger.Tally) bool {
	e, err := s.r.Outcomes(s.name, tally)
	if err != nil {
		t.Fatal(err)
	}
	if e == nil {
		return true
	}
	if !s.w.append(s.r.Version().Seq, e) {
		if s.r, err = s.w.load(); err != nil {
			t.Fatal(err)
		}
		return false
	}
	s.apply(t, *e)
	return true
}

func (s *sender) apply(t *rapid.T, e events.Event) {
	if err := s.r.Apply(e); err != nil {
		t.Fatal(err)
	}
}

// check proves what must hold after every step of anyone.
func (w *world) check(t *rapid.T) *ledger.Range {
	r, err := w.load()
	if err != nil {
		t.Fatalf("the ledger does not fold: %v", err)
	}
	for u, n := range w.calls {
		if n > 1 {
			t.Fatalf("the provider was called %d times for user %d", n, u)
		}
	}
	b := r.Books()
	if b.Audience != b.Sent+b.Failed+b.Skipped+b.Unknown+b.Pending || b.Audience != w.users.GetCardinality() {
		t.Fatalf("the books do not balance: %+v", b)
	}
	return r
}

func TestNobodyIsCalledTwiceNorForgotten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &world{users: roaring64.New(), calls: map[uint64]int{}, truth: map[uint64]string{}}
		w.users.AddMany(rapid.SliceOfN(rapid.Uint64(), 1, 12).Draw(t, "users"))
		senders := []*sender{{name: "a", w: w}, {name: "b", w: w}}
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "who")
			if rapid.IntRange(0, 9).Draw(t, "luck") == 0 { // kill -9, and a new process comes up
				senders[i] = &sender{name: fmt.Sprintf("%s'", senders[i].name), w: w}
				continue
			}
			senders[i].step(t)
			w.check(t)
		}
		for _, s := range senders { // both go on to the end, in either order
			for s.step(t) {
			}
		}
		r := w.check(t)
		if b := r.Books(); b.Pending != 0 {
			t.Fatalf("%d users were forgotten: %+v", b.Pending, b)
		}
		w.compare(t, r)
	})
}

// compare proves that what the ledger says for certain is what the provider did.
func (w *world) compare(t *rapid.T, r *ledger.Range) {
	sent, refused := roaring64.New(), roaring64.New()
	for u, what := range w.truth {
		if what == "sent" {
			sent.Add(u)
		} else {
			refused.Add(u)
		}
	}
	b := r.Books()
	if b.Sent > sent.GetCardinality() || b.Failed > refused.GetCardinality() {
		t.Fatalf("the ledger says %+v, the provider sent %d and refused %d", b, sent.GetCardinality(), refused.GetCardinality())
	}
	open := roaring64.Or(sent, refused).GetCardinality() - b.Sent - b.Failed
	if open > b.Unknown {
		t.Fatalf("the provider saw %d more users than the ledger knows; only %d are unknown", open, b.Unknown)
	}
}

func TestALateTruthReplacesUnknownAndNothingElse(t *testing.T) {
	t.Parallel()
	r := ledger.New(roaring64.BitmapOf(1, 2, 3, 4))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.Claim(roaring64.BitmapOf(1, 2, 3)))
	must(r.Settle(events.Sent, roaring64.BitmapOf(1)))
	must(r.Settle(events.Unknown, roaring64.BitmapOf(1, 2, 3))) // 1 stays sent
	must(r.Settle(events.Failed, roaring64.BitmapOf(1, 2)))     // 2 was unknown
	must(r.Settle(events.Unknown, roaring64.BitmapOf(2)))
	if got, want := r.Books(), (events.Books{Audience: 4, Sent: 1, Failed: 1, Unknown: 1, Pending: 1}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	if err := r.Claim(roaring64.BitmapOf(2)); err == nil {
		t.Fatal("a second claim was taken")
	}
	if err := r.Claim(roaring64.BitmapOf(5)); err == nil {
		t.Fatal("a claim of a stranger was taken")
	}
	if err := r.Settle(events.Sent, roaring64.BitmapOf(4)); err == nil {
		t.Fatal("sent without a claim was taken")
	}
	must(r.Settle(events.Skipped, roaring64.BitmapOf(4)))
	if err := r.Claim(roaring64.BitmapOf(4)); err == nil {
		t.Fatal("a claim of a skipped user was taken")
	}
	if !r.Done() || !r.Open().IsEmpty() || !r.Remaining().IsEmpty() {
		t.Fatalf("not done: %+v", r.Books())
	}
}
