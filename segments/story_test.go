package segments

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
)

var testTables = Tables{Sets: "sets", SetsByShard: "sets_by_shard", Orders: "orders"}

// fatal is what *testing.T and *rapid.T share.
type fatal interface {
	Helper()
	Fatalf(string, ...any)
}

func one[V any](t fatal, db *clickhouse.DB, s Statement) V {
	t.Helper()
	var v V
	if err := db.QueryRow(context.Background(), s.SQL, s.Args...).Scan(&v); err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	return v
}

// each runs a statement and hands its rows to scan.
func each(t fatal, db *clickhouse.DB, s Statement, scan func(rows *clickhouse.Rows) error) {
	t.Helper()
	rows, err := db.Query(context.Background(), s.SQL, s.Args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatalf("%v\n%s", err, s.SQL)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
}

// decode reads a bitmap as the engine writes it.
func decode(t fatal, b string) []uint64 {
	t.Helper()
	if b[0] == 0 {
		var ids []uint64
		for i := range int(b[1]) {
			ids = append(ids, binary.LittleEndian.Uint64([]byte(b[2+8*i:])))
		}
		slices.Sort(ids)
		return ids
	}
	_, n := binary.Uvarint([]byte(b[1:]))
	bm := roaring64.New()
	if _, err := bm.ReadFrom(bytes.NewReader([]byte(b[1+n:]))); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return bm.ToArray()
}

// differ says where two lists part.
func differ(got, want []uint64) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	return fmt.Sprintf("%d ids, want %d; from place %d on %v, want %v", len(got), len(want), i, got[i:min(i+5, len(got))], want[i:min(i+5, len(want))])
}

// agree asserts that every statement of n says what the oracle says.
func agree(t fatal, db *clickhouse.DB, w *world, n Node, users []uint64) {
	t.Helper()
	q, err := Compile(n, Params{Biz: w.biz, Location: w.zone, Now: w.now, Tables: testTables})
	if err != nil {
		t.Fatalf("%s: %v", Text(n), err)
	}
	want := w.members(n)
	if got := one[uint64](t, db, q.Count()); got != uint64(len(want)) {
		t.Fatalf("%s: count %d, want %d\n%s", Text(n), got, len(want), q.Count().SQL)
	}
	var got []uint64
	each(t, db, q.Shards(), func(rows *clickhouse.Rows) error {
		var shard, count uint64
		var members string
		if err := rows.Scan(&shard, &count, &members); err != nil {
			return err
		}
		ids := decode(t, members)
		if count != uint64(len(ids)) || ids[0]>>16 != shard || ids[len(ids)-1]>>16 != shard {
			t.Fatalf("%s: shard %d of %d users holds %v", Text(n), shard, count, ids)
		}
		got = append(got, ids...)
		return nil
	})
	if !slices.Equal(got, want) {
		t.Fatalf("%s: members %s", Text(n), differ(got, want))
	}
	for _, u := range users {
		holds := w.holds(n, u) && slices.Contains(w.users, u)
		if got := one[uint8](t, db, q.Contains(u)); (got == 1) != holds {
			t.Fatalf("%s: contains(%d) is %d, want %v", Text(n), u, got, holds)
		}
		why := one[[]uint8](t, db, q.Why(u))
		for i, c := range q.Clauses() {
			if holds := w.holds(c.Node, u) && slices.Contains(w.users, u); (why[i] == 1) != holds {
				t.Fatalf("%s: %s for %d is %d, want %v", Text(n), c.Text, u, why[i], holds)
			}
		}
	}
	agreePages(t, db, q, want)
	agreeExplain(t, db, w, q)
}

func agreePages(t fatal, db *clickhouse.DB, q *Query, want []uint64) {
	t.Helper()
	var got []uint64
	limit := 1 + len(want)*2/3
	for from, more := uint64(0), true; more; {
		page := 0
		each(t, db, q.Page(from, limit), func(rows *clickhouse.Rows) error {
			var id uint64
			err := rows.Scan(&id)
			got, page = append(got, id), page+1
			return err
		})
		more = page == limit && got[len(got)-1] < 1<<64-1
		if more {
			from = got[len(got)-1] + 1
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: pages %s", Text(q.root), differ(got, want))
	}
}

func agreeExplain(t fatal, db *clickhouse.DB, w *world, q *Query) {
	t.Helper()
	var known uint64
	var users, running []uint64
	s := q.Explain()
	if err := db.QueryRow(context.Background(), s.SQL, s.Args...).Scan(&known, &users, &running); err != nil {
		t.Fatalf("%v\n%s", err, s.SQL)
	}
	clauses := q.Clauses()
	if known != uint64(len(w.users)) || len(users) != len(clauses) || len(running) != len(clauses) {
		t.Fatalf("%s: explain gave %d known, %d and %d numbers for %d clauses", Text(q.root), known, len(users), len(running), len(clauses))
	}
	before := map[int][]Node{} // by parent
	for i, c := range clauses {
		if want := len(w.members(c.Node)); users[i] != uint64(want) {
			t.Fatalf("%s: %s explained as %d users, want %d\n%s", Text(q.root), c.Text, users[i], want, s.SQL)
		}
		before[c.Parent] = append(before[c.Parent], c.Node)
		joined := Node(All{Of: before[c.Parent]})
		if c.Parent >= 0 {
			if _, any := clauses[c.Parent].Node.(Any); any {
				joined = Any{Of: before[c.Parent]}
			}
		}
		if want := len(w.members(joined)); running[i] != uint64(want) {
			t.Fatalf("%s: up to %s explained as %d users, want %d", Text(q.root), c.Text, running[i], want)
		}
	}
}

// genLeaf draws clauses that the world knows, and some that it does not.
func genLeaf(w *world) *rapid.Generator[Node] {
	today := dateOf(w.now.In(w.zone))
	small := rapid.Uint64Max(3)
	return rapid.Custom(func(t *rapid.T) Node {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return Group{ID: rapid.SampledFrom([]uint64{1, 2, 3, 4, 5, 99, 1<<64 - 1}).Draw(t, "group")}
		case 1:
			return Tag{ID: rapid.SampledFrom([]uint32{1, 2, 3, 11, 12, 13, 111, 112, 1<<32 - 1}).Draw(t, "tag")}
		}
		n := Orders{Days: rapid.IntRange(1, 5).Draw(t, "days"), N: small.Draw(t, "n"), Op: opTable[rapid.IntRange(0, 4).Draw(t, "op")].op}
		if id := small.Draw(t, "product"); rapid.Bool().Draw(t, "of product") {
			n.Product = &id
		}
		if id := small.Draw(t, "product group"); rapid.Bool().Draw(t, "of product group") {
			n.ProductGroup = &id
		}
		if d := today.addDays(rapid.IntRange(-5, 2).Draw(t, "day")); rapid.Bool().Draw(t, "until") {
			n.Until = &d
		}
		return n
	})
}

