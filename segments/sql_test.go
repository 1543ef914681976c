package segments

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
	"muster/internal/fault"
)

var update = flag.Bool("update", false, "write testdata/*.sql anew")

func compile(t testing.TB, text string, now time.Time) *Query {
	t.Helper()
	n, err := ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := Compile(n, Params{Biz: "demo", Location: zone(t, "Asia/Shanghai"), Now: now, Tables: testTables})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestSQL compares statements and their parameters with files, to the letter.
func TestSQL(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 1, 31, 12, 0, 0, 0, time.UTC)
	for name, text := range map[string]string{
		"example":    "group(12) and (tag(1) or tag(2)) and not group(9) and orders(days=2) > 2",
		"negated":    "not group(12) or tag(1) and not tag(12)",
		"same_twice": "(tag(1) or group(1)) and (tag(1) or not group(1))",
		"orders":     "orders(days=1, product=7, product_group=8, until=2024-01-30) < 2 or not orders(days=1) >= 3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := compile(t, text, now)
			insert, err := q.InsertInto("freezes", Column{"campaign_id", "UInt64", uint64(77)}, Column{"note", "String", "it's"})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "-- %s\n", text)
			for _, s := range []struct {
				name string
				Statement
			}{{"Count", q.Count()}, {"Shards", q.Shards()}, {"Page", q.Page(65_536, 10)}, {"Contains", q.Contains(65_537)}, {"Why", q.Why(65_537)}, {"Explain", q.Explain()}, {"InsertInto", insert}} {
				fmt.Fprintf(&b, "\n-- %s", s.name)
				for _, a := range s.Args {
					v := a.(driver.NamedValue)
					fmt.Fprintf(&b, " %s=%v", v.Name, v.Value)
				}
				fmt.Fprintf(&b, "\n%s;\n", s.SQL)
			}
			file := "testdata/" + name + ".sql"
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("differs from %s (rewrite it with -update and look):\n%s", file, b.String())
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	good := Params{Biz: "demo", Location: time.UTC, Now: time.Unix(1, 0), Tables: testTables}
	bad := good
	bad.Tables.Orders = "orders; DROP TABLE orders"
	for _, p := range []Params{{}, bad, {Tables: testTables, Biz: "demo", Now: time.Unix(1, 0)}} {
		if _, err := Compile(Tag{ID: 1}, p); !fault.Is(err, fault.Internal) {
			t.Errorf("%+v: got %v", p, err)
		}
	}
	if _, err := Compile(Tag{}, good); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	q, err := Compile(Tag{ID: 1}, good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Column{{"a b", "String", ""}, {"a", "Array(String)", ""}} {
		if _, err := q.InsertInto("freezes", c); !fault.Is(err, fault.Internal) {
			t.Errorf("%v: got %v", c, err)
		}
	}
	if _, err := q.InsertInto("a.b.c"); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}

// TestFreeze writes an expression's users into a table and finds them there.
func TestFreeze(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	tables(t, db)
	ctx := context.Background()
	for _, sql := range []string{
		"INSERT INTO sets (biz, kind, set_id, shard, seq, members) SELECT 'demo', 'tag', 1 + number % 2, bitShiftRight(number, 16) AS s, 1, groupBitmapState(number) FROM numbers(200000) GROUP BY number % 2, s",
		"INSERT INTO sets (biz, kind, set_id, shard, seq, members) SELECT 'demo', 'known', 0, bitShiftRight(number, 16) AS s, 1, groupBitmapState(number) FROM numbers(200000) GROUP BY s",
	} {
		if err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	q := compile(t, "not tag(1) and not orders(days=1) > 0", time.Unix(1_700_000_000, 0))
	s, err := q.InsertInto("freezes", Column{"campaign_id", "UInt64", uint64(1<<64 - 1)}, Column{"seq", "UInt64", uint64(5)}, Column{"note", "String", "it's a \\ note"})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(ctx, s.SQL, s.Args...); err != nil {
		t.Fatal(err)
	}
	var users uint64
	err = db.QueryRow(ctx, "SELECT sum(bitmapCardinality(members)) FROM freezes WHERE biz = 'demo' AND campaign_id = {c:UInt64} AND note = {n:String} AND shard IN (0, 1, 2, 3)",
		clickhouse.Named("c", uint64(1<<64-1)), clickhouse.Named("n", "it's a \\ note")).Scan(&users)
	if err != nil || users != 100_000 {
		t.Errorf("frozen %d users, %v; want 100000", users, err)
	}
}

// TestLargestExpressions runs what the limits just allow: the engine's own
// limits must lie beyond ours.
func TestLargestExpressions(t *testing.T) {
	t.Parallel()
	db := chtest.DB(t)
	tables(t, db)
	for _, table := range []string{"sets", "sets_by_shard"} {
		insert(t, db, "INSERT INTO "+table+" (biz, kind, set_id, shard, seq, bytes)", []any{
			[]any{"demo", "tag", uint64(5), uint64(0), uint64(1), "\x00\x01\x07\x00\x00\x00\x00\x00\x00\x00"},
			[]any{"demo", "known", uint64(0), uint64(0), uint64(1), "\x00\x02\x07\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00"},
		})
	}
	var wide []string
	for i := range MaxNodes - 1 {
		wide = append(wide, fmt.Sprintf("tag(%d)", i+1))
	}
	deep := "tag(5)"
	for i := range MaxDepth/2 - 2 {
		deep = fmt.Sprintf("not (%s or tag(%d))", deep, i+100)
	}
	var orders []string
	for i := range MaxOrders {
		orders = append(orders, fmt.Sprintf("orders(days=%d) = 0", i+1))
	}
	for text, want := range map[string]uint64{strings.Join(wide, " or "): 1, deep: 1, strings.Join(orders, " and "): 2} {
		q := compile(t, text, time.Unix(1_700_000_000, 0))
		if got := one[uint64](t, db, q.Count()); got != want {
			t.Errorf("%.60s…: %d users, want %d", text, got, want)
		}
		if got := one[uint8](t, db, q.Contains(7)); got != 1 {
			t.Errorf("%.60s…: user 7 is not in", text)
		}
		one[[]uint8](t, db, q.Why(7))
		var known uint64
		var users, running []uint64
		s := q.Explain()
		if err := db.QueryRow(context.Background(), s.SQL, s.Args...).Scan(&known, &users, &running); err != nil || users[0] != want {
			t.Errorf("%.60s…: explain says %v, %v (%d bytes)", text, users, err, len(s.SQL))
		}
	}
}
