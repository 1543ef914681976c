package clickhouse_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chdb"
	"muster/internal/clickhouse/chtest"
	"muster/internal/fault"
)

// childEnv makes the test binary the engine's child process.
const childEnv = "MUSTER_TEST_CHILD"

// hangEnv names the directory with a child's sign to hang.
const hangEnv = "MUSTER_TEST_HANG"

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		if err := runChild(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) //nolint:forbidigo // a child process ends here
		}
		return
	}
	chtest.Main(m)
}

func runChild(role string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if role == "hangs once" { // whenever the file is there
		if os.Remove(filepath.Join(os.Getenv(hangEnv), "hang")) == nil {
			select {}
		}
		role = "engine"
	}
	if role == "engine" {
		return clickhouse.RunEngine(context.Background(), os.Args[1:], log)
	}
	// Supervises an engine until it is killed.
	s, err := clickhouse.Start(context.Background(), clickhouse.Options{Path: os.Args[1], Addr: "127.0.0.1:0", Env: []string{childEnv + "=engine"}, Log: log})
	if err != nil {
		return err
	}
	fmt.Println(s.PID())
	select {}
}

// startServer runs an engine in a child process, stopped when the test ends.
func startServer(t *testing.T, path string, change ...func(*clickhouse.Options)) *clickhouse.Server {
	t.Helper()
	needEngine(t)
	opt := clickhouse.Options{Path: path, Addr: "127.0.0.1:0", Env: []string{childEnv + "=engine"}, Log: testLog(t)}
	for _, c := range change {
		c(&opt)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	s, err := clickhouse.Start(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopServer(t, s) })
	return s
}

