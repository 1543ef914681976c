package sends_test

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/fault"
	"muster/sends"
)

// hesitant is a read model whose answers from one on, up to another, are refusals.
type hesitant struct {
	*readModel
	from, to int64
	asked    atomic.Int64
}

func (m *hesitant) Addresses(ctx context.Context, biz string, users *roaring64.Bitmap, attributes []string, fn func(sends.Address) error) error {
	if n := m.asked.Add(1); n >= m.from && n <= m.to {
		return fault.New(fault.Unavailable, "the users stand behind")
	}
	return m.readModel.Addresses(ctx, biz, users, attributes, fn)
}

// TestUsersWaitForTheirAddresses refuses to say the addresses for a while, to the dispatcher or to the sender of a
// range too large to travel with them: nobody is skipped or failed for it, and the campaign goes on by itself.
func TestUsersWaitForTheirAddresses(t *testing.T) {
	t.Parallel()
	const users = 500
	for name, c := range map[string]struct{ from, to int64 }{"handing out": {1, 2}, "sending": {2, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.model.fillTo(users)
			h.model.address = func(id uint64) sends.Address { // more than one message holds
				return sends.Address{UserID: id, OpenID: "o" + strconv.FormatUint(id, 10), Attributes: map[string]string{"name": noise(id)}}
			}
			m := &hesitant{readModel: h.model, from: c.from, to: c.to}
			h.launch(31, users, template())
			h.start("a", func(o *sends.Options) { o.Addresses = m })
			if got, want := h.completed(31), (events.Books{Audience: users, Sent: users}); got != want {
				t.Errorf("the books are %+v, want %+v", got, want)
			}
			if n := m.asked.Load(); n < 4 { // twice refused, and once given to each
				t.Errorf("addresses were asked for %d times", n)
			}
		})
	}
}

// noise is text of 4 KiB that hardly gets smaller.
func noise(seed uint64) string {
	r, b := rand.New(rand.NewPCG(seed, seed)), make([]byte, 2048)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return hex.EncodeToString(b)
}
