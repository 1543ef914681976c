package segments

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

const setsColumns = ` (biz LowCardinality(String), kind LowCardinality(String), set_id UInt64, shard UInt64, seq UInt64,
  bytes String EPHEMERAL, members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64)))
ENGINE = ReplacingMergeTree(seq) ORDER BY `

// tables makes the read model's tables as the migrations do. Merges are
// stopped, so that replaced rows stay where a careless query would read them.
func tables(t testing.TB, db *clickhouse.DB) {
	t.Helper()
	for _, sql := range []string{
		"CREATE TABLE sets" + setsColumns + "(biz, kind, set_id, shard) SETTINGS index_granularity = 64",
		"CREATE TABLE sets_by_shard" + setsColumns + "(biz, shard, kind, set_id) SETTINGS index_granularity = 64",
		`CREATE TABLE orders (biz LowCardinality(String), shard UInt64, user_id UInt64, order_id String, product_id UInt64, product_group_id UInt64,
		 amount Decimal(18,4), paid_at DateTime64(3,'UTC'), status LowCardinality(String), seq UInt64)
		 ENGINE = ReplacingMergeTree(seq) ORDER BY (biz, shard, user_id, order_id)`,
		`CREATE TABLE raw (biz String, kind String, set_id UInt64, seq UInt64, user_id UInt64) ENGINE = Memory`,
		`CREATE TABLE freezes (biz LowCardinality(String), campaign_id UInt64, seq UInt64, note String, shard UInt64,
		 members AggregateFunction(groupBitmap, UInt64)) ENGINE = MergeTree ORDER BY (biz, campaign_id, shard)`,
		"SYSTEM STOP MERGES sets", "SYSTEM STOP MERGES sets_by_shard", "SYSTEM STOP MERGES orders",
	} {
		if err := db.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

type order struct {
	id             string
	user           uint64
	product, group uint64
	paidAt         time.Time
	status         string
	seq            uint64
}

// world is what an oracle knows: plain maps, no bitmaps.
type world struct {
	biz    string
	zone   *time.Location
	now    time.Time
	users  []uint64 // everyone known, ascending
	groups map[uint64]map[uint64]bool
	tags   map[uint32]map[uint64]bool
	orders map[string]order
	stale  []order // replaced by orders of the same id
	byUser map[uint64][]dayOrder
}

// dayOrder is an order that counts, with the day that clocks of the zone showed.
type dayOrder struct {
	order
	day string
}

// someIDs are user ids in many shards, in crowds that fill big bitmaps and
// alone, up to the last id there is.
func someIDs(r *rand.Rand) []uint64 {
	ids := []uint64{0, 1, 2, 11, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<63 + 1, 1<<64 - 2, 1<<64 - 1}
	for range 120 {
		ids = append(ids, 1000+r.Uint64N(300), 1<<63+1<<20+r.Uint64N(300), 1<<64-500+r.Uint64N(400))
	}
	for range 40 {
		ids = append(ids, r.Uint64(), r.Uint64N(1_000_000))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func randomWorld(r *rand.Rand, biz string, zone *time.Location, now time.Time) *world {
	w := &world{biz: biz, zone: zone, now: now, users: someIDs(r), groups: map[uint64]map[uint64]bool{}, tags: map[uint32]map[uint64]bool{}, orders: map[string]order{}}
	draw := func(share float64) map[uint64]bool {
		set := map[uint64]bool{}
		for _, u := range w.users {
			if r.Float64() < share {
				set[u] = true
			}
		}
		return set
	}
	for i, share := range []float64{0.5, 0.9, 0.05, 0, 1} {
		w.groups[uint64(i+1)] = draw(share)
	}
	w.groups[1<<64-1] = draw(0.3)
	for _, id := range []uint32{1, 2, 3, 11, 12, 13, 111, 1<<32 - 1} {
		w.tags[id] = draw(0.4)
	}
	for i := range 1500 {
		w.addOrder(r, fmt.Sprintf("o%d", i))
	}
	return w
}

// addOrder draws an order near the border of one of the last days, and now and
// then an older state of it, perhaps of another user.
func (w *world) addOrder(r *rand.Rand, id string) {
	today := dateOf(w.now.In(w.zone))
	o := order{id: id, user: w.users[r.IntN(len(w.users)/2)*2], product: r.Uint64N(4), group: r.Uint64N(3), seq: 10 + r.Uint64N(10)}
	midnight := time.Date(today.Year, today.Month, today.Day-r.IntN(6)+1, 0, 0, 0, 0, w.zone)
	o.paidAt = midnight.Add([]time.Duration{-time.Millisecond, 0, time.Millisecond, -time.Hour, time.Hour, 2 * time.Hour, 12 * time.Hour}[r.IntN(7)])
	o.status = []string{"paid", "paid", "paid", "completed", "refunded", "cancelled"}[r.IntN(6)]
	w.orders[id] = o
	if r.IntN(3) > 0 {
		return
	}
	old := o
	old.seq, old.status, old.paidAt = r.Uint64N(10), "paid", midnight
	w.stale = append(w.stale, old)
	if r.IntN(2) == 0 { // it was another user's; the projection left a row there when it moved
		old.user = w.users[r.IntN(len(w.users))]
		moved := old
		moved.seq, moved.status = o.seq, "moved"
		if old.user != o.user {
			w.stale = append(w.stale, old, moved)
		}
	}
}

// load writes the world into the tables, and older states of half the sets.
func (w *world) load(t testing.TB, db *clickhouse.DB, r *rand.Rand) {
	t.Helper()
	w.byUser = map[uint64][]dayOrder{}
	for _, o := range w.orders {
		if o.status == "paid" || o.status == "completed" {
			w.byUser[o.user] = append(w.byUser[o.user], dayOrder{o, o.paidAt.In(w.zone).Format(time.DateOnly)})
		}
	}
	raw := map[string][]any{}
	add := func(kind string, id, seq uint64, users map[uint64]bool) {
		for u := range users {
			raw["r"] = append(raw["r"], []any{w.biz, kind, id, seq, u})
		}
	}
	stale := func(kind string, id uint64, users map[uint64]bool) {
		old := map[uint64]bool{}
		for _, u := range w.users {
			if r.IntN(2) == 0 && users[u] != (r.IntN(3) > 0) {
				old[u] = true
			}
		}
		add(kind, id, 1, old)
		shards := map[uint64]bool{} // what a shard lost is an empty bitmap with a higher seq
		for u := range old {
			shards[u>>16] = true
		}
		for u := range users {
			delete(shards, u>>16)
		}
		for s := range shards {
			raw["e"] = append(raw["e"], []any{w.biz, kind, id, s, uint64(5), ""})
		}
	}
	known := map[uint64]bool{}
	for _, u := range w.users {
		known[u] = true
	}
	add("known", 0, 2, known)
	for id, users := range w.groups {
		add("group", id, 5, users)
		stale("group", id, users)
	}
	for id, users := range w.tags {
		add("tag", uint64(id), 5, users)
		stale("tag", uint64(id), users)
	}
	for _, o := range append(slices.Collect(values(w.orders)), w.stale...) {
		raw["o"] = append(raw["o"], []any{w.biz, o.user >> 16, o.user, o.id, o.product, o.group, o.paidAt, o.status, o.seq})
	}
	insert(t, db, "INSERT INTO raw (biz, kind, set_id, seq, user_id)", raw["r"])
	for _, table := range []string{"sets", "sets_by_shard"} {
		for _, seq := range []string{"seq < 5", "seq >= 5"} { // parts of their own
			if err := db.Exec(context.Background(), "INSERT INTO "+table+" (biz, kind, set_id, shard, seq, members) SELECT biz, kind, set_id, bitShiftRight(user_id, 16) AS shard,"+
				" seq, groupBitmapState(user_id) FROM raw WHERE biz = {biz:String} AND "+seq+" GROUP BY biz, kind, set_id, shard, seq", clickhouse.Named("biz", w.biz)); err != nil {
				t.Fatal(err)
			}
		}
		insert(t, db, "INSERT INTO "+table+" (biz, kind, set_id, shard, seq, bytes)", raw["e"])
	}
	insert(t, db, "INSERT INTO orders (biz, shard, user_id, order_id, product_id, product_group_id, paid_at, status, seq)", raw["o"])
}

func values[K comparable, V any](m map[K]V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func insert(t testing.TB, db *clickhouse.DB, sql string, rows []any) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
	b, err := db.PrepareBatch(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := b.Append(r.([]any)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SendBatch(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

// holds is the oracle: one user, one clause, no algebra, no windows of time.
func (w *world) holds(n Node, user uint64) bool {
	switch n := n.(type) {
	case All:
		for _, c := range n.Of {
			if !w.holds(c, user) {
				return false
			}
		}
		return true
	case Any:
		for _, c := range n.Of {
			if w.holds(c, user) {
				return true
			}
		}
		return false
	case Not:
		return !w.holds(n.Of, user)
	case Group:
		return w.groups[n.ID][user]
	case Tag:
		return w.tags[n.ID][user]
	}
	o := n.(Orders)
	last := w.now.In(w.zone).Format(time.DateOnly)
	if o.Until != nil {
		last = o.Until.String()
	}
	end, _ := time.Parse(time.DateOnly, last)
	firstDay := end.AddDate(0, 0, 1-o.Days).Format(time.DateOnly)
	count := uint64(0)
	for _, x := range w.byUser[user] { // days compare like their names
		if x.day >= firstDay && x.day <= last &&
			(o.Product == nil || *o.Product == x.product) && (o.ProductGroup == nil || *o.ProductGroup == x.group) {
			count++
		}
	}
	return o.Op == MoreThan && count > o.N || o.Op == AtLeast && count >= o.N || o.Op == LessThan && count < o.N ||
		o.Op == AtMost && count <= o.N || o.Op == Exactly && count == o.N
}

// members are the users of an expression, ascending.
func (w *world) members(n Node) []uint64 {
	var out []uint64
	for _, u := range w.users {
		if w.holds(n, u) {
			out = append(out, u)
		}
	}
	return out
}