func stopServer(t *testing.T, s *clickhouse.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func needEngine(t *testing.T) {
	t.Helper()
	if _, err := chdb.Locate(""); err != nil && os.Getenv(chtest.EnvRequire) != "1" {
		t.Skipf("needs the embedded ClickHouse engine: %v", err)
	}
}

func testLog(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func open(t *testing.T, s *clickhouse.Server, database string) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.CreateDatabase(t.Context(), s.DSN(database), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *clickhouse.DB, sql string) {
	t.Helper()
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *clickhouse.DB, sql string, args ...any) (n uint64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, db *clickhouse.DB, from, to uint64) error {
	b, err := db.PrepareBatch(ctx, "INSERT INTO t (a)")
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	for ; from < to; from++ {
		if err := b.Append(from); err != nil {
			return err
		}
	}
	return db.SendBatch(ctx, b)
}

// Kills the engine again and again while rows are being inserted: every row
// that was acknowledged must be there, and the engine must come back at the
// same address each time.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	db := open(t, s, "muster")
	exec(t, db, "CREATE TABLE t (a UInt64) ENGINE = ReplacingMergeTree ORDER BY a")
	const rounds, perBatch = 4, 100
	var mu sync.Mutex
	var acked uint64 // rows 0..acked are acknowledged
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	progress := make(chan struct{}, 1)
	killed := map[int]bool{}
	wg.Go(func() {
		for next := uint64(0); ctx.Err() == nil; {
			err := insert(ctx, db, next, next+perBatch)
			if err != nil {
				if c := fault.CodeOf(err); ctx.Err() == nil && c != fault.Unavailable {
					t.Errorf("an engine that is away is %s: %v", c, err)
				}
				continue // the same rows again
			}
			next += perBatch
			mu.Lock()
			acked = next
			mu.Unlock()
			select {
			case progress <- struct{}{}:
			default:
			}
		}
	})
	for range rounds {
		for range 8 {
			select {
			case <-progress:
			case <-time.After(60 * time.Second):
				t.Fatal("no insert was acknowledged in a minute")
			}
		}
		if pid := s.PID(); pid != 0 {
			killed[pid] = true
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	for range 2 {
		<-progress
	}
	cancel()
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if n := count(t, db, "SELECT uniqExact(a) FROM t WHERE a < {n:UInt64}", clickhouse.Named("n", strconv.FormatUint(acked, 10))); n != acked {
		t.Errorf("%d rows of %d acknowledged ones are there", n, acked)
	}
	if now := s.PID(); now == 0 || killed[now] || len(killed) < rounds-1 {
		t.Errorf("the engine runs as %d; killed were %v", now, killed)
	}
}

func TestStopLetsStatementsFinish(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := startServer(t, path)
	db := open(t, s, "muster")
	exec(t, db, "CREATE TABLE t (a UInt64) ORDER BY a")
	started, got := make(chan struct{}), make(chan error, 1)
	go func() {
		rows, err := db.Query(context.Background(), "SELECT number, sleepEachRow(0.005) FROM numbers(300) SETTINGS max_block_size = 10, max_threads = 1")
		close(started)
		n := 0
		for err == nil && rows.Next() {
			n++
		}
		if err == nil {
			err = errors.Join(rows.Err(), rows.Close())
		}
		if err == nil && n != 300 {
			err = fmt.Errorf("%d rows", n)
		}
		got <- err
	}()
	<-started
	if err := insert(t.Context(), db, 0, 10); err != nil {
		t.Fatal(err)
	}
	stopServer(t, s)
	if err := <-got; err != nil {
		t.Errorf("the running statement was cut off: %v", err)
	}
	stopServer(t, s) // twice is fine
	if err := db.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("an engine that is stopped: %v", err)
	}
	again := startServer(t, path)
	if n := count(t, open(t, again, "muster"), "SELECT count() FROM t"); n != 10 {
		t.Errorf("%d rows after a restart", n)
	}
}

// The engine must not outlive a parent that was killed, and a new parent must
// be able to take the data directory over at once.
func TestTheChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	needEngine(t)
	path := t.TempDir()
	parent := command(t, "parent", path)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	s := startServer(t, path)
	if s.PID() == pid || syscall.Kill(pid, 0) == nil && !isZombie(pid) {
		t.Errorf("the orphaned engine %d still runs", pid)
	}
}

func isZombie(pid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return bytes.Contains(b, []byte(") Z "))
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	needEngine(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = busy.Close() })
	for name, c := range map[string]struct {
		change func(*clickhouse.Options)
		want   string
	}{
		"no such program": {func(o *clickhouse.Options) { o.Binary = filepath.Join(o.Path, "nope") }, "no such file"},
		"no library":      {func(o *clickhouse.Options) { o.Library = filepath.Join(o.Path, "nope.so") }, "is not there"},
		"port in use":     {func(o *clickhouse.Options) { o.Addr = busy.Addr().String() }, "address already in use"},
		"not loopback":    {func(o *clickhouse.Options) { o.Addr = "0.0.0.0:0" }, "loopback only"},
		"no directory":    {func(o *clickhouse.Options) { o.Path = "/proc/nope" }, "data directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := clickhouse.Options{Path: t.TempDir(), Addr: "127.0.0.1:0", Env: []string{childEnv + "=engine"}, Log: testLog(t)}
			c.change(&opt)
			s, err := clickhouse.Start(t.Context(), opt)
			if err == nil {
				stopServer(t, s)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestMaxMemoryIsTheEnginesLimit(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), func(o *clickhouse.Options) { o.MaxMemory = 600 << 20 })
	db := open(t, s, "default")
	err := db.Exec(t.Context(), "SELECT groupArray(number) FROM numbers(500000000)")
	if !clickhouse.IsCode(err, clickhouse.CodeMemoryLimit) || !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	if n := count(t, db, "SELECT 1::UInt64"); n != 1 {
		t.Error("the engine did not survive")
	}
}

func TestErrorsOfTheRoad(t *testing.T) {
	t.Parallel()
	if _, err := clickhouse.Open(t.Context(), "http://127.0.0.1:1/x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := clickhouse.Open(t.Context(), "nonsense://%"); !fault.Is(err, fault.Invalid) {
		t.Errorf("no URL: %v", err)
	}
	db := chtest.DB(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var n uint64
	err := db.QueryRow(ctx, "SELECT count() FROM numbers(1000000000000)").Scan(&n)
	if !fault.Is(err, fault.Timeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too slow: %v", err)
	}
	err = db.QueryRow(t.Context(), "SELECT 1 WHERE 0").Scan(&n)
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("no row: %v", err)
	}
}

// The values of a statement travel in the request's address: they are in no error.
func TestNoErrorQuotesParameters(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var n uint64
	err := db.QueryRow(ctx, "SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) != {phone:UInt64}", clickhouse.Named("phone", uint64(13812345678))).Scan(&n)
	if !fault.Is(err, fault.Timeout) || strings.Contains(err.Error(), "13812345678") {
		t.Errorf("it says %v", err)
	}
}

func TestHTTPClientsOfTheChild(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+"/?"+url.Values{"query": {"SELECT 1"}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK || res.Header.Get("X-ClickHouse-Format") == "" {
		t.Error(res.Status)
	}
	http.DefaultClient.CloseIdleConnections()
}
