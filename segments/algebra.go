package segments

import "strings"

// expr is SQL that gives one bitmap per shard: a column, or a bitmap function
// of two expressions.
type expr struct {
	fn   string // "" for a column
	col  string
	a, b *expr
}

func column(name string) *expr { return &expr{col: name} }

func (e *expr) sql() string {
	if e.fn == "" {
		return e.col
	}
	return e.fn + "(" + e.a.sql() + ", " + e.b.sql() + ")"
}

// cardinality is SQL for how many users the bitmap holds; the last operation
// counts without making its bitmap.
func (e *expr) cardinality() string {
	if e.fn == "" {
		return "bitmapCardinality(" + e.col + ")"
	}
	return e.fn + "Cardinality(" + e.a.sql() + ", " + e.b.sql() + ")"
}

// value is a set of users as a bitmap, or as what a bitmap leaves of the known
// users. Keeping the sign apart means that the known users, the biggest set of
// all, are read only when the whole expression comes out negated.
type value struct {
	of  *expr
	neg bool
}

// plain is the value as a bitmap, known users read if need be.
func (v value) plain() *expr {
	if v.neg {
		return &expr{fn: "bitmapAndnot", a: column(kindKnown), b: v.of}
	}
	return v.of
}

// and is De Morgan over signs: (a and not b) = a \ b, (not a and not b) = not (a or b).
func and(vs []value) value {
	pos, neg := split(vs)
	if len(pos) == 0 {
		return value{fold("bitmapOr", neg), true}
	}
	e := fold("bitmapAnd", pos)
	if len(neg) > 0 {
		e = &expr{fn: "bitmapAndnot", a: e, b: fold("bitmapOr", neg)}
	}
	return value{e, false}
}

// or is not (not a and not b …).
func or(vs []value) value {
	flipped := make([]value, len(vs))
	for i, v := range vs {
		flipped[i] = value{v.of, !v.neg}
	}
	v := and(flipped)
	return value{v.of, !v.neg}
}

func split(vs []value) (pos, neg []*expr) {
	for _, v := range vs {
		if v.neg {
			neg = append(neg, v.of)
		} else {
			pos = append(pos, v.of)
		}
	}
	return pos, neg
}

// fold joins expressions two by two, so that a thousand of them nest ten deep:
// the engine's parser has a depth limit too.
func fold(fn string, es []*expr) *expr {
	for len(es) > 1 {
		var next []*expr
		for i := 0; i < len(es); i += 2 {
			if i+1 == len(es) {
				next = append(next, es[i])
			} else {
				next = append(next, &expr{fn: fn, a: es[i], b: es[i+1]})
			}
		}
		es = next
	}
	return es[0]
}

// truth is SQL for whether a clause holds for one user; leaf gives a leaf's
// column. Here "not" says known as it goes, since one user costs nothing.
func truth(n Node, leaf func(Node) *leaf) string {
	switch n := n.(type) {
	case All:
		return truthList(n.Of, " AND ", leaf)
	case Any:
		return truthList(n.Of, " OR ", leaf)
	case Not:
		return "(" + kindKnown + " AND NOT " + truth(n.Of, leaf) + ")"
	}
	l := leaf(n)
	if l.inverted() {
		return "(" + kindKnown + " AND NOT " + l.column() + ")"
	}
	return l.column()
}

func truthList(of []Node, sep string, leaf func(Node) *leaf) string {
	parts := make([]string, len(of))
	for i, c := range of {
		parts[i] = truth(c, leaf)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, sep) + ")"
}
