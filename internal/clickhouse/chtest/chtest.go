// Package chtest gives tests a real ClickHouse: the embedded engine, started
// once in the test's own process, with a fresh database for every test.
//
//	func TestMain(m *testing.M) { chtest.Main(m) }
//
//	func TestX(t *testing.T) {
//		t.Parallel()
//		db := chtest.DB(t)
//		...
//
// Main stops the engine and then looks for leaked goroutines. A test that
// failed leaves its database behind until then, and says its name. It must
// never be imported by code that is not a test.
package chtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chdb"
	"muster/internal/clickhouse/engine"
)

// EnvRequire, set to 1, turns the skip for want of the library into a failure.
const EnvRequire = "MUSTER_REQUIRE_ENGINE"

// one is the process's engine: the library allows no more than one.
var one struct { //nolint:gochecknoglobals // a process has one engine, and tests share it
	main   bool
	once   sync.Once
	server *engine.Server
	dir    string
	err    error
	count  atomic.Uint64
}

// Main runs a package's tests, stops the engine, checks that no goroutine was
// left behind and ends the process. It is what TestMain calls.
func Main(m *testing.M, options ...goleak.Option) {
	one.main = true
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "chtest: stop the engine:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(options...); err != nil {
			fmt.Fprintln(os.Stderr, "chtest: goroutines left behind:", err)
			code = 1
		}
	}
	os.Exit(code) //nolint:forbidigo // stands in for TestMain, which ends the process
}

func stop() error {
	if one.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := one.server.Stop(ctx)
	_ = os.RemoveAll(one.dir)
	return err
}

// DB opens a new, empty database. It is dropped when the test ends, unless the
// test failed. The test is skipped where the engine's library is missing.
func DB(t testing.TB) *clickhouse.DB {
	t.Helper()
	dsn := DSN(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := clickhouse.CreateDatabase(ctx, dsn, "")
	if err != nil {
		t.Fatalf("chtest: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("chtest: the test's database was %s", db.Name())
		} else if err := db.Exec(context.Background(), "DROP DATABASE IF EXISTS "+clickhouse.Quote(db.Name())+" SYNC"); err != nil {
			t.Errorf("chtest: drop the database: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("chtest: close the database: %v", err)
		}
	})
	return db
}

// DSN starts the engine if need be and returns the DSN of a database name that
// no other test uses. Nothing is made under it yet: DB does that.
func DSN(t testing.TB) string {
	t.Helper()
	if !one.main {
		t.Fatal("chtest: the package needs `func TestMain(m *testing.M) { chtest.Main(m) }`, which stops the engine")
	}
	if _, err := chdb.Locate(""); err != nil && os.Getenv(EnvRequire) != "1" {
		t.Skipf("needs the embedded ClickHouse engine: %v", err)
	}
	one.once.Do(start)
	if one.err != nil {
		t.Fatalf("chtest: start the engine: %v", one.err)
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name())
	return fmt.Sprintf("http://%s/t%d_%s", one.server.Addr(), one.count.Add(1), name[:min(len(name), 60)])
}

func start() {
	if one.dir, one.err = os.MkdirTemp("", "muster-chtest-"); one.err != nil {
		return
	}
	var eng *chdb.Engine
	if eng, one.err = chdb.Open(chdb.Config{Path: one.dir}); one.err != nil {
		return
	}
	one.server, one.err = engine.Listen(eng, "127.0.0.1:0", slog.New(slog.DiscardHandler))
}
