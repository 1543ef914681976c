package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	muster "muster/internal/clickhouse"
)

// running counts the statements that carry a mark.
func running(t *testing.T, db *muster.DB, mark string) uint64 {
	t.Helper()
	return countArgs(t, db, "SELECT count() FROM system.processes WHERE query LIKE {m:String} AND NOT query LIKE '%system.processes%'", muster.Named("m", "%"+mark+"%"))
}

func TestAClientThatGoesAwayCancels(t *testing.T) {
	t.Parallel()
	_, db := server(t)
	for name, sql := range map[string]string{
		"no rows yet": "SELECT count() /*silent*/ FROM numbers(1000000000000)",
		"streaming":   "SELECT number /*chatty*/ FROM numbers(1000000000000)",
		"not a query": "CREATE TABLE slow ORDER BY number AS SELECT number FROM numbers(1000000000000) WHERE sleepEachRow(0.01) = 0 SETTINGS max_block_size = 10",
		"parameters":  "SELECT sum(x), 'with parameters' FROM (SELECT cityHash64(number) AS x FROM numbers(1000000000000) WHERE x != {n:UInt64})",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
			defer cancel()
			var args []any
			if strings.Contains(sql, "{n:UInt64}") {
				args = append(args, muster.Named("n", 7))
			}
			rows, err := db.Query(ctx, sql, args...)
			for err == nil && rows.Next() {
				if rows.HasData() && ctx.Err() != nil {
					break
				}
			}
			if err == nil {
				err = rows.Err()
				_ = rows.Close()
			}
			if err == nil && ctx.Err() == nil {
				t.Fatal("the statement ended by itself")
			}
			mark := sql[7:25]
			deadline := time.After(10 * time.Second)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for running(t, db, mark) > 0 {
				select {
				case <-tick.C:
				case <-deadline:
					t.Fatal("the statement still runs")
				}
			}
		})
	}
}

func TestMaxExecutionTime(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	_, head, body := post(t, base, in(db, "max_execution_time", "0.3"), strings.NewReader("SELECT count() FROM numbers(1000000000000)"))
	if head.Get("X-ClickHouse-Exception-Code") != "159" {
		t.Error(body)
	}
}

// A client that goes away in the middle of its rows must leave no half block.
func TestAnInsertCutOff(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a UInt64) ORDER BY a")
	ctx, cancel := context.WithCancel(t.Context())
	body, rows := io.Pipe()
	go func() {
		for i := range 1000 {
			_, _ = fmt.Fprintln(rows, i)
		}
		cancel()
		_ = rows.CloseWithError(context.Canceled)
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"?"+in(db, "query", "INSERT INTO t FORMAT TSV /*cut*/").Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		t.Fatal("the insert was accepted")
	}
	mustExec(t, db, "INSERT INTO t VALUES (5000)")
	if n := count(t, db, "SELECT count() FROM t"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// A million rows in and out, both streamed: neither side may hold them all.
func TestAMillionRowsInBoundedMemory(t *testing.T) {
	base, db := server(t)
	const rows, width = 1_000_000, 100
	mustExec(t, db, "CREATE TABLE t (a UInt64, s String) ORDER BY a")
	peak := watchHeap(t)
	pr, pw := io.Pipe()
	go func() {
		var line bytes.Buffer
		pad := strings.Repeat("x", width)
		for i := range rows {
			line.Reset()
			_, _ = fmt.Fprintf(&line, "%d\t%s\n", i, pad)
			if _, err := pw.Write(line.Bytes()); err != nil {
				return
			}
		}
		_ = pw.Close()
	}()
	status, head, body := post(t, base, in(db, "query", "INSERT INTO t FORMAT TSV"), pr)
	if status != 200 || head.Get("X-ClickHouse-Summary") != `{"written_rows":"1000000"}` {
		t.Fatalf("%d %s %s", status, head.Get("X-ClickHouse-Summary"), body)
	}
	out, err := db.QueryFormat(t.Context(), "TSV", "SELECT * FROM t")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, out)
	_ = out.Close()
	if want := int64(rows*(width+2) + 5_888_890); err != nil || n != want {
		t.Fatalf("%d bytes instead of %d, %v", n, want, err)
	}
	if p := peak(); p > 64<<20 {
		t.Errorf("Go's heap grew by %d MiB for %d MiB of rows", p>>20, n>>20)
	}
	r, err := db.Query(t.Context(), "SELECT a FROM t ORDER BY a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for want := uint64(0); want < rows; want++ {
		var a uint64
		if !r.Next() || r.Scan(&a) != nil || a != want {
			t.Fatalf("row %d: %d, %v", want, a, r.Err())
		}
	}
}

// watchHeap tells by how much the heap grew at most since it was called.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	start, peak := m.HeapAlloc, uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return max(peak, start) - start
	}
}

// More statements at once than the pool keeps, some of them holding others up.
func TestParallelStatements(t *testing.T) {
	t.Parallel()
	_, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a UInt64) ORDER BY a")
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			rows, err := db.Query(t.Context(), "SELECT number FROM numbers(200000)")
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = rows.Close() }()
			for n := uint64(0); rows.Next(); n++ {
				var a uint64
				if err := rows.Scan(&a); err != nil || a != n {
					t.Errorf("%d %v", a, err)
					return
				}
			}
			b, err := db.PrepareBatch(t.Context(), "INSERT INTO t (a)")
			if err != nil {
				t.Error(err)
				return
			}
			for k := range 100 {
				if err := b.Append(uint64(i*100 + k)); err != nil {
					t.Error(err)
				}
			}
			if err := db.SendBatch(t.Context(), b); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "SELECT uniqExact(a) FROM t"); n != 1200 {
		t.Errorf("%d rows", n)
	}
}
