package engine_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	muster "muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
	"muster/internal/fault"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// server is the engine's URL and the query parameter of the test's own database.
func server(t *testing.T) (base string, db *muster.DB) {
	t.Helper()
	db = chtest.DB(t)
	u, err := url.Parse(chtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + u.Host + "/", db
}

// post sends a body with URL parameters and returns status, header and body.
func post(t *testing.T, base string, q url.Values, body io.Reader, header ...string) (int, http.Header, string) {
	t.Helper()
	return do(t, http.MethodPost, base, q, body, header...)
}

func do(t *testing.T, method, base string, q url.Values, body io.Reader, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+"?"+q.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil && method == http.MethodPost {
		b = append(b, "<cut short>"...)
	}
	return res.StatusCode, res.Header, string(b)
}

func in(db *muster.DB, more ...string) url.Values {
	q := url.Values{"database": {db.Name()}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q
}

func mustExec(t *testing.T, db *muster.DB, sql string) {
	t.Helper()
	if err := db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *muster.DB, sql string) (n uint64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFormatsAsACurlUserSeesThem(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	for _, c := range []struct{ format, sql, want string }{
		{"", "SELECT 1, 'a'", "1\ta\n"},
		{"CSV", "SELECT 1, 'a'", "1,\"a\"\n"},
		{"", "SELECT number FROM numbers(3) FORMAT CSVWithNames", "\"number\"\n0\n1\n2\n"},
		{"JSONEachRow", "SELECT 1 AS n", "{\"n\":1}\n"},
		{"", "SHOW TABLES", ""},
		{"", "/* leading */ SELECT 1 -- trailing", "1\n"},
		{"", "SELECT ';--/*'", ";--/*\n"},
	} {
		if status, _, body := post(t, base, in(db, "default_format", c.format), strings.NewReader(c.sql)); status != 200 || body != c.want {
			t.Errorf("%s: %d %q", c.sql, status, body)
		}
	}
	status, head, body := post(t, base, in(db), strings.NewReader("SELECT number FROM numbers(100000) FORMAT JSON"))
	if status != 200 || !strings.Contains(body, `"rows": 100000`) || head.Get("X-ClickHouse-Format") != "JSON" {
		t.Errorf("JSON's frame is wrong: %d %v %s", status, head, body[max(0, len(body)-200):])
	}
	for path, want := range map[string]string{"ping": "Ok.\n", "": "Ok.\n"} {
		if status, _, body := do(t, http.MethodGet, base+path, nil, nil); status != 200 || body != want {
			t.Errorf("/%s: %d %q", path, status, body)
		}
	}
	if status, _, body := do(t, http.MethodGet, base, in(db, "query", "SELECT 1"), nil); status != 200 || body != "1\n" {
		t.Errorf("GET: %d %q", status, body)
	}
}

func TestInsertsInEveryShape(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a UInt64, b String DEFAULT 'd') ORDER BY a")
	want := uint64(0)
	for _, c := range []struct {
		query, body string
		rows        uint64
	}{
		{"INSERT INTO t FORMAT CSV", "1,x\n2,y\n", 2},
		{"INSERT INTO t (a) FORMAT TSV", "3\n", 1},
		{"", "INSERT INTO t FORMAT JSONEachRow\n{\"a\":4}\n{\"a\":5}", 2},
		{"", "INSERT INTO t VALUES (6, 'FORMAT CSV'), (7, 'select')", 2},
		{"", "INSERT INTO t (a) SELECT number FROM numbers(10)", 10},
		{"INSERT INTO t (a) VALUES", "(8), (9)", 2},
		{"INSERT INTO t (a) FORMAT RowBinary", "\x0a\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00", 2},
		{"INSERT INTO " + db.Name() + ".t SETTINGS max_threads = 1 FORMAT CSV", "9,z", 1},
		{"INSERT INTO t FORMAT CSV", "", 0},
		{"", "INSERT INTO t (a) VALUES " + strings.Repeat("(1),", 100_000) + "(1)", 100_001}, // beyond max_query_size
	} {
		q := in(db)
		if c.query != "" {
			q.Set("query", c.query)
		}
		status, _, body := post(t, base, q, strings.NewReader(c.body))
		want += c.rows
		if got := count(t, db, "SELECT count() FROM t"); status != 200 || body != "" || got != want {
			t.Fatalf("%s %.40q: %d %s, %d rows instead of %d", c.query, c.body, status, body, got, want)
		}
	}
	if n := count(t, db, "SELECT count() FROM t WHERE b = 'd'"); n != 1+2+10+2+2+100_001 {
		t.Errorf("defaults were filled in for %d rows", n)
	}
}

func TestErrorsCarryTheServersCode(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a UInt64) ORDER BY a")
	for _, c := range []struct {
		query, body  string
		status, code int
	}{
		{"", "SELECT * FROM nope", 404, 60},
		{"", "SELEC 1", 400, 62},
		{"", "SELECT nope", 404, 47},
		{"", "SELECT 1; SELECT 2", 400, 62},
		{"", "SELECT throwIf(number = 5) FROM numbers(10)", 500, 395},
		{"INSERT INTO nope FORMAT CSV", "1", 404, 60},
		{"INSERT INTO t FORMAT CSV", "x", 400, 117},
		{"INSERT INTO t FORMAT Nope", "x", 404, 73},
		{"", "CREATE TABLE t (a UInt8) ORDER BY a", 500, 57},
		{"", "SELECT {x:UInt8}", 500, 456},
		{"", "SELECT 1 SETTINGS nope = 1", 404, 115},
	} {
		q := in(db)
		if c.query != "" {
			q.Set("query", c.query)
		}
		status, head, body := post(t, base, q, strings.NewReader(c.body))
		if status != c.status || head.Get("X-ClickHouse-Exception-Code") != strconv.Itoa(c.code) || !strings.HasPrefix(body, fmt.Sprintf("Code: %d. DB::Exception: ", c.code)) {
			t.Errorf("%s%s: %d %s %s", c.query, c.body, status, head.Get("X-ClickHouse-Exception-Code"), body)
		}
	}
	if status, head, _ := post(t, base, url.Values{"database": {"nope"}}, strings.NewReader("SELECT 1")); status != 404 || head.Get("X-ClickHouse-Exception-Code") != "81" {
		t.Errorf("unknown database: %d", status)
	}
	err := db.Exec(t.Context(), "SELECT * FROM nope")
	if !muster.IsCode(err, muster.CodeUnknownTable) || !fault.Is(err, fault.Internal) {
		t.Errorf("the driver hides the code: %v", err)
	}
}

// An error after rows have gone out must reach the driver with its code, and
// must cut the response short for those who do not know ClickHouse's block.
func TestErrorInTheMiddleOfRows(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	const sql = "SELECT number, throwIf(number = 250000) FROM numbers(300000) SETTINGS max_threads = 1, max_block_size = 1000"
	rows, err := db.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := rows.Err(); n == 0 || !muster.IsCode(err, 395) {
		t.Errorf("after %d rows: %v", n, err)
	}
	_ = rows.Close()
	_, _, body := post(t, base, in(db), strings.NewReader(sql))
	if !strings.HasSuffix(body, "<cut short>") || !strings.Contains(body, "Code: 395.") {
		t.Errorf("a plain client is not told: %s", body[max(0, len(body)-300):])
	}
}

func TestParametersAreNeverSQL(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a String) ORDER BY a")
	mustExec(t, db, "INSERT INTO t VALUES ('x')")
	evil := "x' OR 1=1; DROP TABLE t --`\\"
	var got string
	if err := db.QueryRow(t.Context(), "SELECT {v:String}", muster.Named("v", evil)).Scan(&got); err != nil || got != evil {
		t.Errorf("%q, %v", got, err)
	}
	if n := countArgs(t, db, "SELECT count() FROM t WHERE a = {v:String}", muster.Named("v", evil)); n != 0 {
		t.Errorf("%d rows", n)
	}
	status, _, body := post(t, base, in(db, "param_n", "1; DROP TABLE t"), strings.NewReader("SELECT {n:UInt64}"))
	if status == 200 {
		t.Errorf("%d %s", status, body)
	}
	// A setting's name and value, and a database's name, come from the URL too.
	post(t, base, in(db, "max_threads = 1; DROP TABLE t; --", "1"), strings.NewReader("SELECT 1"))
	post(t, base, in(db, "log_comment", "'; DROP TABLE t; --"), strings.NewReader("SELECT 1"))
	post(t, base, url.Values{"database": {"x`; DROP TABLE " + db.Name() + ".t; --"}}, strings.NewReader("SELECT 1"))
	if n := count(t, db, "SELECT count() FROM t"); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

func countArgs(t *testing.T, db *muster.DB, sql string, args ...any) (n uint64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSettingsEndWithTheirRequest(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	read := func(q url.Values) string {
		_, _, body := post(t, base, q, strings.NewReader("SELECT getSetting('max_block_size'), getSetting('log_comment'), currentDatabase()"))
		return body
	}
	before := read(in(db))
	post(t, base, in(db, "param_n", "7"), strings.NewReader("SELECT {n:UInt8}"))
	if got := read(in(db)); got != before {
		t.Errorf("a statement with parameters left %q instead of %q", got, before)
	}
	if got := read(in(db, "max_block_size", "17", "log_comment", "it's")); got != "17\tit\\'s\t"+db.Name()+"\n" {
		t.Errorf("not set: %q", got)
	}
	post(t, base, in(db), strings.NewReader("SET max_block_size = 18"))
	post(t, base, in(db), strings.NewReader("USE system"))
	post(t, base, in(db, "max_block_size", "19"), strings.NewReader("SELECT nope"))
	post(t, base, in(db), strings.NewReader("CREATE TEMPORARY TABLE tmp (a UInt8)"))
	for range 10 { // more than the pool keeps
		if got := read(in(db)); got != before {
			t.Errorf("left behind: %q instead of %q", got, before)
		}
	}
	if _, head, _ := post(t, base, in(db), strings.NewReader("SELECT * FROM tmp")); head.Get("X-ClickHouse-Exception-Code") != "60" {
		t.Error("a temporary table stayed")
	}
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 23}))
	var n uint64
	if err := db.QueryRow(ctx, "SELECT toUInt64(getSetting('max_block_size'))").Scan(&n); err != nil || n != 23 {
		t.Errorf("the driver's settings: %d %v", n, err)
	}
}

