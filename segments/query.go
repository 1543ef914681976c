package segments

import (
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"muster/internal/fault"
)

// MaxPage is the most users that one Sample or Page gives.
const MaxPage = 10_000

// shardBits: a shard holds 65,536 neighbouring ids.
const shardBits = 16

// Count gives one row: users UInt64, the exact number.
func (q *Query) Count() Statement {
	return q.statement("SELECT sum(" + q.value.plain().cardinality() + ") AS users\nFROM " + q.shards(q.value.neg, ""))
}

// Shards gives one row per shard that has users, by shard: shard UInt64, users
// UInt64, members String (the bitmap as the engine writes it).
func (q *Query) Shards() Statement {
	return q.statement("SELECT shard, bitmapCardinality(m) AS users, CAST(m AS String) AS members\nFROM " +
		q.members("") + "\nWHERE users > 0\nORDER BY shard")
}

// members is a subquery with columns shard and m, the expression's bitmap.
func (q *Query) members(where string) string {
	return "(SELECT shard, " + q.value.plain().sql() + " AS m FROM " + q.shards(q.value.neg, where) + ")"
}

// Sample gives up to limit users, one per row: user_id UInt64, the lowest ids first.
func (q *Query) Sample(limit int) Statement { return q.Page(0, limit) }

// Page gives up to limit users (1..MaxPage) with ids from the given one on, one
// per row, ascending: user_id UInt64. The next page begins at the last id + 1.
func (q *Query) Page(from uint64, limit int) Statement {
	limit = min(max(limit, 1), MaxPage)
	// Only the first shard is cut by id, and as an array: the engine's
	// bitmapSubsetLimit loses small bitmaps when the start is 2^63 or more.
	return q.statement("SELECT arrayJoin(if(shard = {shard:UInt64}, arrayFilter(x -> x >= {user:UInt64}, bitmapToArray(m)),"+
		" bitmapToArray(bitmapSubsetLimit(m, toUInt64(0), {limit:UInt64})))) AS user_id\nFROM "+
		q.members(" AND shard >= {shard:UInt64}")+"\nORDER BY user_id\nLIMIT {limit:UInt64}",
		clickhouse.Named("user", from), clickhouse.Named("shard", from>>shardBits), clickhouse.Named("limit", uint64(limit)))
}

// Contains gives one row: member UInt8, 1 when the expression holds for user.
// It reads the user's shard only.
func (q *Query) Contains(user uint64) Statement {
	sql := truth(q.root, q.leaf)
	return q.statement("SELECT toUInt8("+sql+") AS member\nFROM "+q.oneUser(q.usesKnown()), userArgs(user)...)
}

// Why gives one row: holds Array(UInt8), for each of Clauses whether it holds for user.
func (q *Query) Why(user uint64) Statement {
	var parts []string
	Walk(q.root, func(n Node, _ int) { parts = append(parts, "toUInt8("+truth(n, q.leaf)+")") })
	return q.statement("SELECT [\n  "+strings.Join(parts, ",\n  ")+"\n] AS holds\nFROM "+q.oneUser(q.usesKnown()), userArgs(user)...)
}

func userArgs(user uint64) []any {
	return []any{clickhouse.Named("user", user), clickhouse.Named("shard", user>>shardBits)}
}

// usesKnown says whether any clause means what is left of the known users.
func (q *Query) usesKnown() bool {
	uses := false
	Walk(q.root, func(n Node, _ int) {
		if _, ok := n.(Not); ok {
			uses = true
		} else if l := q.leaf(n); l != nil && l.inverted() {
			uses = true
		}
	})
	return uses
}

// Column is a constant column that InsertInto writes beside the members.
type Column struct {
	Name  string
	Type  string // String, UInt8, UInt32, UInt64 or Int64
	Value any
}

// InsertInto writes the expression's users into a table, one row per shard that
// has any: INSERT INTO table (biz, extra…, shard, members), members an
// AggregateFunction(groupBitmap, UInt64). Nothing travels: the engine reads and
// writes by itself. The target needs, beside the extra columns,
//
//	biz LowCardinality(String), shard UInt64, members AggregateFunction(groupBitmap, UInt64)
func (q *Query) InsertInto(table string, extra ...Column) (Statement, error) {
	if !tableName.MatchString(table) {
		return Statement{}, fault.New(fault.Internal, "segments: %q is no table name", table)
	}
	names, values, args := "biz", "{biz:String}", []any(nil)
	for i, c := range extra {
		switch c.Type {
		case "String", "UInt8", "UInt32", "UInt64", "Int64":
		default:
			return Statement{}, fault.New(fault.Internal, "segments: column type %q is not supported", c.Type)
		}
		if !identifier.MatchString(c.Name) {
			return Statement{}, fault.New(fault.Internal, "segments: %q is no column name", c.Name)
		}
		names += ", " + c.Name
		values += fmt.Sprintf(", {extra%d:%s}", i, c.Type)
		args = append(args, clickhouse.Named(fmt.Sprintf("extra%d", i), c.Value))
	}
	return q.statement(fmt.Sprintf("INSERT INTO %s (%s, shard, members)\nSELECT %s, shard, m\nFROM %s\nWHERE bitmapCardinality(m) > 0",
		table, names, values, q.members("")), args...), nil
}
