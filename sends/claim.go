package sends

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/channels"
	"muster/events"
	"muster/internal/fault"
	"muster/sends/ledger"
)

// claim appends a claim of these recipients. When nobody says whether it is stored it asks again until hard ends:
// only this sender knows that nobody was offered anything, and whoever finds the claim without it must call everyone
// unknown. late says that it had to ask again.
func (w *work) claim(hard context.Context, to []channels.Recipient) (late bool, err error) {
	users := roaring64.New()
	for i := range to {
		users.Add(to[i].UserID)
	}
	e, err := w.ledger.Claims(w.s.opt.Name, users)
	if err != nil {
		return false, err
	}
	list := []events.Event{*e} // gets its id with the first append, by which the others find it
	for {
		err := w.s.append(hard, w.c, w.rng, w.ledger, list...)
		if err == nil || !w.again(hard, "cannot tell whether a claim is stored", err) {
			return late, err
		}
		late = true
	}
}

// giveBack puts everyone of a claim that came late down as held. Until then another sender may have called them
// unknown, the campaign may have ended and an operator may have acted upon it: to give them back fails where the
// ledger moved on, to offer them would not. Who is not given back has failed.
func giveBack(to []channels.Recipient, hand *ledger.Hand) {
	for i := range to {
		hand.Held.Add(to[i].UserID, events.Failed, ledger.CodeNotOffered, "another sender took over before it was offered")
	}
}

// again waits before an append is tried once more; false when that is of no use, or ctx ends.
func (w *work) again(ctx context.Context, what string, err error) bool {
	if !fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return false
	}
	w.s.log.Warn(what+"; trying again", "campaign", w.c.key.id, "range", w.rng, "error", err)
	return channels.Pause(ctx, time.Second)
}
