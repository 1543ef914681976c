package projections

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }

// bench is a log and a read model.
type bench struct {
	testing.TB
	n       *natstest.NATS
	db      *clickhouse.DB
	catalog *events.Catalog
	codec   *rows.Codec
	uploads int
	version map[string]uint64
	stories uint64
	last    uint64 // sequence of the newest event
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, n: natstest.New(t), db: newDB(t), version: map[string]uint64{}}
	var err error
	if b.catalog, err = events.NewCatalog(events.All()); err != nil {
		t.Fatal(err)
	}
	if b.codec, err = rows.NewCodec(); err != nil {
		t.Fatal(err)
	}
	return b
}

func newDB(t testing.TB) *clickhouse.DB {
	t.Helper()
	db := chtest.DB(t)
	if _, err := clickhouse.Migrate(t.Context(), db, os.DirFS("../schemas"), clickhouse.Layout{}); err != nil {
		t.Fatal(err)
	}
	return db
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// event makes an event of a payload.
func (b *bench) event(payload any) events.Event {
	b.Helper()
	e, err := b.catalog.Encode(payload)
	b.must(err)
	e.Actor = "test"
	return e
}

// append adds events to aggregates, whatever their versions are, as one append.
func (b *bench) append(list ...events.Append) {
	b.Helper()
	for i := range list {
		_, v, err := b.n.Store.Load(context.Background(), list[i].Subject, 0)
		b.must(err)
		list[i].Expected = v
	}
	vs, err := b.n.Store.Append(context.Background(), list)
	b.must(err)
	b.last = vs[len(vs)-1].Seq
}

func (b *bench) emit(biz, aggregate, id, command string, payloads ...any) {
	b.Helper()
	a := events.Append{Subject: events.EventSubject(biz, aggregate, id)}
	for _, p := range payloads {
		e := b.event(p)
		e.CommandID, e.Correlation = command, command
		a.Events = append(a.Events, e)
	}
	b.append(a)
}

// chunks makes the binary events of an upload, size rows each.
func (b *bench) chunks(typ events.Type, n, size int, encode func(lo, hi int) []byte) []events.Event {
	var out []events.Event
	for lo := 0; lo < n; lo += size {
		hi := min(lo+size, n)
		enc := events.EncodingCSVZstd
		if typ == events.TypeUploadIDs {
			enc = events.EncodingRoaring64
		}
		out = append(out, events.Event{Type: typ, Version: 1, Encoding: enc, Count: uint64(hi - lo), Part: uint64(len(out) + 1), Data: encode(lo, hi), Actor: "test"})
	}
	return out
}

// begin appends an upload's start and chunks, and gives its id.
func (b *bench) begin(biz string, s events.UploadStarted, chunks []events.Event) string {
	b.Helper()
	b.uploads++
	id := fmt.Sprintf("up%d", b.uploads)
	b.again(biz, id, s, chunks)
	return id
}

func (b *bench) again(biz, id string, s events.UploadStarted, chunks []events.Event) {
	b.Helper()
	s.Source = "test"
	list := append([]events.Event{b.event(s)}, chunks...)
	for len(list) > 0 {
		n := min(len(list), 500)
		b.append(events.Append{Subject: events.EventSubject(biz, "upload", id), Events: list[:n]})
		list = list[n:]
	}
}

// complete ends an upload of rows.
func (b *bench) complete(biz, id string, target events.UploadTarget, content events.Type, rows, chunks int) {
	b.Helper()
	b.emit(biz, "upload", id, id, events.UploadCompleted{Target: target, Content: content, Rows: uint64(rows), Accepted: uint64(rows), Chunks: uint64(chunks)})
}

func (b *bench) users(biz string, size int, list ...rows.User) {
	b.Helper()
	c := b.userChunks(size, list)
	b.complete(biz, b.begin(biz, events.UploadStarted{Target: events.TargetUsers, Content: events.TypeUploadUsers}, c), events.TargetUsers, events.TypeUploadUsers, len(list), len(c))
}

func (b *bench) userChunks(size int, list []rows.User) []events.Event {
	return b.chunks(events.TypeUploadUsers, len(list), size, func(lo, hi int) []byte {
		d, err := b.codec.EncodeUsers(list[lo:hi])
		b.must(err)
		return d
	})
}

func (b *bench) tags(biz string, size int, list ...rows.Tag) {
	b.Helper()
	c := b.chunks(events.TypeUploadTags, len(list), size, func(lo, hi int) []byte {
		d, err := b.codec.EncodeTags(list[lo:hi])
		b.must(err)
		return d
	})
	b.complete(biz, b.begin(biz, events.UploadStarted{Target: events.TargetTags, Content: events.TypeUploadTags}, c), events.TargetTags, events.TypeUploadTags, len(list), len(c))
}

func (b *bench) orders(biz string, size int, list ...rows.Order) {
	b.Helper()
	c := b.chunks(events.TypeUploadOrders, len(list), size, func(lo, hi int) []byte {
		d, err := b.codec.EncodeOrders(list[lo:hi])
		b.must(err)
		return d
	})
	b.complete(biz, b.begin(biz, events.UploadStarted{Target: events.TargetOrders, Content: events.TypeUploadOrders}, c), events.TargetOrders, events.TypeUploadOrders, len(list), len(c))
}

func (b *bench) group(biz string, id uint64) {
	b.Helper()
	b.emit(biz, "group", strconv.FormatUint(id, 10), fmt.Sprintf("create%d", id), events.GroupCreated{ID: id, Name: "g", Kind: "ids", Identity: "user_id"})
}

// members changes a group's members, as the handler does: both ends in one append.
func (b *bench) members(biz string, group uint64, op events.MemberOp, size int, ids ...uint64) {
	b.Helper()
	c := b.chunks(events.TypeUploadIDs, len(ids), size, func(lo, hi int) []byte {
		d, err := roaring64.BitmapOf(ids[lo:hi]...).ToBytes()
		b.must(err)
		return d
	})
	up := b.begin(biz, events.UploadStarted{Target: events.TargetGroup, GroupID: group, Content: events.TypeUploadIDs}, c)
	key := fmt.Sprintf("%s/%d", biz, group)
	b.version[key]++
	done := b.event(events.UploadCompleted{Target: events.TargetGroup, GroupID: group, Content: events.TypeUploadIDs, Rows: uint64(len(ids)), Accepted: uint64(len(ids)), Chunks: uint64(len(c))})
	changed := b.event(events.GroupMembersChanged{Version: b.version[key], Op: op, UploadID: up, Chunks: uint64(len(c)), Users: uint64(len(ids))})
	done.CommandID, changed.CommandID = up, up
	b.append(events.Append{Subject: events.EventSubject(biz, "upload", up), Events: []events.Event{done}},
		events.Append{Subject: events.EventSubject(biz, "group", strconv.FormatUint(group, 10)), Events: []events.Event{changed}})
}

// service makes one over a database, with limits for tests.
func (b *bench) service(db DB, batchEvents int) *Service {
	b.Helper()
	s, err := New(Options{DB: db, JS: b.n.JS, Log: natstest.Quiet(), Reader: events.ReaderOptions{MaxEvents: batchEvents}})
	b.must(err)
	return s
}

// run projects everything that is in the log and stops.
func (b *bench) run(s *Service) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	b.must(s.begin(ctx))
	b.must(s.events.reach(ctx, b.last))
	s.sweep(ctx)
}

