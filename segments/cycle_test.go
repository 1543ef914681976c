package segments

import (
	"testing"
)

func TestCheckCycle(t *testing.T) {
	t.Parallel()
	parse := func(s string) Node {
		n, err := ParseText(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	groups := map[uint64]Node{
		2: parse("group(3) and tag(1)"), 3: parse("not (group(4) or group(5))"), 4: parse("group(9)"), 5: parse("group(2) or tag(4)"),
		6: parse("group(7)"), 7: parse("group(8) or group(9)"), 8: parse("group(9) and orders(days=1) > 1"), 10: parse("group(10)"),
	}
	for i := uint64(1000); i < 101_000; i++ {
		groups[i] = Group{ID: i + 1}
	}
	lookup := func(id uint64) (Node, bool) { n, ok := groups[id]; return n, ok }
	for _, c := range []struct {
		id         uint64
		expr, path string
		offset     int
	}{
		{0, "group(6) and group(7) and not group(8)", "", 0},
		{1, "tag(1) or group(2)", "group 2 → group 3 → group 5 → group 2", 10},
		{3, "tag(1) and not group(2)", "group 3 → group 2 → group 3", 15},
		{12, "group(9) or group(12)", "group 12 → group 12", 12},
		{0, "group(10)", "group 10 → group 10", 0},
		{101_000, "group(1000)", "group 101000 → group 1000 → group 1001 → group 1002 → group 1003 → group 1004 → … → ", 0},
		{0, "group(1000)", "", 0},
	} {
		err := CheckCycle(c.id, parse(c.expr), lookup)
		if c.path == "" {
			if err != nil {
				t.Errorf("%s: %v", c.expr, err)
			}
			continue
		}
		e := refusal(t, err, "the expression is cyclic: "+c.path)
		if e.At.Offset != c.offset {
			t.Errorf("%s: got %+v", c.expr, e)
		}
	}
}
