package projections

import (
	"context"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// bulk is an upload that comes in two halves, some time apart.
type bulk struct {
	target events.UploadTarget
	typ    events.Type
	chunks []events.Event
}

const bulkRows, bulkChunk = 8, 2

func (b *bench) bulks() []bulk {
	at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	var orders []rows.Order
	var tags []rows.Tag
	var users []rows.User
	for i := range uint64(bulkRows) {
		orders = append(orders, rows.Order{OrderID: string('a' + rune(i)), UserID: i << 15, ProductID: 7, Amount: "1", PaidAt: at, Status: "paid"})
		tags = append(tags, rows.Tag{UserID: i << 15, TagID: uint32(1 + i%3)})
		users = append(users, rows.User{UserID: i << 15, Phone: ptr(100 + i), Tags: []uint32{4}, HasTags: true})
	}
	return []bulk{
		{events.TargetUsers, events.TypeUploadUsers, b.userChunks(bulkChunk, users)},
		{events.TargetTags, events.TypeUploadTags, b.chunks(events.TypeUploadTags, bulkRows, bulkChunk, func(lo, hi int) []byte {
			d, err := b.codec.EncodeTags(tags[lo:hi])
			b.must(err)
			return d
		})},
		{events.TargetOrders, events.TypeUploadOrders, b.chunks(events.TypeUploadOrders, bulkRows, bulkChunk, func(lo, hi int) []byte {
			d, err := b.codec.EncodeOrders(orders[lo:hi])
			b.must(err)
			return d
		})},
	}
}

// halves stages an upload half, does something, and stages and applies the rest.
func (b *bench) halves(s *Service, u bulk, between func()) {
	b.Helper()
	s.env.limits = limits{smallUpload: 0, sliceRows: 3, blockBytes: 1}
	b.must(s.begin(b.Context()))
	half := len(u.chunks) / 2
	id := b.begin("demo", events.UploadStarted{Target: u.target, Content: u.typ}, u.chunks[:half])
	b.must(s.events.reach(b.Context(), b.last))
	between()
	b.append(events.Append{Subject: events.EventSubject("demo", "upload", id), Events: u.chunks[half:]})
	b.must(s.events.reach(b.Context(), b.last))
	b.complete("demo", id, u.target, u.typ, bulkRows, len(u.chunks))
	b.must(s.events.reach(b.Context(), b.last))
}

// clean is what a run makes of the log that loses nothing.
func (b *bench) clean() map[string]string {
	db := newDB(b.TB)
	b.run(b.service(db, 0))
	return b.dump(db)
}

// lose drops what is staged, as the engine does by itself once it is old.
func (b *bench) lose(table string) {
	b.Helper()
	b.must(b.db.Exec(context.Background(), "TRUNCATE TABLE "+table))
}

// An upload may stay open, or the engine be away, for longer than staged rows are kept.
func TestRowsThatExpiredInStagingAreReadAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, u := range b.bulks() {
		s := b.service(b.db, 0)
		b.halves(s, u, func() { b.lose(stagedTable(u.target)) })
		s.sweep(t.Context())
	}
	b.same(b.clean(), b.dump(b.db))
}

// echo is a database whose answer to an insert of staged rows is lost, once it is told to.
type echo struct {
	*clickhouse.DB
	on bool
}

func (e *echo) SendBatch(ctx context.Context, blk clickhouse.Batch) error {
	err := e.DB.SendBatch(ctx, blk)
	if e.on {
		e.on = false
		return fault.New(fault.Unavailable, "the answer is lost")
	}
	return err
}

// Rows that are staged twice, after an answer that was lost, do not hide that others are gone.
func TestRowsStagedTwiceDoNotHideThoseThatExpired(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, u := range b.bulks() {
		db := &echo{DB: b.db}
		b.halves(b.service(db, 0), u, func() { b.lose(stagedTable(u.target)); db.on = true })
	}
	b.same(b.clean(), b.dump(b.db))
}

// expiring is a database that loses what is staged while it is being applied.
type expiring struct {
	*clickhouse.DB
	lose func()
	on   string // in a statement that reads staged rows
}

func (x *expiring) at(sql string) {
	if x.lose != nil && strings.Contains(sql, x.on) {
		x.lose()
		x.lose = nil
	}
}

func (x *expiring) Exec(ctx context.Context, sql string, args ...any) error {
	x.at(sql)
	return x.DB.Exec(ctx, sql, args...)
}

func (x *expiring) Query(ctx context.Context, sql string, args ...any) (*clickhouse.Rows, error) {
	x.at(sql)
	return x.DB.Query(ctx, sql, args...)
}

func TestRowsThatExpireWhileTheyAreAppliedAreReadAgain(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]string{Sets: "groupBitmapState(user_id)", Users: "INSERT INTO users", Orders: "INSERT INTO orders"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			for _, u := range b.bulks() {
				if name == Orders && u.target != events.TargetOrders || name == Users && u.target == events.TargetOrders {
					continue
				}
				db := &expiring{DB: b.db, on: on}
				s := b.service(db, 0)
				for _, r := range s.events.runners { // no two at once: who asks first loses the rows
					if r.name() == name {
						s.events.runners = []*runner{r}
					}
				}
				db.lose = func() { b.lose(stagedTable(u.target)) }
				b.halves(s, u, func() {})
				if db.lose != nil {
					t.Errorf("%s: nothing was lost", u.target)
				}
			}
			want, got := b.clean(), b.dump(b.db)
			tables := map[string][]string{Sets: {"sets", "sets_by_shard"}, Users: {"users", "identities"}, Orders: {"orders", "order_owners"}}[name]
			for _, table := range tables {
				if want[table] != got[table] || want[table] == "" {
					t.Errorf("table %s differs\n--- want\n%s\n--- got\n%s", table, want[table], got[table])
				}
			}
		})
	}
}

// Uploads of groups' members are read when they are complete; unfinished ones, which may be many, take no room among
// those that are staged.
func TestUnfinishedUploadsOfGroupsAreNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.service(b.db, 0)
	b.begin("demo", events.UploadStarted{Target: events.TargetGroup, GroupID: 9, Content: events.TypeUploadIDs}, nil)
	b.begin("demo", events.UploadStarted{Target: events.TargetUsers, Content: events.TypeUploadUsers}, nil)
	b.must(s.begin(t.Context()))
	b.must(s.events.reach(t.Context(), b.last))
	if n := len(s.events.stager.open); n != 1 {
		t.Errorf("%d uploads are kept open", n)
	}
	for subject := range s.events.stager.open {
		if subject.ID != "up2" {
			t.Errorf("kept %s", subject)
		}
	}
}
