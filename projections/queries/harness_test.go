package queries

import (
	"context"
	"os"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// world is a read model that a test writes as the projections would.
type world struct {
	testing.TB
	db *clickhouse.DB
	q  *Queries
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db := chtest.DB(t)
	if _, err := clickhouse.Migrate(t.Context(), db, os.DirFS("../../schemas"), clickhouse.Layout{}); err != nil {
		t.Fatal(err)
	}
	return &world{t, db, newQueries(t, Options{DB: db})}
}

func newQueries(t testing.TB, opt Options) *Queries {
	t.Helper()
	q, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	return q
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// insert writes rows as one block; columns are name, type, name, type...
func (w *world) insert(table string, columns []string, rows ...[]any) {
	w.Helper()
	var types []ch.ColumnNameAndType
	names := ""
	for i := 0; i < len(columns); i += 2 {
		types = append(types, ch.ColumnNameAndType{Name: columns[i], Type: columns[i+1]})
		if i > 0 {
			names += ", "
		}
		names += columns[i]
	}
	ctx := ch.Context(context.Background(), ch.WithColumnNamesAndTypes(types))
	b, err := w.db.PrepareBatch(ctx, "INSERT INTO "+table+" ("+names+")")
	w.must(err)
	for _, r := range rows {
		w.must(b.Append(r...))
	}
	w.must(w.db.SendBatch(ctx, b))
}

func state(t testing.TB, users ...uint64) string {
	t.Helper()
	b, err := bitmapstate.Encode(roaring64.BitmapOf(users...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// set writes a set as it is after the event seq, into both tables.
func (w *world) set(biz, kind string, id, seq uint64, users ...uint64) {
	w.Helper()
	by := map[uint64][]uint64{}
	for _, u := range users {
		by[u>>16] = append(by[u>>16], u)
	}
	var rows [][]any
	for s, list := range by {
		rows = append(rows, []any{biz, kind, id, s, seq, state(w, list...)})
	}
	w.rows(rows)
}

// empty writes a shard of a set without members.
func (w *world) empty(biz, kind string, id, shard, seq uint64) {
	w.Helper()
	w.rows([][]any{{biz, kind, id, shard, seq, state(w)}})
}

func (w *world) rows(rows [][]any) {
	w.Helper()
	for _, table := range []string{"sets", "sets_by_shard"} {
		w.insert(table, []string{"biz", "LowCardinality(String)", "kind", "LowCardinality(String)", "set_id", "UInt64", "shard", "UInt64", "seq", "UInt64", "bytes", "String"}, rows...)
	}
}

const stamp = "DateTime64(3, 'UTC')"

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// group writes a row of groups.
func (w *world) group(biz string, id, seq uint64, name, kind, status string, version uint64) {
	w.Helper()
	w.insert("groups", []string{"biz", "LowCardinality(String)", "group_id", "UInt64", "seq", "UInt64", "name", "String", "kind", "LowCardinality(String)",
		"status", "LowCardinality(String)", "version", "UInt64", "created_at", stamp, "updated_at", stamp},
		[]any{biz, id, seq, name, kind, status, version, epoch, epoch})
}

// version writes a row of group_versions.
func (w *world) version(biz string, group, version, seq, count uint64) {
	w.Helper()
	w.insert("group_versions", []string{"biz", "LowCardinality(String)", "group_id", "UInt64", "version", "UInt64", "seq", "UInt64", "at", stamp,
		"op", "LowCardinality(String)", "upload_id", "String", "count", "UInt64", "added", "UInt64"},
		[]any{biz, group, version, seq, epoch, "add", "up", count, count})
}

func (w *world) biz(biz, zone string) {
	w.Helper()
	w.insert("bizzes", []string{"biz", "String", "name", "String", "timezone", "String", "seq", "UInt64", "created_at", stamp, "updated_at", stamp},
		[]any{biz, "The " + biz, zone, uint64(1), epoch, epoch})
}

// position writes how far a projection is.
func (w *world) position(name string, seq uint64) {
	w.Helper()
	w.insert("positions", []string{"projection", "String", "seq", "UInt64", "at", stamp}, []any{name, seq, epoch})
}

func (w *world) fault(name string, rev uint64, cleared uint8) {
	w.Helper()
	w.insert("faults", []string{"projection", "String", "rev", "UInt64", "seq", "UInt64", "error", "String", "cleared", "UInt8", "at", stamp},
		[]any{name, rev, uint64(7), "it cannot", cleared, epoch})
}
