package projections

import (
	"strconv"
	"strings"
	"testing"

	"muster/events"
)

// A batch may touch more rows than one question to the engine names, and come again: to a runner that died after
// it wrote the rows, or to one that is behind another.
func TestABatchOfManyRowsMayComeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const groups = maxInList + 50
	for lo := uint64(1); lo <= groups; lo += 50 {
		var list []events.Append
		for id := lo; id < lo+50; id++ {
			list = append(list, events.Append{Subject: events.EventSubject("demo", "group", strconv.FormatUint(id, 10)), Events: []events.Event{
				b.event(events.GroupCreated{ID: id, Name: "g", Kind: "file", Subkind: "upload"}),
				b.event(events.GroupFailed{Reason: "r" + strconv.FormatUint(id, 10)})}})
		}
		b.append(list...)
	}
	b.run(b.service(b.db, 5*groups))
	want := b.dump(b.db)["groups"]
	if n := strings.Count(want, "\n"); n != groups || strings.Count(want, "'failed'") != groups {
		t.Fatalf("%d groups, %d failed, want %d", n, strings.Count(want, "'failed'"), groups)
	}
	for _, size := range []int{5 * groups, 97} {
		b.must(b.db.Exec(t.Context(), "TRUNCATE TABLE positions"))
		b.run(b.service(b.db, size))
		if got := b.dump(b.db)["groups"]; got != want {
			t.Errorf("the same events again, %d at a time, changed rows", size)
		}
	}
}
