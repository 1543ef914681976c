package ledger

import (
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
)

// Hand is what a sender knows of the users of one claim after it offered them to the provider.
type Hand struct {
	Claim   uint64 // sequence of the claim; 0: nobody was claimed, users who are unknown were offered again
	Told    *Tally // how users ended
	Held    *Tally // users whom the provider provably did not take so far, and how they fail if that is the end of it
	Expired bool   // it is: nobody is given back
	Keyed   bool   // the receiver knows messages by their key, so that whoever takes over offers unknown users again
}

// NewHand makes the hand of a claim about which nothing is known yet.
func NewHand(claim uint64) *Hand { return &Hand{Claim: claim, Told: NewTally(), Held: NewTally()} }

// Conclude returns the events that record a hand, to be appended together: the outcomes of those who ended, and the
// release of those held. No events when nothing changes.
//
// Who took the range over meanwhile settled the held as unknown. Those are not given back: someone counted on their
// having an outcome, and it may be written in closed books. They failed, which is the truth about them; unless they
// are offered again under their key, which makes the successor's word the later one.
func (r *Range) Conclude(sender string, h *Hand) ([]events.Event, error) {
	told := NewTally()
	for v, users := range h.Told.users {
		told.AddAll(users, v.status, v.code, v.reason)
	}
	back := roaring64.New()
	for v, users := range h.Held.users {
		mine := roaring64.And(users, r.handOf(h.Claim))
		lost := roaring64.And(mine, r.unknown)
		mine.AndNot(lost)
		if !h.Keyed {
			told.AddAll(lost, v.status, v.code, v.reason)
		}
		if h.Expired {
			told.AddAll(mine, v.status, v.code, v.reason)
		} else {
			back.Or(mine)
		}
	}
	var list []events.Event
	if e, err := r.Outcomes(sender, told); err != nil {
		return nil, err
	} else if e != nil {
		list = append(list, *e)
	}
	if !back.IsEmpty() {
		e, err := r.Releases(sender, h.Claim, back)
		if err != nil {
			return nil, err
		}
		list = append(list, *e)
	}
	return list, nil
}

// Releases returns the event that gives users of a claim back, all of whom must be open under that very claim.
func (r *Range) Releases(sender string, claim uint64, users *roaring64.Bitmap) (*events.Event, error) {
	if err := r.releasable(claim, users); err != nil {
		return nil, err
	}
	b, err := encode(users)
	if err != nil {
		return nil, err
	}
	n := users.GetCardinality()
	return event(events.TypeLedgerReleased, n, events.LedgerReleased{Sender: sender, Claim: claim, Count: n, Users: b})
}

// Release makes users of a claim remaining again. They must all be open under that very claim.
func (r *Range) Release(claim uint64, users *roaring64.Bitmap) error {
	if err := r.releasable(claim, users); err != nil {
		return err
	}
	r.claimed.AndNot(users)
	r.letGo(users)
	return nil
}

func (r *Range) releasable(claim uint64, users *roaring64.Bitmap) error {
	all := users.GetCardinality()
	if n := users.AndCardinality(r.handOf(claim)); n != all {
		return fmt.Errorf("%d users are given back whom claim %d does not hold", all-n, claim)
	}
	if n := users.AndCardinality(r.settled); n > 0 {
		return fmt.Errorf("%d users are given back who have an outcome", n)
	}
	return nil
}

// handOf returns the users whom a claim holds: not given back, and without a definite outcome.
func (r *Range) handOf(claim uint64) *roaring64.Bitmap {
	if users := r.hands[claim]; users != nil {
		return users
	}
	return roaring64.New()
}

// letGo takes users out of every hand.
func (r *Range) letGo(users *roaring64.Bitmap) {
	for claim, hand := range r.hands {
		if hand.AndNot(users); hand.IsEmpty() {
			delete(r.hands, claim)
		}
	}
}
