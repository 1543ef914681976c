package sends

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/events"
	"muster/internal/fault"
	"muster/sends/ledger"
)

// lookupSize is how many users are looked up at once when a range came without addresses.
const lookupSize = 5000

// source gives a range's recipients in the order of their ids.
type source struct {
	users  *roaring64.Bitmap // the whole range
	biz    string
	fields []string
	reader AddressReader // nil when the range came with addresses

	all  []channels.Recipient // with addresses: the whole range
	want *roaring64.Bitmap    // who is to be given, from the last begin on
	next int                  // into all, or into page
	page []channels.Recipient
	it   roaring64.IntPeekable64
}

// open reads a message of SENDS.
func (s *Service) open(m jetstream.Msg, biz string, fields []string) (*source, error) {
	src := &source{biz: biz, fields: fields}
	var err error
	switch encoding := m.Headers().Get(events.HeaderEncoding); encoding {
	case events.EncodingCSVZstd:
		if src.all, err = s.payloads.decode(m.Data(), fields); err != nil {
			return nil, err
		}
		src.users = roaring64.New()
		for i := range src.all {
			src.users.Add(src.all[i].UserID)
		}
	case events.EncodingRoaring64:
		src.reader = s.opt.Addresses
		if src.users, err = decodeUsers(m.Data()); err != nil {
			return nil, fault.Wrap(fault.Corrupt, err, "read a range")
		}
	default:
		return nil, fault.New(fault.Corrupt, "a range encoded as %q", encoding)
	}
	return src, nil
}

// begin starts over, with these users of the range only.
func (s *source) begin(want *roaring64.Bitmap) {
	s.want, s.next, s.page, s.it = want, 0, nil, want.Iterator()
}

// take returns up to n recipients who can be sent to, and tallies those passed on the way who cannot. No recipients
// says that nobody is left.
func (s *source) take(ctx context.Context, n int, layout *channels.Layout) ([]channels.Recipient, *ledger.Tally, error) {
	tally := ledger.NewTally()
	to := make([]channels.Recipient, 0, n)
	for len(to) < n {
		r, err := s.one(ctx)
		if err != nil {
			return nil, nil, err
		}
		if r == nil {
			break
		}
		switch missing := layout.Missing(r); missing {
		case "":
			to = append(to, *r)
		case "openid":
			tally.Add(r.UserID, events.Skipped, ledger.CodeNoOpenID, "the user has no openid")
		default:
			tally.Add(r.UserID, events.Skipped, ledger.CodeMissingField, missing)
		}
	}
	return to, tally, nil
}

// one returns the next wanted recipient, nil at the end.
func (s *source) one(ctx context.Context) (*channels.Recipient, error) {
	if s.reader == nil {
		for s.next < len(s.all) {
			r := &s.all[s.next]
			s.next++
			if s.want.Contains(r.UserID) {
				return r, nil
			}
		}
		return nil, nil
	}
	if s.next == len(s.page) {
		if err := s.lookUp(ctx); err != nil || len(s.page) == 0 {
			return nil, err
		}
	}
	s.next++
	return &s.page[s.next-1], nil
}

// lookUp reads the next page of addresses.
func (s *source) lookUp(ctx context.Context) error {
	users := roaring64.New()
	for n := 0; n < lookupSize && s.it.HasNext(); n++ {
		users.Add(s.it.Next())
	}
	s.next, s.page = 0, nil
	if users.IsEmpty() {
		return nil
	}
	found := make(map[uint64]Address, users.GetCardinality())
	err := s.reader.Addresses(ctx, s.biz, users, s.fields, func(a Address) error {
		found[a.UserID] = a
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "look up addresses")
	}
	s.page = recipients(users, s.fields, found)
	return nil
}