// TestTag1IsNotTag11 is the story: users tagged 1, 2, 3 and 11, 12, 13; every
// operator of the language against a brute-force oracle on random data, in
// zones and on days where a day is not 24 hours.
func TestTag1IsNotTag11(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	tables(t, db)
	r := rand.New(rand.NewPCG(7, 11))
	var worlds []*world // product lines with the same user ids in the same tables
	for _, c := range []struct{ biz, zone, now string }{
		{"new_york", "America/New_York", "2024-03-11T03:30:00Z"}, // 23:30 of the day of 23 hours
		{"berlin", "Europe/Berlin", "2024-10-27T23:00:00Z"},      // midnight after the day of 25 hours
		{"shanghai", "Asia/Shanghai", "2024-01-31T15:59:59.999Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		w := randomWorld(r, c.biz, zone(t, c.zone), now)
		w.load(t, db, r)
		worlds = append(worlds, w)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SampledFrom(worlds).Draw(t, "world")
		n := genNode(genLeaf(w), 4).Draw(t, "n")
		user := rapid.SampledFrom(append(w.users, 4, 1<<40)).Draw(t, "user")
		agree(t, db, w, n, []uint64{user})
	})
}

// TestEveryClause checks each clause alone and negated, for every user.
func TestEveryClause(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	tables(t, db)
	now := time.Date(2024, 3, 31, 10, 0, 0, 0, time.UTC)
	w := &world{biz: "demo", zone: zone(t, "Europe/Berlin"), now: now, users: []uint64{1, 2, 3, 70_000, 1<<64 - 1}, orders: map[string]order{}}
	w.tags = map[uint32]map[uint64]bool{1: {1: true}, 2: {1: true}, 3: {1: true}, 11: {2: true}, 12: {2: true, 70_000: true}, 13: {2: true, 1<<64 - 1: true}}
	w.groups = map[uint64]map[uint64]bool{1: {1: true, 1<<64 - 1: true}, 11: {2: true}}
	w.orders["a"] = order{"a", 3, 1, 1, time.Date(2024, 3, 30, 23, 0, 0, 0, time.UTC), "paid", 1}         // midnight
	w.orders["b"] = order{"b", 3, 1, 2, time.Date(2024, 3, 31, 21, 59, 59, 0, time.UTC), "paid", 2}       // the day's last second
	w.orders["c"] = order{"c", 1<<64 - 1, 1, 2, time.Date(2024, 3, 31, 22, 0, 0, 0, time.UTC), "paid", 2} // tomorrow
	w.orders["d"] = order{"d", 3, 1, 2, now, "refunded", 9}
	w.orders["e"] = order{"e", 3, 1, 2, now, "cancelled", 9}
	w.load(t, db, rand.New(rand.NewPCG(1, 1)))
	for _, text := range []string{
		"tag(1)", "tag(11)", "tag(1) or tag(11)", "tag(1) and tag(11)", "tag(1) and not tag(11)", "not tag(1) and not tag(11)", "not (tag(1) or tag(13))",
		"group(1)", "group(11)", "group(111)", "not group(111)", "tag(12) and tag(13)", "not not tag(12)",
		"orders(days=1) > 1", "orders(days=1) > 2", "orders(days=1) >= 2", "orders(days=1) < 2", "orders(days=1) <= 2", "orders(days=1) = 2", "orders(days=1) = 0",
		"orders(days=1) >= 0", "orders(days=1) < 0", "orders(days=1, product_group=2) = 1", "orders(days=1, product=2) >= 1", "orders(days=2, until=2024-04-01) >= 1",
		"orders(days=1, until=2024-03-30) >= 1", "not orders(days=1) = 0 or tag(1)", "tag(1) or not orders(days=1) > 0",
	} {
		n, err := ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, db, w, n, []uint64{3, 1<<64 - 1, 5})
		agree(t, db, w, Not{Of: n}, nil)
	}
}
