package queries

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/fault"
	"muster/projections"
)

func (w *world) users(rows ...[]any) {
	w.Helper()
	w.insert("users", []string{"biz", "LowCardinality(String)", "shard", "UInt64", "user_id", "UInt64", "seq", "UInt64", "phone", "UInt64",
		"openid", "String", "attributes", "Map(String, String)", "tags", "Array(UInt32)"}, rows...)
}

func userRow(biz string, id, seq uint64, openid string, attributes map[string]string, tags ...uint32) []any {
	return []any{biz, id >> 16, id, seq, uint64(13800000000), openid, attributes, tags}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := uint64(math.MaxUint64)
	w.users(userRow("b", last, 5, "o-new", map[string]string{"name": "李\t'雷\\"}, 1, 11))
	w.users(userRow("b", last, 4, "o-old", map[string]string{"name": "old"}, 2))
	w.set("b", "known", 0, 5, last, 77)
	orders := []string{"biz", "LowCardinality(String)", "shard", "UInt64", "user_id", "UInt64", "order_id", "String", "seq", "UInt64",
		"product_id", "UInt64", "amount", "Decimal(18, 4)", "paid_at", stamp, "status", "LowCardinality(String)"}
	order := func(id string, seq uint64, day int, status string) []any {
		return []any{"b", last >> 16, last, id, seq, uint64(7), "9.9", epoch.AddDate(0, 0, day), status}
	}
	w.insert("orders", orders, order("o1", 2, 0, "paid"), order("o2", 2, 1, "paid"), order("o3", 2, 2, "paid"))
	w.insert("orders", orders, order("o1", 3, 0, "refunded"), order("o3", 3, 2, "moved"))
	u, err := w.q.User(t.Context(), "b", last)
	w.must(err)
	if u.OpenID != "o-new" || u.Phone != 13800000000 || u.Attributes["name"] != "李\t'雷\\" || !slices.Equal(u.Tags, []uint32{1, 11}) {
		t.Errorf("%+v", u)
	}
	got, err := w.q.UserOrders(t.Context(), "b", last, 10)
	if err != nil || len(got) != 2 || got[0].ID != "o2" || got[1].ID != "o1" || got[1].Status != "refunded" || got[0].Amount != "9.9" || !got[1].PaidAt.Equal(epoch) {
		t.Errorf("%+v, %v", got, err)
	}
	if u, err := w.q.User(t.Context(), "b", 77); err != nil || u.ID != 77 || u.OpenID != "" || u.Tags == nil || u.Attributes == nil {
		t.Errorf("known only: %+v, %v", u, err)
	}
	for _, biz := range []string{"b", "c"} {
		if _, err := w.q.User(t.Context(), biz, 78); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
	}
}

func (w *world) identity(biz, kind, value string, user, seq uint64, live uint8) {
	w.Helper()
	w.insert("identities", []string{"biz", "LowCardinality(String)", "kind", "LowCardinality(String)", "value", "String", "user_id", "UInt64", "seq", "UInt64", "live", "UInt8"},
		[]any{biz, kind, value, user, seq, live})
}

func TestUsersByPhoneAndOpenID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identity("b", "phone", "138", 2, 5, 1)
	w.identity("b", "phone", "138", 1, 5, 1)
	w.identity("b", "phone", "138", 3, 5, 1)
	w.identity("b", "phone", "138", 3, 6, 0) // has another phone now
	w.identity("b", "phone", "139", 3, 6, 1)
	w.identity("b", "openid", "o'\\\t1", 3, 6, 1)
	w.identity("c", "phone", "138", 9, 6, 1)
	if ids, err := w.q.UsersByPhone(t.Context(), "b", 138); err != nil || !slices.Equal(ids, []uint64{1, 2}) {
		t.Errorf("%v, %v", ids, err)
	}
	if ids, err := w.q.UsersByOpenID(t.Context(), "b", "o'\\\t1"); err != nil || !slices.Equal(ids, []uint64{3}) {
		t.Errorf("%v, %v", ids, err)
	}
	phones := []uint64{139, 138, 139, 140}
	for p := range uint64(10_000) {
		phones = append(phones, math.MaxUint64-p)
	}
	got, err := w.q.Resolve(t.Context(), "b", phones, 0)
	if err != nil || !maps.EqualFunc(got, map[uint64][]uint64{138: {1, 2}, 139: {3}}, slices.Equal) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestResolveWaitsForUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := newQueries(t, Options{DB: w.db, Poll: time.Millisecond})
	w.position(projections.Users, 9)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := q.Resolve(short, "b", []uint64{138}, 10); !fault.Is(err, fault.Timeout) {
		t.Errorf("%v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := q.Resolve(t.Context(), "b", []uint64{138}, 10)
		done <- err
	}()
	w.position(projections.Users, 10)
	w.must(<-done)
}

