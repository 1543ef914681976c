package segments

import (
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Kinds of sets in the read model that expressions read.
const (
	kindGroup  = "group"
	kindTag    = "tag"
	kindKnown  = "known"  // id 0: every user id the product line has seen
	kindOrders = "orders" // never stored: the rows that an order clause makes
)

// uncounted are the statuses of orders that never count. An order that moved to
// another user leaves a row under its old key, with status 'moved' or none:
// the table's key holds the user, so the last row wins per user, and the
// projection writes that row where the order was before.
const uncounted = "('', 'moved', 'cancelled', 'refunded')"

// leaf is a clause that reads something: a set, or the orders in a window.
// Equal clauses share one leaf, and so one read.
type leaf struct {
	index  int // names column c<index> and the leaf's parameters
	kind   string
	orders *Orders
	from   time.Time // of orders
	to     time.Time
}

// leafKey is the same for clauses that read the same.
func leafKey(n Node) string { return Text(n) }

// column is the name the leaf has in the SQL.
func (l *leaf) column() string { return fmt.Sprintf("c%d", l.index) }

// is is the condition that a row (kind, set_id) belongs to the leaf.
func (l *leaf) is() string {
	if l.orders != nil {
		return fmt.Sprintf("kind = '%s' AND set_id = %d", kindOrders, l.index)
	}
	return fmt.Sprintf("kind = '%s' AND set_id = {set%d:UInt64}", l.kind, l.index)
}

// inverted says whether the leaf's bitmap holds those for whom the clause does
// not hold: a count that no orders satisfy is read by its opposite, since users
// without orders have no rows.
func (l *leaf) inverted() bool { return l.orders != nil && l.orders.Op.holds(0, l.orders.N) }

// ordersWhere is the condition on the rows of the orders table, without the shard.
func (l *leaf) ordersWhere() string {
	i := l.index
	s := fmt.Sprintf("biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from%d:Int64}, 'UTC')"+
		" AND paid_at < fromUnixTimestamp64Milli({to%d:Int64}, 'UTC') AND status NOT IN %s", i, i, uncounted)
	if l.orders.Product != nil {
		s += fmt.Sprintf(" AND product_id = {product%d:UInt64}", i)
	}
	if l.orders.ProductGroup != nil {
		s += fmt.Sprintf(" AND product_group_id = {product_group%d:UInt64}", i)
	}
	return s
}

// having compares the number of orders, by the opposite sign where inverted.
func (l *leaf) having() string {
	sign := l.orders.Op.Sign()
	if l.inverted() {
		sign = l.orders.Op.complement()
	}
	return fmt.Sprintf("count() %s {count%d:UInt64}", sign, l.index)
}

// args are the leaf's named parameters.
func (l *leaf) args(setID uint64) []any {
	i := l.index
	if l.orders == nil {
		return []any{clickhouse.Named(fmt.Sprintf("set%d", i), setID)}
	}
	args := []any{
		clickhouse.Named(fmt.Sprintf("from%d", i), l.from.UnixMilli()),
		clickhouse.Named(fmt.Sprintf("to%d", i), l.to.UnixMilli()),
		clickhouse.Named(fmt.Sprintf("count%d", i), l.orders.N),
	}
	if l.orders.Product != nil {
		args = append(args, clickhouse.Named(fmt.Sprintf("product%d", i), *l.orders.Product))
	}
	if l.orders.ProductGroup != nil {
		args = append(args, clickhouse.Named(fmt.Sprintf("product_group%d", i), *l.orders.ProductGroup))
	}
	return args
}

// setsIn is the condition that picks the rows of the leaves' sets, by the
// table's key; "" when there are none.
func setsIn(leaves []*leaf, known bool) string {
	var in []string
	for _, l := range leaves {
		if l.orders == nil {
			in = append(in, fmt.Sprintf("('%s', {set%d:UInt64})", l.kind, l.index))
		}
	}
	if known {
		in = append(in, fmt.Sprintf("('%s', 0)", kindKnown))
	}
	if len(in) == 0 {
		return ""
	}
	return "(kind, set_id) IN (" + strings.Join(in, ", ") + ")"
}
