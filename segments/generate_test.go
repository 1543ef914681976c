package segments

import (
	"time"

	"pgregory.net/rapid"
)

// genNode draws expressions over the given leaves, up to depth levels.
func genNode(leaf *rapid.Generator[Node], depth int) *rapid.Generator[Node] {
	if depth <= 1 {
		return leaf
	}
	below := genNode(leaf, depth-1)
	list := rapid.SliceOfN(below, 2, 4)
	return rapid.OneOf(
		leaf,
		rapid.Custom(func(t *rapid.T) Node { return All{Of: list.Draw(t, "all")} }),
		rapid.Custom(func(t *rapid.T) Node { return Any{Of: list.Draw(t, "any")} }),
		rapid.Custom(func(t *rapid.T) Node { return Not{Of: below.Draw(t, "not")} }),
	)
}

// genAnyLeaf draws clauses over the whole of what the language can say.
func genAnyLeaf() *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return Group{ID: rapid.Uint64Min(1).Draw(t, "group")}
		case 1:
			return Tag{ID: rapid.Uint32Min(1).Draw(t, "tag")}
		}
		n := Orders{Days: rapid.IntRange(1, MaxDays).Draw(t, "days"), N: rapid.Uint64Max(MaxCount).Draw(t, "n")}
		n.Op = opTable[rapid.IntRange(0, len(opTable)-1).Draw(t, "op")].op
		if rapid.Bool().Draw(t, "product") {
			id := rapid.Uint64().Draw(t, "product id")
			n.Product = &id
		}
		if rapid.Bool().Draw(t, "product_group") {
			id := rapid.Uint64().Draw(t, "product group id")
			n.ProductGroup = &id
		}
		if rapid.Bool().Draw(t, "until") {
			d := dateOf(time.Date(minYear, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 80_000).Draw(t, "day")))
			n.Until = &d
		}
		return n
	})
}
