package segments

import "slices"

// Walk calls visit for n and every node below it, parents first, in the order
// in which they are written. depth is 1 for n.
func Walk(n Node, visit func(n Node, depth int)) { walk(n, 1, visit) }

func walk(n Node, depth int, visit func(Node, int)) {
	visit(n, depth)
	for _, c := range children(n) {
		walk(c, depth+1, visit)
	}
}

// Groups returns the ids of the groups that n names, ascending, each once.
func Groups(n Node) []uint64 {
	var ids []uint64
	Walk(n, func(n Node, _ int) {
		if g, ok := n.(Group); ok {
			ids = append(ids, g.ID)
		}
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Tags returns the ids of the tags that n names, ascending, each once.
func Tags(n Node) []uint32 {
	var ids []uint32
	Walk(n, func(n Node, _ int) {
		if t, ok := n.(Tag); ok {
			ids = append(ids, t.ID)
		}
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Equal says whether two expressions are the same, wherever they were read.
func Equal(a, b Node) bool {
	switch a := a.(type) {
	case All:
		b, ok := b.(All)
		return ok && slices.EqualFunc(a.Of, b.Of, Equal)
	case Any:
		b, ok := b.(Any)
		return ok && slices.EqualFunc(a.Of, b.Of, Equal)
	case Not:
		b, ok := b.(Not)
		return ok && Equal(a.Of, b.Of)
	case Group:
		b, ok := b.(Group)
		return ok && a.ID == b.ID
	case Tag:
		b, ok := b.(Tag)
		return ok && a.ID == b.ID
	case Orders:
		b, ok := b.(Orders)
		return ok && a.Days == b.Days && a.Op == b.Op && a.N == b.N &&
			same(a.Product, b.Product) && same(a.ProductGroup, b.ProductGroup) && same(a.Until, b.Until)
	}
	return a == nil && b == nil
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