// A projection that has stopped stays where it is: what it does not hold yet, nobody may take for not being there.
func TestStoppedUsersResolveNothingNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resolves := func(seq uint64) {
		t.Helper()
		if got, err := w.q.Resolve(t.Context(), "b", []uint64{138}, seq); err != nil || !slices.Equal(got[138], []uint64{1}) {
			t.Errorf("at %d: %v, %v", seq, got, err)
		}
	}
	w.identity("b", "phone", "138", 1, 5, 1)
	w.position(projections.Users, 9)
	w.fault(projections.Users, 1, 0)
	resolves(9)
	for range 2 { // whether the stop was known or not
		if got, err := w.q.Resolve(t.Context(), "b", []uint64{138}, 10); !fault.Is(err, fault.Unavailable) {
			t.Errorf("stopped before 10: %v, %v", got, err)
		}
	}
	w.position(projections.Users, 12)
	w.fault(projections.Users, 2, 1)
	resolves(12)
}

// Addresses are refused while users stand behind what others hold, stopped or on their way again.
func TestAddressesOfUsersLeftBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func() (n int, err error) {
		return n, w.q.Addresses(t.Context(), "b", roaring64.BitmapOf(1), nil, func(Address) error { n++; return nil })
	}
	refused := func(when string) {
		t.Helper()
		if n, err := read(); n != 0 || !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %d addresses, %v", when, n, err)
		}
	}
	given := func(when string) {
		t.Helper()
		if n, err := read(); n != 1 || err != nil {
			t.Errorf("%s: %d addresses, %v", when, n, err)
		}
	}
	w.users(userRow("b", 1, 2, "o", nil))
	w.allAt(9)
	given("all together")
	w.position(projections.Deliveries, 500) // of another stream
	given("the ledger is longer")
	w.fault(projections.Users, 1, 0) // of one service; another went on
	given("held by another service")
	for _, name := range projections.EventNames() {
		if name != projections.Users {
			w.position(name, 12)
		}
	}
	refused("stopped")
	w.fault(projections.Users, 2, 1)
	refused("catching up")
	w.position(projections.Users, 12)
	given("caught up")
	for _, name := range projections.EventNames() {
		w.fault(name, 3, 0)
	}
	refused("the log is damaged")
}

func TestAddressesOfManyUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var rows [][]any
	dense, sparse := roaring64.New(), roaring64.New()
	want := map[uint64]string{}
	for i := range uint64(12_000) {
		id := 1_000_000 + i
		if i >= 6_000 {
			id = (i - 5_999) * 999_999_999_999_999
		}
		if i%10 != 0 { // else without a profile
			rows = append(rows, userRow("b", id, 2, fmt.Sprint("o", id), map[string]string{"name": fmt.Sprint("n", id), "city": "x"}))
			want[id] = fmt.Sprint("o", id)
		}
		if i%3 > 0 && i < 6_000 {
			dense.Add(id)
		} else if i%3 > 0 {
			sparse.Add(id)
		}
	}
	rows = append(rows, userRow("b", math.MaxUint64, 2, "omax", map[string]string{}), userRow("c", 1_000_001, 9, "another's", nil))
	want[math.MaxUint64] = "omax"
	sparse.Add(math.MaxUint64)
	w.users(rows...)
	w.users(userRow("b", 1_000_001, 1, "old", nil))
	for name, users := range map[string]*roaring64.Bitmap{"dense": dense, "sparse": sparse, "both": roaring64.Or(dense, sparse), "none": roaring64.New(), "one": roaring64.BitmapOf(math.MaxUint64)} {
		seen := roaring64.New()
		w.must(w.q.Addresses(t.Context(), "b", users, []string{"name", "age"}, func(a Address) error {
			if !users.Contains(a.UserID) || a.OpenID != want[a.UserID] || !seen.CheckedAdd(a.UserID) {
				t.Errorf("%s: %+v", name, a)
			}
			if n := a.Attributes["name"]; a.UserID != math.MaxUint64 && (n != fmt.Sprint("n", a.UserID) || len(a.Attributes) != 1) {
				t.Errorf("%s: %+v", name, a)
			}
			return nil
		}))
		n := 0
		for id := range want {
			if users.Contains(id) {
				n++
			}
		}
		if int(seen.GetCardinality()) != n {
			t.Errorf("%s: %d users, want %d", name, seen.GetCardinality(), n)
		}
	}
	w.must(w.q.Addresses(t.Context(), "b", roaring64.BitmapOf(1_000_001), nil, func(a Address) error {
		if len(a.Attributes) != 0 || a.OpenID != "o1000001" {
			t.Errorf("%+v", a)
		}
		return nil
	}))
	if sql, _ := addressesSQL("b", []uint64{1, 2, 3}, nil); strings.Contains(sql, "users:Array") {
		t.Errorf("neighbours are asked for one by one: %s", sql)
	}
	sql, args := addressesSQL("b", []uint64{1, 1 << 40}, []string{"name"})
	const exact = `SELECT user_id, openid, phone, mapFilter((k, v) -> has({attributes:Array(String)}, k), attributes) AS named FROM users FINAL
WHERE biz = {biz:String} AND shard BETWEEN {first:UInt64} AND {last:UInt64} AND user_id BETWEEN {lo:UInt64} AND {hi:UInt64} AND shard IN {shards:Array(UInt64)} AND user_id IN {users:Array(UInt64)}
ORDER BY shard, user_id`
	if sql != exact || len(args) != 8 {
		t.Errorf("%s\n%v", sql, args)
	}
}
