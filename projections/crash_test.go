package projections

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// mortal is a database whose client dies at its n-th write: before it, or after the
// write was done and before its answer came.
type mortal struct {
	*clickhouse.DB
	mu    sync.Mutex // one write at a time: which one it dies at is a matter of chance
	n     int
	after bool
	die   context.CancelFunc
	dead  bool
}

var errDead = errors.New("the process died here")

func (m *mortal) write(fn func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errDead
	}
	m.n--
	if m.n != 0 {
		return fn()
	}
	if m.after {
		_ = fn()
	}
	m.dead = true
	m.die()
	return errDead
}

func (m *mortal) Exec(ctx context.Context, sql string, args ...any) error {
	return m.write(func() error { return m.DB.Exec(ctx, sql, args...) })
}

func (m *mortal) SendBatch(ctx context.Context, b clickhouse.Batch) error {
	defer func() { _ = b.Close() }() // the dead hold no connections
	return m.write(func() error { return m.DB.SendBatch(ctx, b) })
}

func (m *mortal) CreateLike(ctx context.Context, l clickhouse.Layout, table, like string) error {
	return m.write(func() error { return m.DB.CreateLike(ctx, l, table, like) })
}

func (m *mortal) DropTable(ctx context.Context, l clickhouse.Layout, table string) error {
	return m.write(func() error { return m.DB.DropTable(ctx, l, table) })
}

func (m *mortal) AttachFrom(ctx context.Context, live, staging string) error {
	return m.write(func() error { return m.DB.AttachFrom(ctx, live, staging) })
}

// story is a little of everything that changes rows twice.
func (b *bench) story() {
	b.stories++
	group := 8 + b.stories
	at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	order := func(id string, user uint64) rows.Order {
		return rows.Order{OrderID: id, UserID: user, ProductID: 7, Amount: "12.5", PaidAt: at, Status: "paid"}
	}
	b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(111)), Tags: []uint32{1, 2}, HasTags: true}, rows.User{UserID: 2, Tags: []uint32{1}, HasTags: true}, rows.User{UserID: 70_000, OpenID: ptr("o")})
	b.group("demo", group)
	b.members("demo", group, events.OpAdd, 2, 1, 2, 70_000)
	b.orders("demo", 2, order("a", 1), order("b", 2), order("c", 3))
	b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(222))})
	b.tags("demo", 2, rows.Tag{UserID: 1, TagID: 1, Remove: true}, rows.Tag{UserID: 2, TagID: 3})
	b.users("demo", 2, rows.User{UserID: 1, Phone: ptr(uint64(333)), Tags: []uint32{2, 4}, HasTags: true}, rows.User{UserID: 2, Phone: ptr(uint64(222))})
	b.members("demo", group, events.OpRemove, 2, 2, 3)
	b.orders("demo", 2, order("a", 4), order("c", 2))
	b.orders("demo", 2, order("a", 5), order("c", 3))
	b.tags("demo", 2, rows.Tag{UserID: 1, TagID: 4, Remove: true}, rows.Tag{UserID: 1, TagID: 9})
	b.members("demo", group, events.OpReplace, 2, 2, 140_000)
}

// ending is a story's end: a campaign from its making to its completion, and what few rows tell of.
func (b *bench) ending() {
	b.emit("demo", "biz", "demo", "b1", events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
	b.emit("demo", "biz", "demo", "b2", events.BizDefined{Name: "Other", Timezone: "Asia/Shanghai"})
	b.emit("demo", "tag", "2", "t1", events.TagNamed{ID: 2, Name: "two"})
	tpl := events.Template{ID: "ready", Channel: "wechat", Data: map[string]string{"thing1": "x"}}
	b.emit("demo", "template", "ready", "t2", events.TemplateDefined{Template: tpl})
	where, vars := []byte(`{"tag":2}`), map[string]string{"city": "Wuhan"}
	b.emit("demo", "campaign", "31", "c1", events.CampaignCreated{ID: 31, Name: "Spring", Template: "ready", Where: where, Variables: vars})
	b.emit("demo", "campaign", "31", "c2", events.CampaignLaunched{ID: 31, Template: tpl, Where: where, Variables: vars, Timezone: "Asia/Shanghai", RangeSize: 2})
	launch := b.last
	audience := b.chunks(events.TypeAudienceRange, 3, 2, func(lo, hi int) []byte {
		d, err := roaring64.BitmapOf([]uint64{1, 2, 70_000}[lo:hi]...).ToBytes()
		b.must(err)
		return d
	})
	b.append(events.Append{Subject: events.EventSubject("demo", "audience", "31"),
		Events: append([]events.Event{b.event(events.AudienceStarted{Campaign: 31, Position: launch, RangeSize: 2})}, audience...)})
	b.emit("demo", "campaign", "31", "c3", events.CampaignAudienceFrozen{Position: launch, Audience: 3, Ranges: 2})
	b.emit("demo", "campaign", "31", "c4", events.CampaignPaused{})
	b.emit("demo", "template", "ready", "t3", events.TemplateDefined{Template: tpl})
	b.emit("demo", "campaign", "31", "c5", events.CampaignResumed{})
	b.emit("demo", "campaign", "31", "c6", events.CampaignCompleted{Books: events.Books{Audience: 3, Sent: 3}})
}

func TestDyingBetweenAnyTwoWritesChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.story()
	b.ending()
	stride := 6 // every sixth write, each time another; all of them with the torture flag
	if os.Getenv("MUSTER_TORTURE_ROUNDS") != "" {
		stride = 1
	}
	for _, name := range []string{Sets, Users, Orders, Groups, Uploads, Commands, Catalog, Campaigns} {
		for mode, lim := range map[string]limits{
			"memory": {smallUpload: 1000, sliceRows: 1000, blockBytes: 1 << 20},
			"copies": {smallUpload: 0, sliceRows: 2, blockBytes: 1},
		} {
			if mode == "copies" && name != Sets && name != Users && name != Orders {
				continue // they have only few rows to write
			}
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				step := stride
				if mode == "copies" && stride > 1 {
					step = 4 * stride // copies take many writes
				}
				b.dying(t, name, lim, step)
			})
		}
	}
}

