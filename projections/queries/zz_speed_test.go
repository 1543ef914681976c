package queries

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestZZSpeed(t *testing.T) {
	w := newWorld(t)
	w.must(w.db.Exec(t.Context(), `INSERT INTO audiences (biz, campaign_id, range, seq, from_user, to_user, users, members)
SELECT 'b', 11, number+1, 5, number*10000, number*10000+9999, 10000, (SELECT groupBitmapState(number) FROM numbers(10000)) FROM numbers(10000)`))
	began := time.Now()
	for i := range 10 {
		w.must(w.db.Exec(t.Context(), fmt.Sprintf(`INSERT INTO deliveries (biz, campaign_id, range, seq, part, status, code, reason, at, from_user, to_user, users, members)
SELECT 'b', 11, r+1, 100+c*2, 0, multiIf(c=39 AND r %% 10 = 0, 'unknown', c %% 2 = 0, 'sent', 'failed'), if(c %% 2 = 0, '', '43101'), '', now(), min(u), max(u), count(), groupBitmapState(u)
FROM (SELECT toUInt64(%d*1000 + intDiv(number, 10000)) AS r, number %% 10000 AS n, toUInt64(intDiv(n, 250)) AS c, toUInt64(r*10000+n) AS u FROM numbers(10000000)) GROUP BY r, c`, i)))
	}
	t.Log("filled", time.Since(began))
	w.campaign("b", 11, 901, "sending", `{"tag":1}`, 100_000_000, 10_000)
	timed := func(what string, fn func() error) {
		for range 3 {
			began := time.Now()
			err := fn()
			t.Log(what, time.Since(began), err)
		}
	}
	timed("report", func() error { r, err := w.q.Report(t.Context(), "b", 11); t.Log(r.Books, r.ByCode); return err })
	for name, sql := range map[string]string{
		"definite final": "SELECT toString(status) AS s, toString(code) AS c, sum(users) AS n FROM deliveries FINAL WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown' GROUP BY s, c",
		"definite final lc": "SELECT status AS s, code AS c, sum(users) AS n FROM deliveries FINAL WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown' GROUP BY s, c",
		"definite distinct": "SELECT status, code, sum(users) AS n FROM (SELECT DISTINCT range, seq, part, status, code, users FROM deliveries WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown') GROUP BY status, code",
		"definite group": "SELECT status, code, sum(n) AS n FROM (SELECT any(status) AS status, any(code) AS code, any(users) AS n FROM deliveries WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown' GROUP BY range, seq, part) GROUP BY status, code",
		"definite plain": "SELECT status, code, sum(users) AS n FROM deliveries WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown' GROUP BY status, code",
		"all bitmaps": "SELECT status, code, groupBitmapMerge(members) AS n FROM deliveries WHERE biz = 'b' AND campaign_id = 11 GROUP BY status, code",
		"unknown bitmaps": "SELECT range, groupBitmapMergeState(members) AS definite FROM deliveries WHERE biz = 'b' AND campaign_id = 11 AND status != 'unknown' AND range IN (SELECT range FROM deliveries WHERE biz = 'b' AND campaign_id = 11 AND status = 'unknown') GROUP BY range FORMAT Null",
	} {
		timed(name, func() error { return w.db.Exec(t.Context(), sql) })
	}
	for id := uint64(1); id <= 300; id++ {
		if id == 1 { for g := uint64(1); g <= 300; g++ { if g % 60 == 0 { w.group("b", g, 1, "g", "ids", "ready", 1) } } }
	}
	for _, tb := range []string{"sets", "sets_by_shard"} {
		w.must(w.db.Exec(t.Context(), `INSERT INTO `+tb+` (biz, kind, set_id, shard, seq, members)
SELECT 'b', 'group', g, s, 5, groupBitmapState(u) FROM (SELECT toUInt64(number % 300 + 1) AS g, toUInt64(intDiv(number, 300)) AS s FROM numbers(300*50)) ARRAY JOIN arrayMap(x -> toUInt64(s*65536 + x*33), range(1900)) AS u GROUP BY g, s`))
	}
	lat := func(what string, fn func() error) {
		var worst time.Duration
		began := time.Now()
		for range 60 {
			b := time.Now()
			if err := fn(); err != nil { t.Fatal(err) }
			worst = max(worst, time.Since(b))
		}
		t.Log(what, "mean", time.Since(began)/60, "worst", worst)
	}
	lat("select 1", func() error { return w.db.Exec(t.Context(), "SELECT 1") })
	lat("is-member", func() error { _, err := w.q.IsMember(t.Context(), "b", 60, rand.Uint64N(50<<16)); return err })
	lat("groups-of", func() error { _, err := w.q.UserGroups(t.Context(), "b", rand.Uint64N(50<<16)); return err })
	for name, sql := range map[string]string{
		"m final": "SELECT bitmapContains(members, 77) FROM sets FINAL WHERE biz = 'b' AND kind = 'group' AND set_id = 60 AND shard = 7",
		"m final prewhere": "SELECT bitmapContains(members, 77) FROM sets FINAL PREWHERE biz = 'b' AND kind = 'group' AND set_id = 60 AND shard = 7",
		"m plain": "SELECT bitmapContains(members, 77) FROM sets WHERE biz = 'b' AND kind = 'group' AND set_id = 60 AND shard = 7 ORDER BY seq DESC LIMIT 1",
		"g final": "SELECT set_id FROM sets_by_shard FINAL WHERE biz = 'b' AND shard = 7 AND kind = 'group' AND bitmapContains(members, 77)",
		"g final prewhere": "SELECT set_id FROM sets_by_shard FINAL PREWHERE biz = 'b' AND shard = 7 AND kind = 'group' WHERE bitmapContains(members, 77)",
		"select 1": "SELECT 1",
	} {
		lat(name, func() error { return w.db.Exec(t.Context(), sql) })
	}
	lat("group", func() error { _, err := w.q.Group(t.Context(), "b", 60); return err })
}
