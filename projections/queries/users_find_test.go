package queries

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestUsersAreFoundByWhatTheyAreKnownBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []uint64{1, 70_000, math.MaxUint64} {
		w.identity("b", Phone, "13800000000", id, 5, 1)
		w.users(userRow("b", id, 5, fmt.Sprint("o", id), map[string]string{"name": "李"}, 1, 11))
	}
	w.identity("b", Phone, "13800000000", 2, 5, 1)
	w.identity("b", Phone, "13800000000", 2, 6, 0) // has another phone now
	w.identity("c", Phone, "13800000000", 9, 6, 1)
	w.identity("b", OpenID, "o'\\\t1", 1, 6, 1)
	find := func(kind, value string, after uint64, limit int) (ids []uint64) {
		t.Helper()
		all, err := w.q.FindUsers(t.Context(), "b", Identity{kind, value}, after, limit)
		w.must(err)
		for _, u := range all {
			ids = append(ids, u.ID)
			if u.Phone != 13800000000 || u.OpenID != fmt.Sprint("o", u.ID) || u.Attributes["name"] != "李" || !slices.Equal(u.Tags, []uint32{1, 11}) {
				t.Errorf("%+v", u)
			}
		}
		return ids
	}
	for _, c := range []struct {
		kind, value string
		after       uint64
		limit       int
		want        []uint64
	}{
		{Phone, "13800000000", 0, 20, []uint64{1, 70_000, math.MaxUint64}},
		{Phone, "13800000000", 0, 2, []uint64{1, 70_000}},
		{Phone, "13800000000", 70_000, 2, []uint64{math.MaxUint64}},
		{Phone, "13800000000", math.MaxUint64, 2, nil},
		{OpenID, "o'\\\t1", 0, 20, []uint64{1}},
		{OpenID, "13800000000", 0, 20, nil},
		{Phone, "138' OR 1 = 1 --", 0, 20, nil},
	} {
		if got := find(c.kind, c.value, c.after, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestOrdersInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	columns := []string{"biz", "LowCardinality(String)", "shard", "UInt64", "user_id", "UInt64", "order_id", "String", "seq", "UInt64",
		"product_id", "UInt64", "product_group_id", "UInt64", "amount", "Decimal(18, 4)", "paid_at", stamp, "status", "LowCardinality(String)"}
	row := func(biz, id string, seq uint64, day int, status string) []any {
		return []any{biz, uint64(1), uint64(70_000), id, seq, uint64(7), uint64(3), "9.9", epoch.AddDate(0, 0, day), status}
	}
	w.insert("orders", columns, row("b", "a", 2, 3, "paid"), row("b", "d'\\\t", 2, 1, "paid"), row("b", "c", 2, 1, "paid"), row("b", "b", 2, 1, "paid"),
		row("b", "old", 2, -30_000, "paid"), row("b", "gone", 2, 2, "paid"), row("c", "another's", 2, 2, "paid"))
	w.insert("orders", columns, row("b", "gone", 3, 2, "moved"), row("b", "c", 3, 1, "refunded"))
	want := []string{"a paid", "b paid", "c refunded", "d'\\\t paid", "old paid"}
	for _, limit := range []int{1, 2, 3, 10} {
		var got []string
		var after OrderMark
		for {
			page, err := w.q.UserOrdersAfter(t.Context(), "b", 70_000, after, limit)
			w.must(err)
			for _, o := range page {
				got = append(got, o.ID+" "+o.Status)
			}
			if len(page) < limit {
				break
			}
			last := page[len(page)-1]
			after = OrderMark{last.PaidAt, last.ID}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %q", limit, got)
		}
	}
}