func TestWebPagesAreRefused(t *testing.T) {
	t.Parallel()
	base, db := server(t)
	mustExec(t, db, "CREATE TABLE t (a UInt64) ORDER BY a")
	for _, header := range [][]string{
		{"Origin", "http://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Host", "evil.example"}, {"Host", "evil.example:8123"},
	} {
		if status, _, _ := post(t, base, in(db), strings.NewReader("DROP TABLE t"), header...); status != http.StatusForbidden {
			t.Errorf("%v: %d", header, status)
		}
	}
	if status, head, _ := do(t, http.MethodGet, base, in(db, "query", "DROP TABLE t"), nil); status == 200 || head.Get("X-ClickHouse-Exception-Code") != "164" {
		t.Errorf("a GET changed something: %d", status)
	}
	for _, header := range [][]string{{"Content-Encoding", "gzip"}, {"Content-Type", "multipart/form-data; boundary=x"}} {
		if status, _, _ := post(t, base, in(db), strings.NewReader("DROP TABLE t"), header...); status != http.StatusNotImplemented {
			t.Errorf("%v: %d", header, status)
		}
	}
	if n := count(t, db, "SELECT count() FROM t"); n != 0 {
		t.Error(n)
	}
	if status, _, _ := post(t, base, in(db), strings.NewReader("SELECT 1"), "Host", "localhost:8123"); status != 200 {
		t.Errorf("localhost: %d", status)
	}
}

func TestInsertsAreSyncedByDefault(t *testing.T) {
	t.Parallel()
	_, db := server(t)
	if n := count(t, db, "SELECT count() FROM system.merge_tree_settings WHERE name IN ('fsync_after_insert', 'fsync_part_directory') AND value = '1'"); n != 2 {
		t.Errorf("%d of 2 settings", n)
	}
}
