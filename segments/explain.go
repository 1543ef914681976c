package segments

import (
	"fmt"
	"strings"
	"time"
)

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

// MaxFollowed is how many clauses an expression may have for Explain to follow
// it step by step: the engine's planning grows faster than the steps.
const MaxFollowed = 64

// Explain gives one row: known_users UInt64, the number of all known users;
// users Array(UInt64), for each of Clauses how many users it holds for; running
// Array(UInt64), for each how many are left once it is joined with the clauses
// before it under the same parent, empty for an expression of more than
// MaxFollowed clauses. What a clause of an "and" takes away is the running
// number before it minus its own.
func (q *Query) Explain() Statement {
	e := explainer{q: q, follow: len(q.Clauses()) <= MaxFollowed}
	e.add(q.root)
	running := "emptyArrayUInt64()"
	if e.follow {
		running = e.counts(e.running)
	}
	return q.statement("SELECT sum(bitmapCardinality(known)) AS known_users,\n  " + e.counts(e.nodes) + " AS users,\n  " + running +
		" AS running\nFROM (SELECT " + strings.Join(append([]string{"*"}, e.steps...), ",\n  ") + "\nFROM " + q.shards(true, "") + ")")
}

// explainer names each step's bitmap once, so that the SQL grows with the
// expression and not with its square.
type explainer struct {
	q       *Query
	follow  bool
	steps   []string
	nodes   []value // per clause
	running []value
}

// named gives a bitmap expression a name of its own.
func (e *explainer) named(v value) value {
	if v.of.fn == "" {
		return v
	}
	name := fmt.Sprintf("s%d", len(e.steps))
	e.steps = append(e.steps, v.of.sql()+" AS "+name)
	return value{column(name), v.neg}
}

func (e *explainer) counts(vs []value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = "sum(bitmapCardinality(" + v.of.col + "))"
		if v.neg {
			parts[i] = "toUInt64(known_users - " + parts[i] + ")"
		}
	}
	return "[\n    " + strings.Join(parts, ",\n    ") + "\n  ]"
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
	var all []value
	var sofar value
	for i, c := range of {
		at := len(e.nodes)
		v := e.add(c)
		all = append(all, v)
		if i == 0 {
			sofar = v
		} else if e.follow {
			sofar = e.named(join([]value{sofar, v}))
		}
		e.running[at] = sofar
	}
	if !e.follow {
		return e.named(join(all))
	}
	return sofar
}
