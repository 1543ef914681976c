package segments

import (
	"fmt"
	"strings"
	"time"

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

// Clause is one node of the expression as Explain and Why speak of it.
type Clause struct {
	Node     Node
	Text     string    // the clause alone
	Depth    int       // 1 for the whole expression
	Parent   int       // index of the clause it stands in; -1 for the whole
	From, To time.Time // the window of an order clause, UTC, To exclusive; zero for others
}

// Clauses lists the nodes in the order in which they are written, parents
// first: the order of the arrays that Explain and Why give.
func (q *Query) Clauses() []Clause {
	var out []Clause
	var parents []int // by depth
	Walk(q.root, func(n Node, depth int) {
		c := Clause{Node: n, Text: Text(n), Depth: depth, Parent: -1}
		if depth > 1 {
			c.Parent = parents[depth-2]
		}
		if o, ok := n.(Orders); ok {
			c.From, c.To = o.Window(q.p.Location, q.p.Now)
		}
		parents = append(parents[:depth-1], len(out))
		out = append(out, c)
	})
	return out
}

// Explain gives one row: known_users UInt64, the number of all known users; users
// Array(UInt64), for each of Clauses how many users it holds for; running
// Array(UInt64), for each how many are left once it is joined with the clauses
// before it under the same parent. What a clause of an "and" takes away is the
// running number before it minus its own.
func (q *Query) Explain() Statement {
	e := explainer{q: q}
	e.add(q.root)
	var users, running []string
	for i := range e.nodes {
		users = append(users, e.count(e.nodes[i]))
		running = append(running, e.count(e.running[i]))
	}
	return q.statement("SELECT sum(bitmapCardinality(known)) AS known_users,\n  [\n    " + strings.Join(users, ",\n    ") +
		"\n  ] AS users,\n  [\n    " + strings.Join(running, ",\n    ") + "\n  ] AS running\nFROM (SELECT *" + e.steps.String() +
		"\nFROM " + q.shards(true, "") + ")")
}

// explainer names each step's bitmap once, so that the SQL grows with the
// expression and not with its square.
type explainer struct {
	q       *Query
	steps   strings.Builder
	made    int
	nodes   []value // per clause
	running []value
}

// named gives a bitmap expression a name of its own.
func (e *explainer) named(v value) value {
	if v.of.fn == "" {
		return v
	}
	name := fmt.Sprintf("s%d", e.made)
	e.made++
	fmt.Fprintf(&e.steps, ",\n  %s AS %s", v.of.sql(), name)
	return value{column(name), v.neg}
}

func (e *explainer) count(v value) string {
	if v.neg {
		return "toUInt64(sum(bitmapCardinality(known)) - sum(bitmapCardinality(" + v.of.col + ")))"
	}
	return "sum(bitmapCardinality(" + v.of.col + "))"
}

// add appends the values of n and everything below it, parents first, and returns n's.
func (e *explainer) add(n Node) value {
	at := len(e.nodes)
	e.nodes = append(e.nodes, value{})
	e.running = append(e.running, value{})
	var total value
	switch n := n.(type) {
	case All:
		total = e.addList(n.Of, and)
	case Any:
		total = e.addList(n.Of, or)
	case Not:
		v := e.add(n.Of)
		total = value{v.of, !v.neg}
	default:
		total = e.q.evaluate(n)
	}
	e.nodes[at], e.running[at] = total, total
	return total
}

func (e *explainer) addList(of []Node, join func([]value) value) value {
	var sofar value
	for i, c := range of {
		at := len(e.nodes)
		v := e.add(c)
		if i == 0 {
			sofar = v
		} else {
			sofar = e.named(join([]value{sofar, v}))
		}
		e.running[at] = sofar
	}
	return sofar
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
