package clickhouse_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/clickhouse/chtest"
)

const setsDDL = `CREATE TABLE sets (set_id UInt64, shard UInt64, seq UInt64,
	bytes String EPHEMERAL,
	members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64))
) ENGINE = ReplacingMergeTree(seq) ORDER BY (set_id, shard) SETTINGS index_granularity = 64`

// insertSets writes rows with bitmaps: the pattern that projections use.
func insertSets(t *testing.T, db *clickhouse.DB, table string, seq uint64, sets map[uint64]*roaring64.Bitmap) {
	t.Helper()
	b, err := db.PrepareBatch(t.Context(), "INSERT INTO "+table+" (set_id, shard, seq, bytes)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	for id, m := range sets {
		state, err := bitmapstate.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Append(id, uint64(0), seq, state); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SendBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func testSets() map[uint64]*roaring64.Bitmap {
	small := roaring64.BitmapOf(0, 7, math.MaxUint64)
	full := roaring64.New()
	full.AddRange(0, 32)
	large, huge := full.Clone(), roaring64.New()
	large.Add(1 << 40)
	huge.AddRange(5, 70_000)
	huge.Add(math.MaxUint64)
	runs := huge.Clone()
	runs.RunOptimize()
	return map[uint64]*roaring64.Bitmap{1: roaring64.New(), 2: small, 3: full, 4: large, 5: huge, 6: runs}
}

func TestBitmapsIntoTheEngineAndBack(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	exec(t, db, setsDDL)
	want := testSets()
	insertSets(t, db, "sets", 1, want)
	// What the engine itself makes of the same values.
	exec(t, db, "INSERT INTO sets (set_id, shard, seq, members) SELECT 7, 0, 1, groupBitmapState(number) FROM numbers(100000)")
	want[7] = roaring64.New()
	want[7].AddRange(0, 100_000)
	rows, err := db.Query(t.Context(), "SELECT set_id, bitmapCardinality(members), CAST(members AS String) FROM sets ORDER BY set_id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	n := 0
	for ; rows.Next(); n++ {
		var id, cardinality uint64
		var state []byte
		if err := rows.Scan(&id, &cardinality, &state); err != nil {
			t.Fatal(err)
		}
		got, err := bitmapstate.Decode(state)
		if err != nil || !got.Equals(want[id]) || cardinality != want[id].GetCardinality() {
			t.Errorf("set %d: %d in the engine, %v, %v", id, cardinality, got, err)
		}
	}
	if err := rows.Err(); err != nil || n != len(want) {
		t.Fatalf("%d sets, %v", n, err)
	}
	if n := count(t, db, "SELECT bitmapCardinality(groupBitmapAndState(members)) FROM sets WHERE set_id IN (5, 6)"); n != want[5].GetCardinality() {
		t.Errorf("5 and 6 have %d in common", n)
	}
}

func TestStagingAppearsAtOnce(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	exec(t, db, setsDDL)
	insertSets(t, db, "sets", 1, map[uint64]*roaring64.Bitmap{2: roaring64.BitmapOf(1)})
	l := clickhouse.Layout{}
	for range 2 { // making it again empties it
		if err := db.CreateLike(t.Context(), l, "sets__staging", "sets"); err != nil {
			t.Fatal(err)
		}
		insertSets(t, db, "sets__staging", 2, testSets())
	}
	for range 2 { // attaching twice is forgiven
		if err := db.AttachFrom(t.Context(), "sets", "sets__staging"); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "SELECT count() FROM sets FINAL"); n != 6 {
		t.Errorf("%d sets", n)
	}
	if n := count(t, db, "SELECT bitmapCardinality(members) FROM sets FINAL WHERE set_id = 2"); n != 3 {
		t.Errorf("the older row won: %d members", n)
	}
	if n := count(t, db, "SELECT count() FROM sets__staging"); n != 6 {
		t.Errorf("staging lost its rows: %d", n)
	}
}

// A staging table of many parts must become visible to readers as one.
func TestAttachIsAtomicForReaders(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	exec(t, db, "CREATE TABLE live (a UInt64) ORDER BY a")
	exec(t, db, "CREATE TABLE staging (a UInt64) ORDER BY a SETTINGS max_parts_to_merge_at_once = 2")
	exec(t, db, "SYSTEM STOP MERGES staging")
	const parts, rows = 20, 1000
	for i := range parts {
		exec(t, db, fmt.Sprintf("INSERT INTO staging SELECT number + %d FROM numbers(%d)", i*rows, rows))
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				var n uint64
				if err := db.QueryRow(t.Context(), "SELECT count() FROM live WHERE a >= 0 SETTINGS optimize_trivial_count_query = 0").Scan(&n); err != nil || n%(parts*rows) != 0 {
					t.Errorf("%d rows are visible, %v", n, err)
					return
				}
			}
		})
	}
	for range 5 {
		if err := db.AttachFrom(t.Context(), "live", "staging"); err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
}

func TestExchangeSwapsNames(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	exec(t, db, setsDDL)
	l := clickhouse.Layout{}
	if err := db.CreateLike(t.Context(), l, "sets__rebuild", "sets"); err != nil {
		t.Fatal(err)
	}
	insertSets(t, db, "sets__rebuild", 1, testSets())
	if err := db.Exchange(t.Context(), l, "sets", "sets__rebuild"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count() FROM sets"); n != 6 {
		t.Errorf("%d sets", n)
	}
	if err := db.DropTable(t.Context(), l, "sets__rebuild"); err != nil {
		t.Fatal(err)
	}
	insertSets(t, db, "sets", 2, testSets()) // EPHEMERAL and DEFAULT came along
}
