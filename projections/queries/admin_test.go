package queries

import (
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/fault"
)

func TestTagsWithAndWithoutNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tags := []string{"biz", "LowCardinality(String)", "tag_id", "UInt32", "name", "String", "description", "String", "seq", "UInt64"}
	w.insert("tags", tags, []any{"b", uint32(1), "new", "d", uint64(5)}, []any{"b", uint32(3), "three", "", uint64(5)}, []any{"c", uint32(9), "x", "", uint64(5)})
	w.insert("tags", tags, []any{"b", uint32(1), "old", "", uint64(4)})
	w.set("b", "tag", 1, 5, 1, 2, 70_000)
	w.set("b", "tag", 1, 4, 3)
	w.set("b", "tag", 11, 5, 9)
	w.set("b", "tag", 1<<32-1, 5, 9, 10)
	got, err := w.q.Tags(t.Context(), "b", 0, 3)
	want := []Tag{{1, "new", "d", 3}, {3, "three", "", 0}, {11, "", "", 1}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = w.q.Tags(t.Context(), "b", 11, 3)
	if err != nil || !slices.Equal(got, []Tag{{1<<32 - 1, "", "", 2}}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTemplatesAndProductLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cols := []string{"biz", "LowCardinality(String)", "template_id", "String", "body", "String", "seq", "UInt64", "created_at", stamp, "updated_at", stamp}
	w.insert("templates", cols, []any{"b", "hello", `{"id":"hello","channel":"wechat"}`, uint64(2), epoch, epoch}, []any{"b", "x", `{"id":"x"}`, uint64(2), epoch, epoch})
	w.insert("templates", cols, []any{"b", "hello", `{"id":"old"}`, uint64(1), epoch, epoch})
	one, err := w.q.Template(t.Context(), "b", "hello")
	w.must(err)
	if body, err := one.Decode(); err != nil || body.Channel != "wechat" {
		t.Errorf("%+v, %v", body, err)
	}
	if all, err := w.q.Templates(t.Context(), TemplateList{Biz: "b", After: "hello"}); err != nil || len(all) != 1 || all[0].ID != "x" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := w.q.Template(t.Context(), "c", "hello"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	w.biz("shop", "America/New_York")
	w.biz("atlantis", "Sea/Atlantis")
	if shop, err := w.q.Biz(t.Context(), "shop"); err != nil || shop.Biz != "shop" || shop.Name != "The shop" {
		t.Errorf("%+v, %v", shop, err)
	}
	if zone, err := w.q.Location(t.Context(), "shop"); err != nil || zone.String() != "America/New_York" {
		t.Errorf("%v, %v", zone, err)
	}
	if _, err := w.q.Location(t.Context(), "atlantis"); !fault.Is(err, fault.Internal) {
		t.Errorf("%v", err)
	}
	if _, err := w.q.Location(t.Context(), "nowhere"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestCommandsAndUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cols := []string{"biz", "LowCardinality(String)", "command_id", "String", "seq", "UInt64", "type", "LowCardinality(String)", "status", "LowCardinality(String)", "code", "LowCardinality(String)", "reason", "String", "at", stamp}
	w.insert("commands", cols, []any{"b", "c1", uint64(9), "command.refused", "refused", "conflict", "it is archived", epoch})
	w.insert("commands", cols, []any{"b", "c1", uint64(8), "group.resolve_requested", "running", "", "", epoch})
	c, err := w.q.Command(t.Context(), "c1")
	if err != nil || c.Biz != "b" || c.Status != "refused" || c.Code != "conflict" || c.Reason != "it is archived" || c.Seq != 9 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := w.q.Command(t.Context(), "c2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	up := []string{"biz", "LowCardinality(String)", "upload_id", "String", "seq", "UInt64", "target", "LowCardinality(String)", "status", "LowCardinality(String)",
		"rows", "UInt64", "rejected", "UInt64", "rejections", "String", "started_at", stamp, "ended_at", "Nullable(" + stamp + ")"}
	w.insert("uploads", up, []any{"b", "u1", uint64(9), "users", "completed", uint64(10), uint64(1), `[{"line":3,"field":"phone","reason":"not digits"}]`, epoch, &epoch})
	w.insert("uploads", up, []any{"b", "u1", uint64(8), "users", "started", uint64(4), uint64(0), "", epoch, nil})
	u, err := w.q.Upload(t.Context(), "b", "u1")
	w.must(err)
	rejected, err := u.RejectedRows()
	if err != nil || u.Status != "completed" || u.EndedAt == nil || u.Rows != 10 || !slices.Equal(rejected, []events.Rejection{{Line: 3, Field: "phone", Reason: "not digits"}}) {
		t.Errorf("%+v %v, %v", u, rejected, err)
	}
	if _, err := w.q.Upload(t.Context(), "c", "u1"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestUnmatchedPhonesOfTheLastStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := natstest.New(t)
	codec, err := rows.NewCodec()
	w.must(err)
	catalog, err := events.NewCatalog(events.All())
	w.must(err)
	q := newQueries(t, Options{DB: w.db, Store: n.Store})
	start, err := catalog.Encode(events.UploadStarted{Target: events.TargetGroup, GroupID: 7, Content: events.TypeUploadIDs, Source: "resolve"})
	w.must(err)
	unmatched := func(part uint64, phones ...uint64) events.Event {
		data, err := codec.EncodePhones(phones)
		w.must(err)
		return events.Event{Type: events.TypeUploadUnmatched, Version: 1, Encoding: events.EncodingCSVZstd, Count: uint64(len(phones)), Part: part, Data: data}
	}
	ids, err := roaring64.BitmapOf(1).ToBytes()
	w.must(err)
	_, err = n.Store.Append(t.Context(), []events.Append{{Subject: events.EventSubject("b", "upload", "u1"), Events: []events.Event{
		start, unmatched(1, 130), start, unmatched(1, 138, 139),
		{Type: events.TypeUploadIDs, Version: 1, Encoding: events.EncodingRoaring64, Count: 1, Part: 2, Data: ids}, unmatched(3, 140),
	}}})
	w.must(err)
	var got []uint64
	w.must(q.Unmatched(t.Context(), "b", "u1", func(phone uint64) error { got = append(got, phone); return nil }))
	if !slices.Equal(got, []uint64{138, 139, 140}) {
		t.Errorf("%v", got)
	}
	if err := q.Unmatched(t.Context(), "b", "u2", nil); err != nil {
		t.Errorf("no upload: %v", err)
	}
	if err := w.q.Unmatched(t.Context(), "b", "u1", nil); !fault.Is(err, fault.Internal) {
		t.Errorf("no store: %v", err)
	}
}
