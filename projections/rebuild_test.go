package projections

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// until waits for what a service announces.
func (b *bench) until(what string, ok func() bool) {
	b.Helper()
	nc := b.n.Connect()
	sub, err := nc.SubscribeSync(PositionSubject)
	b.must(err)
	b.must(nc.Flush())
	defer func() { _ = sub.Unsubscribe() }()
	end := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(end) {
			b.Fatalf("waited too long until %s", what)
		}
		_, _ = sub.NextMsg(time.Second)
	}
}

func (b *bench) reached(s *Service, seq uint64) {
	b.Helper()
	b.until("everything is applied", func() bool {
		st := s.State()
		for _, n := range EventNames() {
			if st[n].Seq < seq && st[n].Stopped == "" {
				return false
			}
		}
		return true
	})
}

func TestRebuildWhileReading(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.emit("demo", "biz", "demo", "c1", events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
	b.story()
	s := b.service(b.db, 5)
	b.start(s)
	b.reached(s, b.last)
	before := b.dump(b.db)

	// Someone reads all the time: at every moment the answer is the same.
	ctx, stop := context.WithCancel(t.Context())
	answers := make(chan map[string]int, 1)
	go func() {
		seen := map[string]int{}
		for ctx.Err() == nil {
			var got []struct {
				S string `ch:"s"`
			}
			if err := b.db.Select(ctx, &got, "SELECT toString((set_id, sum(bitmapCardinality(members)))) AS s FROM sets FINAL WHERE kind = 'tag' GROUP BY set_id HAVING sum(bitmapCardinality(members)) > 0 ORDER BY set_id"); err != nil {
				if ctx.Err() == nil {
					seen["error: "+err.Error()]++
				}
				continue
			}
			text := ""
			for _, g := range got {
				text += g.S
			}
			seen[text]++
		}
		answers <- seen
	}()
	// And someone writes what does not change that answer.
	b.group("demo", 500)
	for i := range uint64(5) {
		b.members("demo", 500, events.OpAdd, 10, 100+i)
	}
	report, err := RequestRebuild(t.Context(), b.n.Connect(), "all")
	b.must(err)
	stop()
	if seen := <-answers; len(seen) != 1 {
		t.Errorf("readers saw several answers: %v", seen)
	}
	if report.Events == 0 || len(report.Tables) == 0 {
		t.Errorf("report: %+v", report)
	}
	for _, r := range report.Tables {
		if r.Differing != 0 {
			t.Errorf("%s differs in %d rows", r.Table, r.Differing)
		}
	}
	b.reached(s, b.last)
	after := b.dump(b.db)
	for _, table := range []string{"users", "identities", "orders", "order_owners", "templates"} {
		if before[table] != after[table] {
			t.Errorf("%s: before\n%s\nafter\n%s", table, before[table], after[table])
		}
	}
	// A run over an empty read model says the same.
	fresh := newDB(t)
	b.run(b.service(fresh, 100))
	b.same(b.dump(fresh), after)
}

func TestRebuildReplacesWhatDiffers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	s := b.service(b.db, 100)
	b.start(s)
	b.reached(s, b.last)
	want := b.dump(b.db)
	b.must(b.db.Exec(t.Context(), "INSERT INTO users (biz, shard, user_id, seq, phone) VALUES ('demo', 0, 1, 999, 5)"))
	for _, key := range []string{"'known', 0, 0", "'tag', 12345, 7"} { // one set's users differ, one set should not be
		b.must(b.db.Exec(t.Context(), "INSERT INTO sets (biz, kind, set_id, shard, seq, bytes) SELECT 'demo', "+key+", 999, CAST(bitmapBuild([toUInt64(77777)]) AS String)"))
	}
	b.must(b.db.Exec(t.Context(), "CREATE TABLE groups__rebuild AS groups"))
	report, err := s.Rebuild(t.Context(), Users, Groups, Sets)
	b.must(err)
	var differing uint64
	for _, r := range report.Tables {
		differing += r.Differing
	}
	if differing != 4 { // the user's row that should not be, the one that should, and the two sets
		t.Errorf("differing: %+v", report.Tables)
	}
	b.same(want, b.dump(b.db))
	if _, err := s.Rebuild(t.Context(), "nonsense"); !fault.Is(err, fault.Invalid) {
		t.Errorf("unknown name: %v", err)
	}
}

