package ledger_test

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/sends/ledger"
)

func TestALateTruthReplacesUnknownAndNothingElse(t *testing.T) {
	t.Parallel()
	r := ledger.New(roaring64.BitmapOf(1, 2, 3, 4))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.Claim(1, roaring64.BitmapOf(1, 2, 3)))
	must(r.Settle(events.Sent, roaring64.BitmapOf(1)))
	must(r.Settle(events.Unknown, roaring64.BitmapOf(1, 2, 3))) // 1 stays sent
	must(r.Settle(events.Failed, roaring64.BitmapOf(1, 2)))     // 2 was unknown
	must(r.Settle(events.Unknown, roaring64.BitmapOf(2)))
	if got, want := r.Books(), (events.Books{Audience: 4, Sent: 1, Failed: 1, Unknown: 1, Pending: 1}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	if err := r.Claim(1, roaring64.BitmapOf(2)); err == nil {
		t.Fatal("a second claim was taken")
	}
	if err := r.Claim(1, roaring64.BitmapOf(5)); err == nil {
		t.Fatal("a claim of a stranger was taken")
	}
	if err := r.Settle(events.Sent, roaring64.BitmapOf(4)); err == nil {
		t.Fatal("sent without a claim was taken")
	}
	must(r.Settle(events.Skipped, roaring64.BitmapOf(4)))
	if err := r.Claim(1, roaring64.BitmapOf(4)); err == nil {
		t.Fatal("a claim of a skipped user was taken")
	}
	if !r.Done() || !r.Open().IsEmpty() || !r.Remaining().IsEmpty() {
		t.Fatalf("not done: %+v", r.Books())
	}
}

// hand is one claim of five: 1 was sent, 2 is unknown since someone took over, 3 and 4 are open, 5 is in another hand,
// 6 remains. The provider refuses 2, 3, 5 and 6 for now.
func hand(t *testing.T) (*ledger.Range, *ledger.Hand) {
	t.Helper()
	r := ledger.New(roaring64.BitmapOf(1, 2, 3, 4, 5, 6))
	for _, err := range []error{
		r.Claim(10, roaring64.BitmapOf(1, 2, 3, 4, 5)), r.Release(10, roaring64.BitmapOf(5)), r.Claim(12, roaring64.BitmapOf(5)),
		r.Settle(events.Sent, roaring64.BitmapOf(1)), r.Settle(events.Unknown, roaring64.BitmapOf(2)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h := ledger.NewHand(10)
	h.Told.Add(4, events.Sent, "", "")
	h.Held.AddAll(roaring64.BitmapOf(2, 3, 5, 6), events.Failed, "45009", "gave up")
	return r, h
}

func TestOnlyWhatAHandHoldsIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change    func(h *ledger.Hand)
		want      events.Books
		remaining []uint64
	}{
		"given back": {func(*ledger.Hand) {}, events.Books{Audience: 6, Sent: 2, Failed: 1, Pending: 3}, []uint64{3, 6}},
		"its time was over": {func(h *ledger.Hand) { h.Expired = true },
			events.Books{Audience: 6, Sent: 2, Failed: 2, Pending: 2}, []uint64{6}},
		"who is unknown is offered again by others": {func(h *ledger.Hand) { h.Keyed = true },
			events.Books{Audience: 6, Sent: 2, Unknown: 1, Pending: 3}, []uint64{3, 6}},
		"offered again without a claim": {func(h *ledger.Hand) { h.Claim, h.Expired = 0, true },
			events.Books{Audience: 6, Sent: 2, Unknown: 1, Pending: 3}, []uint64{6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, h := hand(t)
			c.change(h)
			list, err := r.Conclude("a", h)
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range list {
				e.Seq = 20 + uint64(i)
				if err := r.Apply(e); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.Books(); got != c.want {
				t.Fatalf("books %+v, want %+v", got, c.want)
			}
			if got := r.Remaining().ToArray(); !slices.Equal(got, c.remaining) {
				t.Fatalf("%v remain, want %v", got, c.remaining)
			}
			if list, err := r.Conclude("a", h); err != nil || len(list) != 0 {
				t.Fatalf("there is more to say: %d events, %v", len(list), err)
			}
		})
	}
}

func TestAReleaseIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claim uint64
		user  uint64
	}{
		"sent": {10, 1}, "unknown": {10, 2}, "of another claim": {10, 5}, "never claimed": {10, 6}, "under another claim": {12, 3},
		"no claim": {0, 6}, "a stranger": {10, 7},
	} {
		r, _ := hand(t)
		if err := r.Release(c.claim, roaring64.BitmapOf(c.user)); err == nil {
			t.Errorf("%s: the release was taken", name)
		}
		if e, err := r.Releases("a", c.claim, roaring64.BitmapOf(c.user)); err == nil {
			t.Errorf("%s: the release was decided: %s", name, e.Data)
		}
	}
}
