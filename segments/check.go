package segments

import (
	"errors"

	"muster/internal/fault"
)

// Check says whether an expression is one that both forms can write and the
// compiler accepts. Parsed expressions are checked already; built ones should be.
// Errors are *Error, all problems joined.
func Check(n Node) error {
	if n == nil {
		return &Error{Code: fault.Invalid, Msg: "the expression is missing"}
	}
	c := checker{orders: map[string]bool{}}
	c.check(n, 1)
	return errors.Join(c.errs...)
}

type checker struct {
	nodes   int
	stopped bool // a limit is passed: the rest is not looked at
	orders  map[string]bool
	errs    []error
}

func (c *checker) stop(at Pos, format string, args ...any) {
	if !c.stopped {
		c.stopped = true
		c.errs = []error{errAt(at, format, args...)} // alone: the rest would be noise
	}
}

func (c *checker) add(at Pos, format string, args ...any) {
	c.errs = append(c.errs, errAt(at, format, args...))
}

func (c *checker) check(n Node, depth int) {
	if c.stopped {
		return
	}
	if n == nil {
		c.add(Pos{}, "a clause is missing")
		return
	}
	c.nodes++
	if depth > MaxDepth {
		c.stop(n.Pos(), "%s", tooDeep)
		return
	}
	if c.nodes > MaxNodes {
		c.stop(n.Pos(), "the expression has more than %d clauses and operators", MaxNodes)
		return
	}
	switch n := n.(type) {
	case All, Any:
		if len(children(n)) == 0 {
			c.add(n.Pos(), "an empty list of clauses says nothing; name at least one")
		}
	case Group:
		if n.ID == 0 {
			c.add(n.At, "group ids begin with 1")
		}
	case Tag:
		if n.ID == 0 {
			c.add(n.At, "tag ids begin with 1")
		}
	case Orders:
		c.checkOrders(n)
	}
	for _, child := range children(n) {
		c.check(child, depth+1)
	}
}

func (c *checker) checkOrders(n Orders) {
	if n.Days < 1 || n.Days > MaxDays {
		c.add(n.At, "days must be 1 to %d", MaxDays)
	}
	if n.Op.Sign() == "" {
		c.add(n.At, "%q is no comparison of order counts", clip(string(n.Op)))
	}
	if n.N > MaxCount {
		c.add(n.At, "an order count to compare with is at most %d", MaxCount)
	}
	if n.Until != nil && !n.Until.valid() {
		c.add(n.At, "until must be a day from %d to %d", minYear, maxYear)
	}
	c.orders[leafKey(n)] = true
	if len(c.orders) > MaxOrders {
		c.stop(n.At, "the expression has more than %d different order clauses", MaxOrders)
	}
}