// dying lets a projection die at its n-th write, for many n, and another go on; then
// the tables are those of a run without deaths.
func (b *bench) dying(t *testing.T, name string, lim limits, stride int) {
	b = &bench{TB: t, n: b.n, catalog: b.catalog, codec: b.codec, last: b.last}
	db := newDB(t)
	run := func(ctx context.Context, to DB, size int) error {
		l := b.only(name, to, lim, size)
		if err := l.live.begin(ctx); err != nil {
			return err
		}
		return l.reach(ctx, b.last)
	}
	b.must(run(t.Context(), db, 9))
	want := b.dump(db)
	moments := []bool{rand.IntN(2) == 0}
	if stride == 1 {
		moments = []bool{false, true}
	}
	points := 0
	for n := 1 + rand.IntN(stride); ; n += stride {
		for _, after := range moments {
			b.clear(db, name)
			ctx, cancel := context.WithCancel(t.Context())
			m := &mortal{DB: db, n: n, after: after, die: cancel}
			err := run(ctx, m, 9)
			cancel()
			if !m.dead { // there is no n-th write any more
				b.must(err)
				b.same(want, b.dump(db))
				t.Logf("died at %d points", points)
				return
			}
			if err == nil {
				t.Fatalf("died at write %d, after it: %v, and did not notice", n, after)
			}
			b.must(run(t.Context(), db, 4+n%9))
			if b.same(want, b.dump(db)); t.Failed() {
				t.Fatalf("died at write %d, after it: %v", n, after)
			}
			points++
		}
		if stride > 1 {
			moments[0] = !moments[0]
		}
	}
}

// only makes a loop with one projection and a service to keep its position.
func (b *bench) only(name string, db DB, lim limits, size int) *loop {
	s := b.service(db, size)
	s.env.limits = lim
	for _, r := range s.events.runners {
		if r.name() == name {
			s.events.runners = []*runner{r}
			return s.events
		}
	}
	b.Fatal("no projection " + name)
	return nil
}

// clear empties a projection's tables.
func (b *bench) clear(db DB, name string) {
	tables := []string{"positions"}
	for _, r := range b.service(db, 0).events.runners {
		if r.name() == name {
			tables = append(tables, r.tables()...)
		}
	}
	for _, t := range tables {
		b.must(db.Exec(context.Background(), "TRUNCATE TABLE "+t))
	}
}

func TestTwoRunnersAtOnceMakeTheSameRows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 {
		b.story()
	}
	clean, shared := newDB(t), newDB(t)
	b.run(b.service(clean, 1000))
	other := b.n.Connect()
	js, err := jetstream.New(other)
	b.must(err)
	second, err := New(Options{DB: shared, JS: js, Log: natstest.Quiet(), Reader: events.ReaderOptions{MaxEvents: 4}})
	b.must(err)
	first := b.service(shared, 7)
	first.env.limits = limits{smallUpload: 2, sliceRows: 3, blockBytes: 1}
	var both errgroup.Group
	for _, s := range []*Service{first, second} {
		both.Go(func() error {
			if err := s.begin(t.Context()); err != nil {
				return err
			}
			return s.events.reach(t.Context(), b.last)
		})
	}
	b.must(both.Wait())
	b.same(b.dump(clean), b.dump(shared))
}

// flaky is a database that is away at every n-th write, half the times after it.
type flaky struct {
	*clickhouse.DB
	mu       sync.Mutex
	n, every int
}

func (f *flaky) write(fn func() error) error {
	f.mu.Lock()
	f.n++
	n := f.n
	f.mu.Unlock()
	if n%f.every != 0 {
		return fn()
	}
	if n%(2*f.every) == 0 {
		_ = fn()
	}
	return fault.New(fault.Unavailable, "away")
}

func (f *flaky) Exec(ctx context.Context, sql string, args ...any) error {
	return f.write(func() error { return f.DB.Exec(ctx, sql, args...) })
}

func (f *flaky) SendBatch(ctx context.Context, b clickhouse.Batch) error {
	defer func() { _ = b.Close() }()
	return f.write(func() error { return f.DB.SendBatch(ctx, b) })
}
