package chtest_test

import (
	"testing"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

func TestDatabasesAreFreshAndApart(t *testing.T) {
	t.Parallel()
	for range 3 {
		db := chtest.DB(t)
		if err := db.Exec(t.Context(), "CREATE TABLE t (a UInt64) ORDER BY a"); err != nil {
			t.Fatal(err)
		}
		b, err := db.PrepareBatch(t.Context(), "INSERT INTO t (a)")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Append(uint64(7)); err != nil {
			t.Fatal(err)
		}
		if err := db.SendBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		var n, a uint64
		if err := db.QueryRow(t.Context(), "SELECT count(), max(a) FROM t WHERE a = {a:UInt64}", clickhouse.Named("a", "7")).Scan(&n, &a); err != nil || n != 1 || a != 7 {
			t.Fatal(n, a, err)
		}
	}
}
