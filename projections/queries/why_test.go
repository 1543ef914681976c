package queries

import (
	"strings"
	"testing"
)

func TestWhatDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.biz("b", "Asia/Shanghai")
	w.set("b", "known", 0, 1, 1, 2, 3)
	w.set("b", "tag", 1, 1, 1, 2)
	w.set("b", "tag", 2, 1, 2)
	for i, c := range []struct{ where, want string }{
		{`{"tag":1}`, "tag(1)"},
		{`{"all":[{"tag":1},{"tag":2},{"tag":3}]}`, "not tag(3)"},
		{`{"all":[{"tag":1},{"tag":2}]}`, "tag(1), tag(2)"},
		{`{"all":[{"tag":3},{"tag":4},{"any":[{"tag":1},{"tag":5}]}]}`, "not tag(3), not tag(4)"},
		{`{"any":[{"tag":3},{"tag":2},{"tag":1}]}`, "tag(2), tag(1)"},
		{`{"any":[{"tag":3},{"tag":4}]}`, "not tag(3), not tag(4)"},
		{`{"all":[{"tag":1},{"not":{"any":[{"tag":2},{"tag":3}]}}]}`, "tag(2)"},
		{`{"not":{"all":[{"tag":1},{"tag":3}]}}`, "not tag(3)"},
		{`{"not":{"not":{"orders":{"days":2,"more_than":2}}}}`, "not orders(days=2) > 2"},
	} {
		id := uint64(i + 1)
		w.campaign("b", id, 1, "created", c.where, 0, 0)
		y, err := w.q.Why(t.Context(), "b", id, 2)
		w.must(err)
		var got []string
		for _, x := range y.Clauses {
			switch {
			case !x.Decides || x.Kind == "all" || x.Kind == "any" || x.Kind == "not":
			case x.Holds:
				got = append(got, x.Text)
			default:
				got = append(got, "not "+x.Text)
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", c.where, s, c.want)
		}
	}
}
