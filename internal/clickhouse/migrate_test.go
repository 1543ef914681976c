package clickhouse_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
	"muster/internal/clickhouse/sqltext"
	"muster/internal/fault"
)

func files(texts ...string) fs.FS {
	f := fstest.MapFS{}
	for i := 0; i < len(texts); i += 2 {
		f[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
	}
	return f
}

const (
	first  = "0001_first.sql"
	second = "0002_second.sql"
	tableA = `CREATE TABLE a{{.OnCluster}} (x UInt64, s String DEFAULT ';') ENGINE = {{.Engine "ReplacingMergeTree" "x"}} ORDER BY x; -- one; two
INSERT INTO a (x) SELECT 1;`
)

func TestMigrateAppliesOnceInOrder(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	migrate := func(f fs.FS, want ...string) {
		t.Helper()
		got, err := clickhouse.Migrate(t.Context(), db, f, clickhouse.Layout{})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v, %v", got, err)
		}
	}
	migrate(files(first, tableA), "0001_first")
	migrate(files(first, tableA))
	both := files(first, tableA, second, "ALTER TABLE a ADD COLUMN y UInt8; CREATE TABLE b AS a")
	migrate(both, "0002_second")
	migrate(both)
	if n := count(t, db, "SELECT count() FROM a"); n != 1 {
		t.Errorf("%d rows", n)
	}
	for name, f := range map[string]fs.FS{
		"changed": files(first, tableA+" ", second, ""),
		"missing": files(second, "ALTER TABLE a ADD COLUMN y UInt8; CREATE TABLE b AS a"),
	} {
		if _, err := clickhouse.Migrate(t.Context(), db, f, clickhouse.Layout{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMigrateGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	broken := files(first, "CREATE TABLE a (x UInt8) ORDER BY x; CREATE TABLE b (x Nope) ORDER BY x")
	applied, err := clickhouse.Migrate(t.Context(), db, broken, clickhouse.Layout{})
	if len(applied) != 0 || !clickhouse.IsCode(err, 50) || !strings.Contains(err.Error(), "0001_first, statement 2") {
		t.Fatalf("%v, %v", applied, err)
	}
	// What kill -9 leaves: the statement is noted as begun, and has run.
	exec(t, db, "CREATE TABLE b (x UInt8) ORDER BY x")
	if applied, err = clickhouse.Migrate(t.Context(), db, broken, clickhouse.Layout{}); err == nil {
		t.Fatal("a statement that cannot run was taken for one that had", applied)
	}
	db2 := chtest.DB(t)
	cut := files(first, "CREATE TABLE a (x UInt8) ORDER BY x; CREATE TABLE b (x Nope) ORDER BY x; CREATE TABLE c (x UInt8) ORDER BY x")
	_, _ = clickhouse.Migrate(t.Context(), db2, cut, clickhouse.Layout{})
	exec(t, db2, "CREATE TABLE c (x UInt8) ORDER BY x")
	exec(t, db2, "INSERT INTO schema_migrations SELECT name, 1, checksum, 1, now() FROM schema_migrations LIMIT 1")
	exec(t, db2, "INSERT INTO schema_migrations SELECT name, 2, checksum, 0, now() FROM schema_migrations LIMIT 1")
	if applied, err = clickhouse.Migrate(t.Context(), db2, cut, clickhouse.Layout{}); err != nil || len(applied) != 1 {
		t.Fatalf("%v, %v", applied, err)
	}
}

func TestSeveralMigrateAtOnce(t *testing.T) {
	t.Parallel()
	own, dsn := chtest.DB(t), chtest.DSN(t)
	t.Run("a database of its own", func(t *testing.T) { severalMigrate(t, own) })
	// The embedded engine's default database is of another kind: it knows no times.
	t.Run("default", func(t *testing.T) {
		db, err := clickhouse.Open(t.Context(), dsn[:strings.LastIndexByte(dsn, '/')]+"/default")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		severalMigrate(t, db)
	})
}

func severalMigrate(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	f := files(first, tableA, second, "CREATE TABLE b (x UInt64) ORDER BY x; INSERT INTO b SELECT 1")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := clickhouse.Migrate(t.Context(), db, f, clickhouse.Layout{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "SELECT (SELECT count() FROM a) + (SELECT count() FROM b)"); n != 2 {
		t.Errorf("%d rows: a statement ran twice", n)
	}
	if n := count(t, db, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE '%lock%'"); n != 0 {
		t.Error("the lock was left behind")
	}
}

func TestMigrateRefusesBadFiles(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	for name, f := range map[string]fs.FS{
		"name":     files("first.sql", ""),
		"number":   files(first, "", "0001_other.sql", ""),
		"template": files(first, "{{.Nope}}"),
	} {
		if _, err := clickhouse.Migrate(t.Context(), db, f, clickhouse.Layout{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLayoutOfACluster(t *testing.T) {
	t.Parallel()
	l := clickhouse.Layout{Cluster: "main"}
	if got := l.Engine("ReplacingMergeTree", "seq") + l.OnCluster(); got != "ReplicatedReplacingMergeTree(seq) ON CLUSTER `main`" {
		t.Error(got)
	}
	l = clickhouse.Layout{}
	if got := l.Engine("MergeTree") + l.OnCluster(); got != "MergeTree()" {
		t.Error(got)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	got := sqltext.Split("-- a;\nSELECT ';', \"a;b\", `c\\`;d` ; ;\n/* ; */ SELECT (1;2) -- x;\n;SELECT 'it''s;' # c;")
	want := []string{"SELECT ';', \"a;b\", `c\\`;d`", "SELECT (1;2) -- x;", "SELECT 'it''s;' # c;"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// The real read model must apply to the real engine.
func TestTheReadModelApplies(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	applied, err := clickhouse.Migrate(t.Context(), db, os.DirFS("../../schemas"), clickhouse.Layout{})
	if err != nil || len(applied) == 0 {
		t.Fatal(applied, err)
	}
}
