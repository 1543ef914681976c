package segments

import (
	"fmt"
	"regexp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"muster/internal/fault"
)

// Tables names what compiled statements read; each may be led by a database.
type Tables struct {
	Sets        string // ordered by biz, kind, set_id, shard: few sets, all shards
	SetsByShard string // ordered by biz, shard, kind, set_id: one shard, for questions about one user
	Orders      string // ordered by biz, shard, user_id, order_id
}

// Params is what an expression is compiled for.
type Params struct {
	Biz      string
	Location *time.Location // the biz's time zone; its days are the days of order clauses
	Now      time.Time      // decides which day is today
	Tables   Tables
}

// Query is a compiled expression. Its methods make statements; a Query is
// immutable and safe for concurrent use. All statements of one Query look at
// the same days, however long it is kept.
type Query struct {
	p      Params
	root   Node
	leaves []*leaf
	byKey  map[string]*leaf
	args   []any // of biz and the leaves
	value  value
}

// Statement is SQL with named parameters, ready for clickhouse-go:
// conn.Query(ctx, s.SQL, s.Args...).
type Statement struct {
	SQL  string
	Args []any // driver.NamedValue each
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$`)

// Compile checks an expression and prepares its statements. Errors are *Error
// for the expression, and fault.Internal for parameters that code got wrong.
func Compile(n Node, p Params) (*Query, error) {
	if err := Check(n); err != nil {
		return nil, err
	}
	for _, t := range []string{p.Tables.Sets, p.Tables.SetsByShard, p.Tables.Orders} {
		if !tableName.MatchString(t) {
			return nil, fault.New(fault.Internal, "segments: %q is no table name", t)
		}
	}
	if p.Biz == "" || p.Location == nil || p.Now.IsZero() {
		return nil, fault.New(fault.Internal, "segments: biz, time zone and time are needed to compile")
	}
	q := &Query{p: p, root: n, byKey: map[string]*leaf{}, args: []any{clickhouse.Named("biz", p.Biz)}}
	Walk(n, func(n Node, _ int) { q.addLeaf(n) })
	q.value = q.evaluate(n)
	return q, nil
}

func (q *Query) addLeaf(n Node) {
	l := &leaf{index: len(q.leaves)}
	var id uint64
	switch n := n.(type) {
	case Group:
		l.kind, id = kindGroup, n.ID
	case Tag:
		l.kind, id = kindTag, uint64(n.ID)
	case Orders:
		l.kind, l.orders = kindOrders, &n
		l.from, l.to = n.Window(q.p.Location, q.p.Now)
	default:
		return
	}
	if key := leafKey(n); q.byKey[key] == nil {
		q.byKey[key] = l
		q.leaves = append(q.leaves, l)
		q.args = append(q.args, l.args(id)...)
	}
}

func (q *Query) leaf(n Node) *leaf { return q.byKey[leafKey(n)] }

// evaluate gives a node's users as a bitmap expression with a sign.
func (q *Query) evaluate(n Node) value {
	switch n := n.(type) {
	case All:
		return and(q.evaluateAll(n.Of))
	case Any:
		return or(q.evaluateAll(n.Of))
	case Not:
		v := q.evaluate(n.Of)
		return value{v.of, !v.neg}
	}
	l := q.leaf(n)
	return value{column(l.column()), l.inverted()}
}

func (q *Query) evaluateAll(of []Node) []value {
	vs := make([]value, len(of))
	for i, c := range of {
		vs[i] = q.evaluate(c)
	}
	return vs
}

// statement adds arguments to those of the leaves.
func (q *Query) statement(sql string, extra ...any) Statement {
	return Statement{SQL: sql, Args: append(append([]any(nil), q.args...), extra...)}
}

// shards is a subquery with one row per shard and one bitmap column per leaf;
// where is a further condition on shards, "" for none.
func (q *Query) shards(known bool, where string) string {
	cols := ""
	for _, l := range q.leaves {
		cols += fmt.Sprintf(",\n    groupBitmapMergeStateIf(members, %s) AS %s", l.is(), l.column())
	}
	if known {
		cols += fmt.Sprintf(",\n    groupBitmapMergeStateIf(members, kind = '%s') AS %s", kindKnown, kindKnown)
	}
	rows := ""
	if in := setsIn(q.leaves, known); in != "" {
		// FINAL: of the rows of one key only the one with the highest seq counts.
		rows = fmt.Sprintf("\n    SELECT shard, kind, set_id, members FROM %s FINAL\n    WHERE biz = {biz:String} AND %s%s", q.p.Tables.Sets, in, where)
	}
	for _, l := range q.leaves {
		if l.orders == nil {
			continue
		}
		if rows != "" {
			rows += "\n    UNION ALL"
		}
		rows += fmt.Sprintf("\n    SELECT shard, '%s' AS kind, toUInt64(%d) AS set_id, groupBitmapState(user_id) AS members FROM ("+
			"\n      SELECT shard, user_id FROM %s FINAL\n      WHERE %s%s\n      GROUP BY shard, user_id HAVING %s"+
			"\n    ) GROUP BY shard", kindOrders, l.index, q.p.Tables.Orders, l.ordersWhere(), where, l.having())
	}
	return "(\n  SELECT shard" + cols + "\n  FROM (" + rows + "\n  )\n  GROUP BY shard\n)"
}

// oneUser is a subquery with one row and one 0/1 column per leaf for {user:UInt64}.
func (q *Query) oneUser(known bool) string {
	cols, rows := "", ""
	for i, l := range q.leaves {
		if i > 0 {
			cols += ",\n    "
		}
		cols += fmt.Sprintf("maxIf(hit, %s) AS %s", l.is(), l.column())
	}
	if known {
		cols += fmt.Sprintf(",\n    maxIf(hit, kind = '%s') AS %s", kindKnown, kindKnown)
	}
	if in := setsIn(q.leaves, known); in != "" {
		rows = fmt.Sprintf("\n    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM %s FINAL"+
			"\n    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND %s", q.p.Tables.SetsByShard, in)
	}
	for _, l := range q.leaves {
		if l.orders == nil {
			continue
		}
		if rows != "" {
			rows += "\n    UNION ALL"
		}
		rows += fmt.Sprintf("\n    SELECT '%s' AS kind, toUInt64(%d) AS set_id, toUInt8(%s) AS hit FROM %s FINAL"+
			"\n    WHERE %s AND shard = {shard:UInt64} AND user_id = {user:UInt64}",
			kindOrders, l.index, l.having(), q.p.Tables.Orders, l.ordersWhere())
	}
	return "(\n  SELECT " + cols + "\n  FROM (" + rows + "\n  )\n)"
}
