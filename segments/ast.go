package segments

import (
	"fmt"
	"time"
)

// Limits of one expression. They bound what a stranger can make the parser, the
// compiler and the engine do.
const (
	MaxBytes  = 1 << 20       // of either written form
	MaxDepth  = 100           // levels; a lone clause has one
	MaxNodes  = 500           // clauses and operators together
	MaxOrders = 20            // different order clauses: each is a scan of the orders
	MaxDays   = 3660          // ten years
	MaxCount  = 1_000_000_000 // orders to compare with
	minYear   = 1970          // of until
	maxYear   = 2199          // of until; the engine's times end in 2299
)

// Node is one node of an expression: All, Any, Not, Group, Tag or Orders.
// Nodes are plain values; build them as literals and let Check judge them.
type Node interface {
	// Pos is where the node was read; the zero Pos for one that was built.
	Pos() Pos
	sealed()
}

// Pos is a place in what was parsed. In text: Offset in bytes from 0, Line and
// Col (in characters) from 1. In JSON: Offset, and Path such as "all[1].group".
type Pos struct {
	Offset, Line, Col int
	Path              string
}

// All holds for users for whom every one of Of holds ("and").
type All struct {
	Of []Node
	At Pos
}

// Any holds for users for whom at least one of Of holds ("or").
type Any struct {
	Of []Node
	At Pos
}

// Not holds for the known users for whom Of does not hold. Known is every user
// id the product line has ever seen.
type Not struct {
	Of Node
	At Pos
}

// Group holds for the members of a group.
type Group struct {
	ID uint64 // from 1
	At Pos
}

// Tag holds for the users who carry a tag: exactly this one, never a longer
// number that begins with the same digits.
type Tag struct {
	ID uint32 // from 1
	At Pos
}

// Orders compares the number of a user's orders within a window of calendar
// days with N. Cancelled and refunded orders never count. An Op that holds for
// no orders at all (less than 2, say) holds for known users without orders.
type Orders struct {
	Days         int // calendar days, the last one included; 1..MaxDays
	Op           Op
	N            uint64  // 0..MaxCount
	Product      *uint64 // only orders of this product
	ProductGroup *uint64 // only orders of this product group
	Until        *Date   // the last day; nil is today in the biz's time zone
	At           Pos
}

// Op is how an order count is compared.
type Op string

// The comparisons, named as JSON names them.
const (
	MoreThan Op = "more_than" // >
	AtLeast  Op = "at_least"  // >=
	LessThan Op = "less_than" // <
	AtMost   Op = "at_most"   // <=
	Exactly  Op = "exactly"   // =
)

// opTable holds each comparison with its sign in text and SQL, and the sign of its opposite.
var opTable = []struct {
	op               Op
	sign, complement string
}{
	{MoreThan, ">", "<="}, {AtLeast, ">=", "<"}, {LessThan, "<", ">="}, {AtMost, "<=", ">"}, {Exactly, "=", "!="},
}

// Sign is the comparison as text and SQL write it; "" for an unknown one.
func (o Op) Sign() string {
	for _, t := range opTable {
		if t.op == o {
			return t.sign
		}
	}
	return ""
}

func (o Op) complement() string {
	for _, t := range opTable {
		if t.op == o {
			return t.complement
		}
	}
	return ""
}

// holds says whether count compares with n as the operator asks.
func (o Op) holds(count, n uint64) bool {
	switch o {
	case MoreThan:
		return count > n
	case AtLeast:
		return count >= n
	case LessThan:
		return count < n
	case AtMost:
		return count <= n
	case Exactly:
		return count == n
	}
	return false
}

// Date is a calendar day, without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String writes the date as 2024-01-31.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// valid says whether the day exists and lies in the years that until accepts.
func (d Date) valid() bool {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return d.Year >= minYear && d.Year <= maxYear && t.Year() == d.Year && t.Month() == d.Month && t.Day() == d.Day
}

// addDays counts calendar days, which have no length and so no daylight saving.
func (d Date) addDays(n int) Date {
	return dateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) before(e Date) bool {
	if d.Year != e.Year {
		return d.Year < e.Year
	}
	if d.Month != e.Month {
		return d.Month < e.Month
	}
	return d.Day < e.Day
}

func (n All) Pos() Pos    { return n.At }
func (n Any) Pos() Pos    { return n.At }
func (n Not) Pos() Pos    { return n.At }
func (n Group) Pos() Pos  { return n.At }
func (n Tag) Pos() Pos    { return n.At }
func (n Orders) Pos() Pos { return n.At }

func (All) sealed()    {}
func (Any) sealed()    {}
func (Not) sealed()    {}
func (Group) sealed()  {}
func (Tag) sealed()    {}
func (Orders) sealed() {}

// children returns the nodes directly below n.
func children(n Node) []Node {
	switch n := n.(type) {
	case All:
		return n.Of
	case Any:
		return n.Of
	case Not:
		return []Node{n.Of}
	}
	return nil
}
