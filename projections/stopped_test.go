package projections_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events/rows"
	"muster/internal/fault"
	"muster/projections"
	"muster/projections/queries"
)

func ptr[T any](v T) *T { return &v }

// What users are made of stands still while the rest goes on: who would write down for ever what it says is refused
// until it is rebuilt, and viewers are not.
func TestStoppedUsersAreNotWrittenDown(t *testing.T) {
	t.Parallel()
	b := projections.NewBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, stop := b.Service()
	defer stop()
	q, err := queries.New(queries.Options{DB: b.DB(), NATS: b.NATS().Connect()})
	must(err)
	defer q.Close()

	b.Users(rows.User{UserID: 1, Phone: ptr(uint64(111)), OpenID: ptr("old")})
	must(q.WaitFor(ctx, b.Last()))
	stopped := b.Last()
	must(b.DB().Exec(ctx, "RENAME TABLE users TO users_away"))
	b.Users(rows.User{UserID: 1, OpenID: ptr("new")})
	must(q.WaitFor(ctx, b.Last()))
	must(b.DB().Exec(ctx, "RENAME TABLE users_away TO users"))
	b.Users(rows.User{UserID: 2, Phone: ptr(uint64(222)), OpenID: ptr("two")})
	now := b.Last()
	must(q.WaitFor(ctx, now))

	resolve := func(seq uint64) (map[uint64][]uint64, error) { return q.Resolve(ctx, "demo", []uint64{111, 222}, seq) }
	addresses := func() (openids []string, err error) {
		return openids, q.Addresses(ctx, "demo", roaring64.BitmapOf(1, 2), nil, func(a queries.Address) error {
			openids = append(openids, a.OpenID)
			return nil
		})
	}
	if found, err := resolve(now); !fault.Is(err, fault.Unavailable) {
		t.Errorf("phones resolve to %v, %v", found, err)
	}
	if list, err := addresses(); !fault.Is(err, fault.Unavailable) || len(list) > 0 {
		t.Errorf("addresses are %v, %v", list, err)
	}
	if found, err := resolve(stopped); err != nil || !slices.Equal(found[111], []uint64{1}) {
		t.Errorf("what was there when it stopped resolves to %v, %v", found, err)
	}

	_, err = s.Rebuild(ctx, projections.Users)
	must(err)
	if found, err := resolve(now); err != nil || !slices.Equal(found[222], []uint64{2}) {
		t.Errorf("rebuilt, phones resolve to %v, %v", found, err)
	}
	if list, err := addresses(); err != nil || !slices.Equal(list, []string{"new", "two"}) {
		t.Errorf("rebuilt, addresses are %v, %v", list, err)
	}
}
