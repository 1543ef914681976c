package projections

import (
	"context"
	"strings"
	"testing"
	"time"

	"muster/events/rows"
)

// asides are the tables beside the live ones.
func (b *bench) asides() string {
	b.Helper()
	var list []struct {
		Name string `ch:"name"`
	}
	b.must(b.db.Select(context.Background(), &list, "SELECT name FROM system.tables WHERE database = currentDatabase() AND position(name, '__') > 0 ORDER BY name"))
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

// viaCopies are limits that send every upload through copies of tables.
var viaCopies = limits{smallUpload: 0, sliceRows: 2, blockBytes: 1}

// A rebuild that ends in the middle leaves no tables behind, nor copies that it was filling.
func TestARebuildThatEndsEarlyLeavesNoTables(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(111))}, rows.User{UserID: 2}, rows.User{UserID: 70_000})
	s, db := b.process(100)
	s.env.limits = viaCopies
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	db.before = func(op, table string) {
		if op == "attach" && table == "users"+rebuildSuffix {
			if !strings.Contains(b.asides(), table+"__copy_") {
				t.Errorf("no copy of %s: the test shows nothing", table)
			}
			cancel()
		}
	}
	b.start(s)
	b.reached(s, b.last)
	if _, err := s.Rebuild(ctx, Users); err == nil || ctx.Err() == nil {
		t.Fatalf("it was to end early: %v", err)
	}
	if left := b.asides(); left != "" {
		t.Errorf("it left %s", left)
	}
}

// Who starts drops what the dead have left behind, and nothing of the living: not the copy that a service fills,
// however long that takes it, nor one of a rebuild.
func TestWhoStartsDropsNothingOfTheLiving(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(111))}, rows.User{UserID: 2}, rows.User{UserID: 70_000})
	first, db1 := b.process(100)
	first.env.limits = viaCopies
	first.peers.gone = 2 * time.Second // the second only begins
	met := map[string]bool{}
	db1.before = func(op, table string) {
		if op != "attach" || table != "users" && table != "users"+rebuildSuffix || met[table] {
			return
		}
		met[table] = true
		for _, dead := range []string{"orders__copy_dead", "sets" + rebuildSuffix + "__copy_dead"} {
			b.must(b.db.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS "+dead+" AS orders"))
		}
		second, _ := b.process(100)
		second.peers.leftover, second.peers.ask = 0, 3*time.Second // old at once; and time to answer on a busy machine
		b.must(second.begin(t.Context()))
		left := b.asides()
		if !strings.Contains(left, table+"__copy_") || strings.Contains(left, "orders__copy_dead") {
			t.Errorf("while %s is filled it left %s", table, left)
		}
		if rebuilding := table != "users"; rebuilding != strings.Contains(left, "sets"+rebuildSuffix+"__copy_dead") { // it may be of who rebuilds
			t.Errorf("while %s is filled it left %s", table, left)
		}
	}
	b.start(first)
	b.reached(first, b.last)
	if st := first.State()[Users]; st.Stopped != "" {
		t.Errorf("users: %+v", st)
	}
	_, err := first.Rebuild(t.Context(), Users)
	b.must(err)
	if len(met) != 2 {
		t.Errorf("copies of %v were met: the test shows nothing", met)
	}
	b.truth(first)
}
