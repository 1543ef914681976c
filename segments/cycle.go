package segments

import (
	"strconv"
	"strings"
)

// CheckCycle finds out whether a segment group would, over other segment
// groups, depend on itself. id is the group that n is to define, 0 for one that
// has no id yet; lookup returns the expression of a segment group, and false
// for a group of any other kind. The error is an *Error at the clause of n that
// the cycle leaves by, and its message names the path.
func CheckCycle(id uint64, n Node, lookup func(id uint64) (Node, bool)) error {
	s := cycleSearch{id: id, root: n, lookup: lookup, state: map[uint64]int{}}
	if id != 0 {
		s.state[id] = onPath
		s.path = []uint64{id}
	}
	s.stack = []frame{{groups: Groups(n)}}
	return s.run()
}

const (
	onPath = 1
	done   = 2
)

type frame struct {
	group  uint64   // whose expression this is; 0 for the root
	groups []uint64 // what it names and was not looked at yet
}

// cycleSearch walks the groups depth first with its own stack: chains of groups
// are as long as operators make them.
type cycleSearch struct {
	id     uint64
	root   Node
	lookup func(uint64) (Node, bool)
	state  map[uint64]int
	path   []uint64
	stack  []frame
}

func (s *cycleSearch) run() error {
	for len(s.stack) > 0 {
		top := &s.stack[len(s.stack)-1]
		if len(top.groups) == 0 {
			if top.group != 0 {
				s.state[top.group] = done
				s.path = s.path[:len(s.path)-1]
			}
			s.stack = s.stack[:len(s.stack)-1]
			continue
		}
		g := top.groups[0]
		top.groups = top.groups[1:]
		switch s.state[g] {
		case onPath:
			return s.found(g)
		case done:
			continue
		}
		expr, ok := s.lookup(g)
		if !ok {
			s.state[g] = done
			continue
		}
		s.state[g] = onPath
		s.path = append(s.path, g)
		s.stack = append(s.stack, frame{group: g, groups: Groups(expr)})
	}
	return nil
}

// found names the cycle that returns to g.
func (s *cycleSearch) found(g uint64) error {
	first := g // the group that the root names and the cycle is reached by
	if len(s.path) > 0 && s.path[0] != s.id {
		first = s.path[0]
	} else if len(s.path) > 1 {
		first = s.path[1]
	}
	at := s.root.Pos()
	for stop, nodes := false, []Node{s.root}; !stop && len(nodes) > 0; nodes = nodes[1:] {
		if c, ok := nodes[0].(Group); ok && c.ID == first {
			at, stop = c.At, true
		}
		nodes = append(nodes, children(nodes[0])...)
	}
	for i, p := range s.path {
		if p == g {
			return errAt(at, "the expression is cyclic: %s", pathText(append(s.path[i:], g)))
		}
	}
	return errAt(at, "the expression is cyclic")
}

// pathText writes a path of groups, its middle left out when it is long.
func pathText(path []uint64) string {
	const most = 12
	var parts []string
	for i, id := range path {
		if len(path) > most && i == most/2 {
			parts = append(parts, "…")
		}
		if len(path) <= most || i < most/2 || i >= len(path)-most/2 {
			parts = append(parts, "group "+strconv.FormatUint(id, 10))
		}
	}
	return strings.Join(parts, " → ")
}
