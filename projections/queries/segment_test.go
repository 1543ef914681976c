package queries

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/segments"
)

func parse(t testing.TB, text string) segments.Node {
	t.Helper()
	n, err := segments.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newSegmentWorld(t *testing.T) *world {
	w := newWorld(t)
	w.biz("b", "Asia/Shanghai")
	for i, name := range []string{"catalog", "groups", "uploads", "commands", "sets", "users", "orders", "campaigns", "freezes"} {
		w.position(name, uint64(100+i))
	}
	w.group("b", 5, 1, "five", "ids", "ready", 1)
	w.group("b", 6, 1, "six", "ids", "archived", 1)
	w.set("b", "known", 0, 1, 1, 2, 3, 70_000, 1<<63, math.MaxUint64)
	w.set("b", "group", 5, 1, 1, 2, 70_000, math.MaxUint64)
	w.set("b", "group", 5, 0, 3)
	w.set("b", "tag", 1, 1, 2, 3)
	w.set("b", "tag", 11, 1, 70_000)
	w.insert("orders", []string{"biz", "LowCardinality(String)", "shard", "UInt64", "user_id", "UInt64", "order_id", "String", "seq", "UInt64", "paid_at", stamp, "status", "LowCardinality(String)"},
		[]any{"b", uint64(0), uint64(1), "o1", uint64(1), epoch, "paid"}, []any{"b", uint64(0), uint64(1), "o2", uint64(1), epoch, "paid"})
	return w
}

func TestSegmentsAreCountedSampledAndExplained(t *testing.T) {
	t.Parallel()
	w := newSegmentWorld(t)
	for text, want := range map[string][]uint64{
		"group(5)":                           {1, 2, 70_000, math.MaxUint64},
		"not group(5)":                       {3, 1 << 63},
		"group(5) and not tag(1)":            {1, 70_000, math.MaxUint64},
		"tag(11) or orders(days=2) > 1":      {1, 70_000},
		"tag(12345)":                         {},
		"group(5) and not orders(days=2)> 1": {2, 70_000, math.MaxUint64},
		"group(5)" + strings.Repeat(" or group(5)", segments.MaxFollowed): {1, 2, 70_000, math.MaxUint64}, // more clauses than are followed
	} {
		s := Segment{Biz: "b", Node: parse(t, text), Now: epoch}
		c, err := w.q.SegmentCount(t.Context(), s)
		if err != nil || c.Users != uint64(len(want)) || c.Seq != 100 || c.Took <= 0 {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
		s.Zone = time.UTC
		users, err := w.q.SegmentSample(t.Context(), s, 2)
		if err != nil || !slices.Equal(users, want[:min(2, len(want))]) {
			t.Errorf("%s: %v, %v", text, users, err)
		}
		e, err := w.q.SegmentExplain(t.Context(), s)
		if err != nil || e.Users != uint64(len(want)) || e.Known != 6 || e.Clauses[0].Users != e.Users || e.Seq != 100 {
			t.Errorf("%s: %+v, %v", text, e, err)
			continue
		}
		if followed := e.Clauses[0].Running != nil; followed != (len(e.Clauses) <= segments.MaxFollowed) {
			t.Errorf("%d clauses are followed: %t", len(e.Clauses), followed)
		}
		var byHand uint64
		w.must(w.q.each(t.Context(), e.Bound, nil, func(r *clickhouse.Rows) error { return r.Scan(&byHand) }))
		if byHand != e.Users || strings.Contains(e.Bound, "{") || e.Params["biz"] != "b" {
			t.Errorf("%s by hand: %d\n%s", text, byHand, e.Bound)
		}
	}
}

func TestSegmentsOverGroupsThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newSegmentWorld(t)
	for text, says := range map[string]string{
		"tag(1) or group(77)":        "where: line 1, column 11: there is no group 77",
		"not (group(6) or group(5))": "where: line 1, column 6: group 6 is archived",
	} {
		s := Segment{Biz: "b", Node: parse(t, text)}
		_, err1 := w.q.SegmentCount(t.Context(), s)
		_, err2 := w.q.SegmentSample(t.Context(), s, 5)
		_, err3 := w.q.SegmentExplain(t.Context(), s)
		for _, err := range []error{err1, err2, err3} {
			var e *segments.Error
			if !fault.Is(err, fault.Invalid) || !errors.As(err, &e) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if _, err := w.q.SegmentCount(t.Context(), Segment{Biz: "c", Node: parse(t, "tag(1)")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no product line: %v", err)
	}
}

func TestBoundValuesStayValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nasty := "it's a {biz:String} \\ \n\t\x00 ') OR 1 --"
	params, sql, err := bound(segments.Statement{SQL: "SELECT {biz:String} AS s, {n:UInt64} AS n, {m:Int64} AS m",
		Args: []any{named("biz", nasty), named("n", uint64(math.MaxUint64)), named("m", int64(math.MinInt64))}})
	w.must(err)
	var s string
	var n uint64
	var m int64
	w.must(w.q.each(t.Context(), sql, nil, func(r *clickhouse.Rows) error { return r.Scan(&s, &n, &m) }))
	if s != nasty || n != math.MaxUint64 || m != math.MinInt64 || params["biz"] != nasty {
		t.Errorf("%q %d %d from %s", s, n, m, sql)
	}
	if _, _, err := bound(segments.Statement{SQL: "SELECT {x:UInt64}"}); err == nil {
		t.Error("a value is missing, and nobody says so")
	}
}