// start runs a service in the background until the test ends.
func (b *bench) start(s *Service) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Errorf("run: %v", err)
		}
	})
}

// dump reads what the read model says, table by table, in a form to compare.
func (b *bench) dump(db DB) map[string]string {
	b.Helper()
	out := map[string]string{}
	for table, sql := range map[string]string{
		"sets":           "SELECT biz, kind, set_id, shard, bitmapToArray(members) AS m FROM sets FINAL WHERE bitmapCardinality(members) > 0 ORDER BY biz, kind, set_id, shard",
		"sets_by_shard":  "SELECT biz, kind, set_id, shard, bitmapToArray(members) AS m FROM sets_by_shard FINAL WHERE bitmapCardinality(members) > 0 ORDER BY biz, kind, set_id, shard",
		"group_versions": "SELECT biz, group_id, version, seq, op, count, added, removed FROM group_versions FINAL ORDER BY biz, group_id, version",
		"users":          "SELECT biz, user_id, seq, phone, openid, attributes, tags FROM users FINAL ORDER BY biz, user_id",
		"identities":     "SELECT biz, kind, value, user_id FROM identities FINAL WHERE live = 1 ORDER BY biz, kind, value, user_id",
		"orders":         "SELECT biz, user_id, order_id, seq, product_id, product_group_id, amount, paid_at, status FROM orders FINAL WHERE status != 'moved' ORDER BY biz, user_id, order_id",
		"order_owners":   "SELECT biz, order_id, user_id, seq FROM order_owners FINAL ORDER BY biz, order_id",
		"groups":         "SELECT * FROM groups FINAL ORDER BY biz, group_id",
		"uploads":        "SELECT * FROM uploads FINAL ORDER BY biz, upload_id",
		"commands":       "SELECT * FROM commands FINAL ORDER BY command_id",
		"templates":      "SELECT * FROM templates FINAL ORDER BY biz, template_id",
		"bizzes":         "SELECT * FROM bizzes FINAL ORDER BY biz",
		"tags":           "SELECT * FROM tags FINAL ORDER BY biz, tag_id",
		"campaigns":      "SELECT * FROM campaigns FINAL ORDER BY biz, campaign_id",
		"audiences":      "SELECT biz, campaign_id, range, seq, from_user, to_user, users, bitmapToArray(members) AS m FROM audiences FINAL ORDER BY biz, campaign_id, range",
		"deliveries":     "SELECT biz, campaign_id, range, seq, part, status, code, users, bitmapToArray(members) AS m FROM deliveries FINAL ORDER BY biz, campaign_id, range, seq, part",
	} {
		var lines []struct {
			S string `ch:"s"`
		}
		b.must(db.Select(context.Background(), &lines, "SELECT toString(tuple(*)) AS s FROM ("+sql+")"))
		text := ""
		for _, l := range lines {
			text += l.S + "\n"
		}
		out[table] = text
	}
	return out
}

func (b *bench) same(want, got map[string]string) {
	b.Helper()
	for t := range want {
		if want[t] != got[t] {
			b.Errorf("table %s differs\n--- want\n%.3000s\n--- got\n%.3000s", t, want[t], got[t])
		}
	}
}

func ptr[T any](v T) *T { return &v }
