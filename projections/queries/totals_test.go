package queries

import "testing"

func TestTotalsCountTheNewestRowsOfOneProductLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got, err := w.q.Totals(t.Context(), "b"); err != nil || *got != (Totals{}) {
		t.Errorf("nothing: %+v, %v", got, err)
	}
	w.set("b", "known", 0, 5, 1, 2, 70_000)
	w.set("b", "known", 0, 4, 9)
	w.set("c", "known", 0, 5, 1)
	w.group("b", 1, 2, "one", "ids", "building", 0)
	w.group("b", 1, 3, "one", "ids", "ready", 1)
	w.group("b", 2, 4, "two", "ids", "building", 0)
	w.group("b", 3, 4, "three", "ids", "failed", 0)
	w.group("b", 4, 4, "four", "ids", "archived", 0)
	w.group("c", 1, 2, "other", "ids", "ready", 1)
	for id, status := range []string{"created", "launched", "sending", "paused", "completed", "cancelled"} {
		w.campaign("b", uint64(id+1), 9, status, "tag(1)", 0, 0)
	}
	want := Totals{Users: 3, Groups: 3, Building: 1, Failed: 1, Campaigns: 6, UnderWay: 3, Paused: 1}
	if got, err := w.q.Totals(t.Context(), "b"); err != nil || *got != want {
		t.Errorf("%+v, %v", got, err)
	}
}