// Every viewer reads why a rebuild failed: it says what failed, and nothing in the engine's words, which may quote data.
func TestARebuildFailsInOurOwnWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.orders("demo", 10, rows.Order{OrderID: "o", UserID: 1, ProductID: 7, Amount: "1", PaidAt: time.Unix(1_700_000_000, 0).UTC(), Status: "paid"})
	s, db := b.process(100)
	b.start(s)
	b.reached(s, b.last)
	rebuild := func(want ...string) {
		t.Helper()
		_, err := RequestRebuild(t.Context(), b.n.Connect(), Orders)
		if err == nil {
			t.Fatal("it did not fail")
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
		for _, secret := range []string{"13800138000", "exist", "ClickHouse: ", b.db.Name()} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q says %q", err, secret)
			}
		}
	}
	// A live table goes when the two are compared, and is gone the next time.
	db.before = func(op, sql string) {
		if op == "query" && strings.Contains(sql, "orders"+rebuildSuffix+" FINAL") {
			b.must(b.db.Exec(t.Context(), "RENAME TABLE order_owners TO owners_away"))
		}
	}
	rebuild("compare order_owners", "code 60")
	rebuild("make order_owners anew", "code ")
	b.must(b.db.Exec(t.Context(), "RENAME TABLE owners_away TO order_owners"))
	b.orders("demo", 10, rows.Order{OrderID: "p", UserID: 1, ProductID: 7, Amount: "13800138000 is no amount", PaidAt: time.Unix(1_700_000_000, 0).UTC(), Status: "paid"})
	b.reached(s, b.last)
	rebuild("rebuild orders", "cannot apply event", "upload.completed", "ClickHouse code")
	if _, err := RequestRebuild(t.Context(), b.n.Connect(), "nonsense"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("unknown name: %v", err)
	}
}

func TestAPoisonEventStopsOnlyItsProjection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.users("demo", 10, rows.User{UserID: 1, Tags: []uint32{1}, HasTags: true})
	good := b.last
	b.append(events.Append{Subject: events.EventSubject("demo", "group", "77"), Events: []events.Event{{Type: events.TypeGroupCreated, Version: 1, Actor: "test", Data: []byte(`{"id":"not a number"}`)}}})
	b.users("demo", 10, rows.User{UserID: 2, Tags: []uint32{1}, HasTags: true})
	s := b.service(b.db, 100)
	b.start(s)
	b.reached(s, b.last)
	for name, st := range s.State() {
		switch {
		case name == Groups && (st.Stopped == "" || st.Seq != good):
			t.Errorf("groups should stand at %d: %+v", good, st)
		case name != Groups && name != Deliveries && (st.Stopped != "" || st.Seq != b.last):
			t.Errorf("%s should be at %d: %+v", name, b.last, st)
		}
	}
	if got := b.dump(b.db)["users"]; strings.Count(got, "\n") != 2 {
		t.Errorf("users: %s", got)
	}
	var faults []faultRow
	b.must(b.db.Select(t.Context(), &faults, "SELECT projection, rev, seq, error, cleared, at FROM faults FINAL WHERE cleared = 0"))
	if len(faults) != 1 || faults[0].Projection != Groups || faults[0].Seq != good+1 || !strings.Contains(faults[0].Error, "group.created") {
		t.Errorf("faults: %+v", faults)
	}
}

func TestTransientErrorsAreRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	s := b.service(&flaky{DB: b.db, every: 13}, 9)
	b.run(s)
	fresh := newDB(t)
	b.run(b.service(fresh, 9))
	b.same(b.dump(fresh), b.dump(b.db))
}

// BenchmarkImport measures rows per second from the log into the read model: set
// MUSTER_BENCH_ROWS.
func TestImportRates(t *testing.T) {
	n := 0
	if v := os.Getenv("MUSTER_BENCH_ROWS"); v != "" {
		for _, c := range v {
			n = 10*n + int(c-'0')
		}
	}
	if n == 0 {
		t.Skip("set MUSTER_BENCH_ROWS")
	}
	b := newBench(t)
	rate := func(what string, make func()) {
		make()
		s := b.service(b.db, 0)
		start := time.Now()
		ctx := context.Background()
		b.must(s.begin(ctx))
		b.must(s.events.reach(ctx, b.last))
		took := time.Since(start)
		s.sweep(ctx)
		t.Logf("%-20s %8d rows in %6.2f s: %9.0f rows/s", what, n, took.Seconds(), float64(n)/took.Seconds())
	}
	users := make([]rows.User, n)
	for i := range users {
		id := uint64(i + 1)
		users[i] = rows.User{UserID: id, Phone: ptr(13_000_000_000 + id), OpenID: ptr("o" + time.Duration(id).String()), Tags: []uint32{uint32(id % 50), uint32(50 + id%7), uint32(60 + id%100)}, HasTags: true, Attributes: map[string]string{"name": "someone", "city": "Wuhan"}}
	}
	rate("users with tags", func() { b.users("demo", 10_000, users...) })
	rate("the same again", func() { b.users("demo", 10_000, users...) })
	orders := make([]rows.Order, n)
	for i := range orders {
		orders[i] = rows.Order{OrderID: "order" + time.Duration(i).String(), UserID: uint64(i%(n/2) + 1), ProductID: uint64(i % 100), ProductGroupID: 3, Amount: "19.99", PaidAt: time.Unix(1_700_000_000+int64(i), 0).UTC(), Status: "paid"}
	}
	rate("orders", func() { b.orders("demo", 10_000, orders...) })
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(3*i + 1)
	}
	b.group("demo", 9)
	rate("ids into a group", func() { b.members("demo", 9, events.OpAdd, 10_000, ids...) })
}
