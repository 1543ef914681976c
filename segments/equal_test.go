package segments

import "slices"

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
