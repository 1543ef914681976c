package segments

import (
	"context"
	"testing"
	"time"

	"muster/internal/clickhouse/chtest"
)

// BenchmarkFiveClauses counts a segment of five clauses over 2 M users, beside
// its SQL written by hand for exactly these sets without replaced rows.
func BenchmarkFiveClauses(b *testing.B) {
	db := chtest.DB(b)
	tables(b, db)
	for _, sql := range []string{
		"INSERT INTO sets (biz, kind, set_id, shard, seq, members) SELECT 'demo', 'group', g, bitShiftRight(number, 16) AS s, 1, groupBitmapState(number) FROM numbers(2000000) ARRAY JOIN [9, 12] AS g WHERE cityHash64(number, g) % 2 = 0 GROUP BY g, s",
		"INSERT INTO sets (biz, kind, set_id, shard, seq, members) SELECT 'demo', 'tag', g, bitShiftRight(number, 16) AS s, 1, groupBitmapState(number) FROM numbers(2000000) ARRAY JOIN range(1, 20) AS g WHERE cityHash64(number, g, 7) % 50 = 0 GROUP BY g, s",
		"INSERT INTO orders (biz, shard, user_id, order_id, paid_at, status, seq) SELECT 'demo', bitShiftRight(u, 16), number % 200000 * 10 AS u, toString(number), fromUnixTimestamp64Milli(toInt64(1700000000000 - number * 300)), 'paid', 1 FROM numbers(1000000)",
	} {
		if err := db.Exec(context.Background(), sql); err != nil {
			b.Fatal(err)
		}
	}
	now := time.Unix(1_700_000_000, 0)
	sets := compile(b, "group(12) and (tag(1) or tag(2)) and not group(9) and not tag(3)", now)
	orders := compile(b, "group(12) and (tag(1) or tag(2)) and not group(9) and orders(days=2) > 2", now)
	hand := Statement{SQL: `SELECT sum(bitmapAndnotCardinality(bitmapAnd(a, bitmapOr(b, c)), bitmapOr(d, e))) FROM (
		SELECT shard, groupBitmapMergeStateIf(members, kind = 'group' AND set_id = 12) AS a, groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = 1) AS b,
		groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = 2) AS c, groupBitmapMergeStateIf(members, kind = 'group' AND set_id = 9) AS d,
		groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = 3) AS e
		FROM sets WHERE biz = 'demo' AND (kind, set_id) IN (('group', 12), ('tag', 1), ('tag', 2), ('group', 9), ('tag', 3)) GROUP BY shard)`}
	for _, c := range []struct {
		name string
		s    Statement
	}{{"ByHand", hand}, {"Sets", sets.Count()}, {"SetsAndOrders", orders.Count()}, {"Contains", sets.Contains(1_000_000)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				var got any
				if c.name == "Contains" {
					got = one[uint8](b, db, c.s)
				} else {
					got = one[uint64](b, db, c.s)
				}
				_ = got
			}
		})
	}
}
