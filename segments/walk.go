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
