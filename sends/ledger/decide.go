package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
)

// Codes that Muster itself gives to outcomes; a provider's own codes are kept as they are.
const (
	CodeCrashed      = "crashed"       // unknown: the sender that claimed the user went silent
	CodeNotOffered   = "not_offered"   // failed: the range was taken over before the sender that claimed the user could offer
	CodeCancelled    = "cancelled"     // skipped: the campaign was cancelled before the provider took the message
	CodeNoOpenID     = "no_openid"     // skipped: WeChat needs one
	CodeMissingField = "missing_field" // skipped: the user lacks an attribute that the template needs
)

type verdict struct {
	status       events.OutcomeStatus
	code, reason string
}

// Tally collects how users ended and makes the outcomes of it, one bitmap for each status, code and reason.
// The zero value is not ready; use NewTally.
type Tally struct {
	users map[verdict]*roaring64.Bitmap
	last  verdict // consecutive users mostly end alike
	into  *roaring64.Bitmap
}

// NewTally makes an empty tally.
func NewTally() *Tally { return &Tally{users: make(map[verdict]*roaring64.Bitmap)} }

// Add says how one user ended.
func (t *Tally) Add(user uint64, status events.OutcomeStatus, code, reason string) {
	t.bitmap(verdict{status, code, reason}).Add(user)
}

// AddAll says how all of these users ended.
func (t *Tally) AddAll(users *roaring64.Bitmap, status events.OutcomeStatus, code, reason string) {
	if !users.IsEmpty() {
		t.bitmap(verdict{status, code, reason}).Or(users)
	}
}

func (t *Tally) bitmap(v verdict) *roaring64.Bitmap {
	if t.into != nil && v == t.last {
		return t.into
	}
	b := t.users[v]
	if b == nil {
		b = roaring64.New()
		t.users[v] = b
	}
	t.last, t.into = v, b
	return b
}

// Empty says that nobody ended yet.
func (t *Tally) Empty() bool { return len(t.users) == 0 }

// Outcomes returns the event that records a tally in r, holding only what changes r, or nil when nothing does:
// whoever has a definite outcome already keeps it. It fails when r does not allow an outcome at all.
func (r *Range) Outcomes(sender string, t *Tally) (*events.Event, error) {
	out := events.LedgerOutcomes{Sender: sender}
	keys := make([]verdict, 0, len(t.users))
	for v := range t.users {
		keys = append(keys, v)
	}
	slices.SortFunc(keys, func(a, b verdict) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.code, b.code), cmp.Compare(a.reason, b.reason))
	})
	var total uint64
	for _, v := range keys {
		fresh := r.replaceable(v.status, t.users[v])
		if v.status != events.Skipped && fresh.AndCardinality(r.claimed) != fresh.GetCardinality() {
			return nil, fmt.Errorf("an outcome %s for users who were never claimed", v.status)
		}
		if fresh.IsEmpty() {
			continue
		}
		b, err := encode(fresh)
		if err != nil {
			return nil, err
		}
		n := fresh.GetCardinality()
		total += n
		out.Results = append(out.Results, events.Outcome{Status: v.status, Code: v.code, Reason: v.reason, Count: n, Users: b})
	}
	if len(out.Results) == 0 {
		return nil, nil
	}
	return event(events.TypeLedgerOutcomes, total, out)
}

// Claims returns the event that claims users in r, all of whom must be remaining.
func (r *Range) Claims(sender string, users *roaring64.Bitmap) (*events.Event, error) {
	if users.AndCardinality(r.claimed) > 0 || users.AndCardinality(r.settled) > 0 {
		return nil, fmt.Errorf("a claim of users who are claimed or settled already")
	}
	b, err := encode(users)
	if err != nil {
		return nil, err
	}
	n := users.GetCardinality()
	return event(events.TypeLedgerClaimed, n, events.LedgerClaimed{Sender: sender, Count: n, Users: b})
}

// Abandoned tallies the open claims of a sender that went silent as unknown.
func (r *Range) Abandoned() *Tally {
	t := NewTally()
	t.AddAll(r.Open(), events.Unknown, CodeCrashed, "the sender stopped before it could say")
	return t
}

// Cancelled tallies who remains as skipped.
func (r *Range) Cancelled() *Tally {
	t := NewTally()
	t.AddAll(r.Remaining(), events.Skipped, CodeCancelled, "the campaign was cancelled")
	return t
}

func encode(users *roaring64.Bitmap) ([]byte, error) {
	users.RunOptimize()
	b, err := users.ToBytes()
	if err != nil {
		return nil, fmt.Errorf("encode users: %w", err)
	}
	return b, nil
}

func event(t events.Type, count uint64, payload any) (*events.Event, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	return &events.Event{Type: t, Version: 1, Count: count, Data: data}, nil
}
