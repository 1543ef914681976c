package queries

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"muster/internal/fault"
)

func TestGroupsInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := uint64(1); id <= 25; id++ {
		kind, status := "ids", "ready"
		if id%2 == 0 {
			kind = "file"
		}
		if id%5 == 0 {
			status = "archived"
		}
		w.group("b", id, 10, fmt.Sprintf("Grüße %d\t'x\\", id), kind, status, 2)
		w.version("b", id, 1, 5, 100)
		w.version("b", id, 2, 10, id)
	}
	w.group("b", 3, 9, "older", "ids", "building", 1)
	w.version("b", 3, 2, 10, 3) // once more
	w.group("c", 99, 10, "another's", "ids", "ready", 1)
	list := func(l GroupList) []uint64 {
		var ids []uint64
		for {
			l.Biz, l.Limit = "b", 4
			page, err := w.q.Groups(t.Context(), l)
			w.must(err)
			for _, g := range page {
				ids = append(ids, g.ID)
				if g.Count != g.ID || g.Version != 2 || g.Biz != "b" {
					t.Errorf("group %+v", g)
				}
			}
			if len(page) < 4 {
				return ids
			}
			l.Before = page[len(page)-1].ID
		}
	}
	for _, c := range []struct {
		list GroupList
		keep func(id uint64) bool
	}{
		{GroupList{}, func(uint64) bool { return true }},
		{GroupList{Kind: "file"}, func(id uint64) bool { return id%2 == 0 }},
		{GroupList{Status: "archived"}, func(id uint64) bool { return id%5 == 0 }},
		{GroupList{Kind: "ids", Status: "ready"}, func(id uint64) bool { return id%2 == 1 && id%5 != 0 }},
		{GroupList{Search: "GRÜßE 1"}, func(id uint64) bool { return id == 1 || id/10 == 1 }},
		{GroupList{Search: "2\t'x\\"}, func(id uint64) bool { return id%10 == 2 }},
		{GroupList{Search: "older"}, func(uint64) bool { return false }},
		{GroupList{Search: "%"}, func(uint64) bool { return false }},
		{GroupList{Search: "23"}, func(id uint64) bool { return id == 23 }},
		{GroupList{Search: "99"}, func(uint64) bool { return false }},
		{GroupList{Search: "1) OR (1=1"}, func(uint64) bool { return false }},
	} {
		var want []uint64
		for id := uint64(25); id > 0; id-- {
			if c.keep(id) {
				want = append(want, id)
			}
		}
		if got := list(c.list); !slices.Equal(got, want) {
			t.Errorf("%+v: got %v, want %v", c.list, got, want)
		}
	}
}

func TestGroupsThatExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := 24 * time.Hour
	for id, g := range []struct {
		status  string
		expires any
	}{{"ready", nil}, {"ready", epoch.Add(day)}, {"archived", epoch.Add(day)}, {"failed", epoch.Add(2 * day)}, {"ready", epoch.Add(2*day + time.Millisecond)}} {
		w.insert("groups", []string{"biz", "LowCardinality(String)", "group_id", "UInt64", "seq", "UInt64", "name", "String", "status", "LowCardinality(String)",
			"expires_at", "Nullable(" + stamp + ")"}, []any{"b", uint64(id), uint64(1), "g", g.status, g.expires})
	}
	for until, want := range map[time.Duration]string{0: "[]", day: "[1]", 2 * day: "[3 1]", 3 * day: "[4 3 1]"} {
		got, err := w.q.Groups(t.Context(), GroupList{Biz: "b", Until: epoch.Add(until)})
		w.must(err)
		ids := []uint64{}
		for _, g := range got {
			ids = append(ids, g.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("until %v: got %v, want %s", until, ids, want)
		}
	}
}

func TestOneGroupAndItsVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.group("b", 3, 10, "new", "ids", "ready", 2)
	w.group("b", 3, 9, "old", "ids", "building", 1)
	w.group("b", 4, 9, "none", "ids", "ready", 0)
	for v := uint64(1); v <= 5; v++ {
		w.version("b", 3, v, 10+v, v*10)
		w.version("b", 3, v, 10+v, v*10)
	}
	g, err := w.q.Group(t.Context(), "b", 3)
	w.must(err)
	if g.Name != "new" || g.Count != 50 || g.Status != "ready" || !g.CreatedAt.Equal(epoch) || g.ExpiresAt != nil {
		t.Errorf("%+v", g)
	}
	if g, err := w.q.Group(t.Context(), "b", 4); err != nil || g.Count != 0 {
		t.Errorf("%+v, %v", g, err)
	}
	v, err := w.q.GroupVersions(t.Context(), "b", 3, 4, 2)
	if err != nil || len(v) != 2 || v[0].Version != 3 || v[1].Version != 2 || v[1].Count != 20 {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := w.q.GroupVersions(t.Context(), "b", 4, 0, 0); err != nil || len(v) != 0 {
		t.Errorf("no versions: %v, %v", v, err)
	}
	for _, biz := range []string{"b", "c"} {
		_, err1 := w.q.Group(t.Context(), biz, 5)
		_, err2 := w.q.GroupVersions(t.Context(), biz, 5, 0, 0)
		if !fault.Is(err1, fault.NotFound) || !fault.Is(err2, fault.NotFound) {
			t.Errorf("%v, %v", err1, err2)
		}
	}
}

func TestGroupsSQL(t *testing.T) {
	t.Parallel()
	got, args := GroupList{Biz: "b", Kind: "ids", Search: "7", Until: epoch, Before: 9, Limit: 20_000}.sql()
	const want = `SELECT group_id, toString(biz) AS biz, name, toString(kind) AS kind, toString(subkind) AS subkind, toString(identity) AS identity,
  content, ext, realtime, version, toString(status) AS status, reason, counts.n AS count, unmatched, parent_id, expires_at, ready_at, created_at, updated_at, seq FROM (SELECT * FROM groups FINAL WHERE groups.biz = {biz:String} AND kind = {kind:String} AND (positionCaseInsensitiveUTF8(name, {search:String}) > 0 OR group_id = {id:UInt64}) AND status != 'archived' AND expires_at <= fromUnixTimestamp64Milli({until:Int64}) AND group_id < {before:UInt64} ORDER BY group_id DESC LIMIT {limit:UInt64}) AS g
LEFT JOIN (SELECT group_id AS id, argMax(count, version) AS n FROM group_versions FINAL WHERE biz = {biz:String} GROUP BY group_id) AS counts ON g.group_id = counts.id
ORDER BY group_id DESC`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if fmt.Sprint(args) != fmt.Sprint([]any{named("biz", "b"), named("limit", uint64(MaxPage)), named("kind", "ids"), named("search", "7"), named("id", uint64(7)), named("until", epoch.UnixMilli()), named("before", uint64(9))}) {
		t.Errorf("args %v", args)
	}
}
