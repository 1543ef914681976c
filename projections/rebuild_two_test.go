package projections

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/clickhouse"
)

// watched is the database of one of several services: it counts writes and lets a test in before each.
type watched struct {
	*clickhouse.DB
	begun, ended atomic.Int64
	before       func(op, table string)
}

func (w *watched) write(op, table string, fn func() error) error {
	w.begun.Add(1)
	defer w.ended.Add(1)
	if w.before != nil {
		w.before(op, table)
	}
	return fn()
}

func (w *watched) SendBatch(ctx context.Context, b clickhouse.Batch) error {
	return w.write("insert", "", func() error { return w.DB.SendBatch(ctx, b) })
}

func (w *watched) Query(ctx context.Context, sql string, args ...any) (*clickhouse.Rows, error) {
	if w.before != nil {
		w.before("query", sql)
	}
	return w.DB.Query(ctx, sql, args...)
}

func (w *watched) CreateLike(ctx context.Context, l clickhouse.Layout, table, like string) error {
	return w.write("create", table, func() error { return w.DB.CreateLike(ctx, l, table, like) })
}

func (w *watched) DropTable(ctx context.Context, l clickhouse.Layout, table string) error {
	return w.write("drop", table, func() error { return w.DB.DropTable(ctx, l, table) })
}

func (w *watched) AttachFrom(ctx context.Context, live, staging string) error {
	return w.write("attach", live, func() error { return w.DB.AttachFrom(ctx, live, staging) })
}

func (w *watched) Exchange(ctx context.Context, l clickhouse.Layout, a, b string) error {
	return w.write("exchange", a, func() error { return w.DB.Exchange(ctx, l, a, b) })
}

// process is a service as another process would have it: a connection and a database client of its own.
func (b *bench) process(batchEvents int) (*Service, *watched) {
	b.Helper()
	w := &watched{DB: b.db}
	js, err := jetstream.New(b.n.Connect())
	b.must(err)
	s, err := New(Options{DB: w, JS: js, Log: natstest.Quiet(), Reader: events.ReaderOptions{MaxEvents: batchEvents}})
	b.must(err)
	return s, w
}

// hear counts messages on a subject between services, until the test ends.
func (b *bench) hear(subject string) <-chan *nats.Msg {
	b.Helper()
	in := make(chan *nats.Msg, 10_000)
	nc := b.n.Connect()
	_, err := nc.ChanSubscribe(subject, in)
	b.must(err)
	b.must(nc.Flush())
	return in
}

// still checks, whenever the rebuilder exchanges a table, that another service is between two batches, and that it
// writes nothing from the first to the last table of a loop.
func still(t *testing.T, rebuilder, other *watched) {
	var at int64
	exchanged := 0
	rebuilder.before = func(op, table string) {
		if op != "exchange" {
			return
		}
		begun, ended := other.begun.Load(), other.ended.Load()
		if table == "bizzes" || table == "deliveries" { // the first of a loop
			at = begun
		}
		if begun != ended || begun != at {
			t.Errorf("when %s is exchanged the other service writes: %d writes begun, %d ended, %d before", table, begun, ended, at)
		}
		exchanged++
	}
	t.Cleanup(func() {
		if exchanged == 0 {
			t.Error("nothing was exchanged: the test shows nothing")
		}
	})
}

// truth compares the read model with one projected from the log alone.
func (b *bench) truth(all ...*Service) {
	b.Helper()
	info, err := b.n.JS.Stream(b.Context(), events.StreamLedger)
	b.must(err)
	for _, s := range all {
		b.reached(s, b.last)
		b.until("the ledger is applied", func() bool { return s.State()[Deliveries].Seq >= info.CachedInfo().State.LastSeq })
	}
	fresh := newDB(b)
	s := b.service(fresh, 1000)
	b.run(s)
	b.must(s.ledger.reach(b.Context(), info.CachedInfo().State.LastSeq))
	b.same(b.dump(fresh), b.dump(b.db))
}

// outcome tells of one user in the ledger.
func (b *bench) outcome(rng, user uint64) {
	b.Helper()
	users, err := roaring64.BitmapOf(user).ToBytes()
	b.must(err)
	at := b.last
	b.append(events.Append{Subject: events.LedgerSubject("demo", "31", strconv.FormatUint(rng, 10)), Events: []events.Event{
		b.event(events.LedgerOutcomes{Sender: "s", Results: []events.Outcome{{Status: events.Skipped, Code: "no_openid", Count: 1, Users: users}}})}})
	b.last = at
}

// change writes something, by turns for each projection.
func (b *bench) change(id uint64) {
	b.Helper()
	switch id % 4 {
	case 0:
		b.group("demo", 1000+id)
		b.members("demo", 1000+id, events.OpAdd, 2, id, id+1, id<<16)
	case 1:
		b.users("demo", 2, rows.User{UserID: id, Phone: ptr(id), Tags: []uint32{uint32(id % 3), 7}, HasTags: true}, rows.User{UserID: id << 16}, rows.User{UserID: 1, Phone: ptr(id)})
	case 2:
		b.tags("demo", 2, rows.Tag{UserID: id, TagID: uint32(id % 5)}, rows.Tag{UserID: 1, TagID: 7, Remove: id%8 == 2})
		b.orders("demo", 2, rows.Order{OrderID: "o", UserID: id, ProductID: 7, Amount: "1", PaidAt: time.Unix(1_700_000_000, 0).UTC(), Status: "paid"})
	case 3:
		b.outcome(id, id)
	}
}

// Two processes over one log and one read model: while one rebuilds, the other goes on projecting what is written
// meanwhile, and holds still for as long as tables are exchanged.
func TestTheOtherHoldsStillWhileTablesAreExchanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	first, db1 := b.process(20)
	second, db2 := b.process(500)
	still(t, db2, db1)
	b.start(first)
	b.start(second)
	b.reached(second, b.last)

	stop, writing := make(chan struct{}), errgroup.Group{}
	moved := b.hear(PositionSubject)
	written := 0
	writing.Go(func() error {
		for {
			b.change(uint64(written))
			written++
			for first.State()[Users].Seq < b.last || second.State()[Users].Seq < b.last { // one change at a time
				select {
				case <-moved:
				case <-stop:
					return nil
				}
			}
			select {
			case <-stop:
				return nil
			default:
			}
		}
	})
	for range 2 {
		report, err := second.Rebuild(t.Context())
		b.must(err)
		for _, r := range report.Tables {
			if r.Differing != 0 {
				t.Errorf("%s differs in %d rows", r.Table, r.Differing)
			}
		}
	}
	close(stop)
	b.must(writing.Wait())
	b.truth(first, second)
	if writes := db1.begun.Load(); writes == 0 || written == 0 {
		t.Errorf("%d writes of the other service, %d rounds: the test shows nothing", writes, written)
	}
}
