package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/fault"
)

// Range is one range's state: who is in it, who was claimed and how each user ended.
// It is not safe for concurrent use.
type Range struct {
	users   *roaring64.Bitmap // who belongs to the range; never changes
	claimed *roaring64.Bitmap // claimed and not given back, settled or not
	settled *roaring64.Bitmap // has an outcome: the union of the four below
	sent    *roaring64.Bitmap
	failed  *roaring64.Bitmap
	skipped *roaring64.Bitmap
	unknown *roaring64.Bitmap
	hands   map[uint64]*roaring64.Bitmap // by the claim's sequence: who of it is open or unknown
	version events.Version
}

// New opens a range of these users, with an empty ledger. It keeps users; the caller must not change them.
func New(users *roaring64.Bitmap) *Range {
	return &Range{
		users: users, claimed: roaring64.New(), settled: roaring64.New(),
		sent: roaring64.New(), failed: roaring64.New(), skipped: roaring64.New(), unknown: roaring64.New(),
		hands: make(map[uint64]*roaring64.Bitmap),
	}
}

// Version is the position of the ledger after the last event applied: what the next append expects.
func (r *Range) Version() events.Version { return r.version }

// Apply folds one event of the range's ledger. An event that breaks a rule of the ledger is an error with
// fault.Corrupt: someone wrote past the fence, and the range must not be worked on.
func (r *Range) Apply(e events.Event) error {
	if err := r.fold(e); err != nil {
		return fault.New(fault.Corrupt, "%s event %d: %v", e.Subject, e.Seq, err)
	}
	r.version = e.At()
	return nil
}

func (r *Range) fold(e events.Event) error {
	switch e.Type {
	case events.TypeLedgerClaimed:
		var c events.LedgerClaimed
		if err := json.Unmarshal(e.Data, &c); err != nil {
			return fmt.Errorf("it is no claim: %w", err)
		}
		users, err := decode(c.Users)
		if err != nil {
			return err
		}
		return r.Claim(e.Seq, users)
	case events.TypeLedgerReleased:
		var c events.LedgerReleased
		if err := json.Unmarshal(e.Data, &c); err != nil {
			return fmt.Errorf("it gives nothing back: %w", err)
		}
		users, err := decode(c.Users)
		if err != nil {
			return err
		}
		return r.Release(c.Claim, users)
	case events.TypeLedgerOutcomes:
		var o events.LedgerOutcomes
		if err := json.Unmarshal(e.Data, &o); err != nil {
			return fmt.Errorf("it holds no outcomes: %w", err)
		}
		for _, res := range o.Results {
			users, err := decode(res.Users)
			if err != nil {
				return err
			}
			if err := r.Settle(res.Status, users); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("type %s does not belong into a ledger", e.Type)
}

// Claim records that users are being sent to, by the claim with this sequence. They must all be remaining. It keeps
// users.
func (r *Range) Claim(seq uint64, users *roaring64.Bitmap) error {
	if n := users.AndCardinality(r.users); n != users.GetCardinality() {
		return fmt.Errorf("%d claimed users are not of this range", users.GetCardinality()-n)
	}
	if n := users.AndCardinality(r.claimed); n > 0 {
		return fmt.Errorf("%d users are claimed twice", n)
	}
	if n := users.AndCardinality(r.settled); n > 0 {
		return fmt.Errorf("%d users are claimed after they were skipped", n)
	}
	r.claimed.Or(users)
	r.hands[seq] = users
	return nil
}

// Settle records one outcome of users. Only skipped may settle who was never claimed. Users with a definite
// outcome keep it; unknown gives way to a definite one.
func (r *Range) Settle(status events.OutcomeStatus, users *roaring64.Bitmap) error {
	if n := users.AndCardinality(r.users); n != users.GetCardinality() {
		return fmt.Errorf("%d settled users are not of this range", users.GetCardinality()-n)
	}
	if status != events.Skipped && users.AndCardinality(r.claimed) != users.GetCardinality() {
		return fmt.Errorf("users are %s who were never claimed", status)
	}
	into, err := r.of(status)
	if err != nil {
		return err
	}
	fresh := r.replaceable(status, users)
	r.unknown.AndNot(fresh)
	into.Or(fresh)
	r.settled.Or(fresh)
	if status != events.Unknown {
		r.letGo(fresh)
	}
	return nil
}

// replaceable returns the users whose outcome may become status.
func (r *Range) replaceable(status events.OutcomeStatus, users *roaring64.Bitmap) *roaring64.Bitmap {
	fixed := r.settled
	if status != events.Unknown {
		fixed = roaring64.AndNot(r.settled, r.unknown)
	}
	return roaring64.AndNot(users, fixed)
}

func (r *Range) of(status events.OutcomeStatus) (*roaring64.Bitmap, error) {
	switch status {
	case events.Sent:
		return r.sent, nil
	case events.Failed:
		return r.failed, nil
	case events.Skipped:
		return r.skipped, nil
	case events.Unknown:
		return r.unknown, nil
	}
	return nil, fmt.Errorf("%q is no outcome", status)
}

// Remaining returns the users that are neither claimed nor settled: who may still be claimed, or skipped.
func (r *Range) Remaining() *roaring64.Bitmap {
	rest := roaring64.AndNot(r.users, r.claimed)
	rest.AndNot(r.settled)
	return rest
}

// Open returns the users claimed without an outcome: in someone's hands, or in nobody's any more.
func (r *Range) Open() *roaring64.Bitmap { return roaring64.AndNot(r.claimed, r.settled) }

// Unknown returns the users of whom nobody can say whether the provider took the message.
func (r *Range) Unknown() *roaring64.Bitmap { return r.unknown.Clone() }

// Done says that every user has an outcome.
func (r *Range) Done() bool { return r.settled.GetCardinality() == r.users.GetCardinality() }

// Books counts the range's users by outcome; Pending are those without one.
func (r *Range) Books() events.Books {
	b := events.Books{
		Audience: r.users.GetCardinality(), Sent: r.sent.GetCardinality(), Failed: r.failed.GetCardinality(),
		Skipped: r.skipped.GetCardinality(), Unknown: r.unknown.GetCardinality(),
	}
	b.Pending = b.Audience - r.settled.GetCardinality()
	return b
}

func decode(b []byte) (*roaring64.Bitmap, error) {
	users := roaring64.New()
	if err := users.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("its users cannot be read: %w", err)
	}
	return users, nil
}
