package projections

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

// shards lists the shards that changes touch, ascending.
func (p *setsProjection) shards(ctx context.Context, fold []*change) ([]uint64, error) {
	all := roaring64.New()
	for _, c := range fold {
		for s := range c.known {
			all.Add(s)
		}
		var sql string
		var args []any
		switch {
		case c.staged():
			sql = "SELECT DISTINCT " + stagedShard(c.upload.target) + " FROM " + stagedTable(c.upload.target) + " WHERE run = {run:String} AND part = {part:String}"
			args = []any{named("run", p.run), named("part", c.upload.part)}
		case c.group != nil && c.group.op == events.OpReplace:
			sql = "SELECT DISTINCT shard FROM " + p.env.tables.of("sets") + " WHERE biz = {biz:String} AND kind = 'group' AND set_id = {set:UInt64}"
			args = []any{named("biz", c.biz), named("set", c.group.id)}
		default:
			continue
		}
		if err := eachRow(ctx, p.db, sql, args, func(r *clickhouse.Rows) error {
			var s uint64
			err := r.Scan(&s)
			all.Add(s)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return all.ToArray(), nil
}

func eachRow(ctx context.Context, db DB, sql string, args []any, fn func(*clickhouse.Rows) error) error {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func stagedTable(t events.UploadTarget) string { return "staged_" + string(t) }

func stagedShard(t events.UploadTarget) string {
	if t == events.TargetOrders {
		return "bitShiftRight(user_id, 16)"
	}
	return "shard"
}

// load reads the stored rows that the changes may touch within some shards.
func (p *setsProjection) load(ctx context.Context, fold []*change, shards []uint64) (*setState, error) {
	st := &setState{rows: map[setID]*setRow{}, tags: map[uint64][]*setRow{}, old: map[*setRow]bool{}, in: map[uint64]bool{}}
	for _, s := range shards {
		st.in[s] = true
	}
	groups, tags, allTags := []uint64{}, map[uint64]bool{}, false
	for _, c := range fold {
		if c.group != nil {
			groups = append(groups, c.group.id)
		}
		allTags = allTags || len(c.exact) > 0
		for k := range c.add {
			tags[k.tag] = true
		}
		for k := range c.remove {
			tags[k.tag] = true
		}
	}
	allTags = allTags || len(tags) > maxInList
	tagIDs := []uint64{}
	which := "kind = 'known'"
	if len(groups) > 0 {
		which += " OR (kind = 'group' AND set_id IN {groups:Array(UInt64)})"
	}
	switch {
	case allTags:
		which += " OR kind = 'tag'"
	case len(tags) > 0:
		for t := range tags {
			tagIDs = append(tagIDs, t)
		}
		which += " OR (kind = 'tag' AND set_id IN {tags:Array(UInt64)})"
	}
	sql := "SELECT toString(kind), set_id, shard, seq, CAST(members AS String) FROM " + p.env.tables.of("sets_by_shard") +
		" FINAL WHERE biz = {biz:String} AND shard IN {shards:Array(UInt64)} AND (" + which + ")"
	for part := range chunked(groupsOrOne(groups), maxInList) {
		args := []any{named("biz", fold[0].biz), named("shards", shards), named("groups", part), named("tags", tagIDs)}
		if err := eachRow(ctx, p.db, sql, args, st.scan); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// groupsOrOne gives at least one list to ask with.
func groupsOrOne(ids []uint64) []uint64 {
	if len(ids) == 0 {
		return []uint64{0}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (s *setState) scan(rows *clickhouse.Rows) error {
	var r setRow
	var state string
	if err := rows.Scan(&r.kind, &r.set, &r.shard, &r.seq, &state); err != nil {
		return err
	}
	id := setID{r.kind, r.set, r.shard}
	if s.rows[id] != nil {
		return nil
	}
	var err error
	r.members, err = bitmapstate.Decode([]byte(state))
	s.keep(id, &r)
	return err
}

// loadStaged makes the part of a staged upload's change that lies in some shards.
// The engine builds the bitmaps. unique: no user is staged twice there.
func (p *setsProjection) loadStaged(ctx context.Context, c *change, shards []uint64, unique bool) error {
	if !c.staged() {
		return nil
	}
	c.known, c.exact = map[uint64]*roaring64.Bitmap{}, map[uint64]*roaring64.Bitmap{}
	c.add, c.remove = map[tagShard]*roaring64.Bitmap{}, map[tagShard]*roaring64.Bitmap{}
	target := c.upload.target
	shard := stagedShard(target)
	from := " FROM " + stagedTable(target) + " WHERE run = {run:String} AND part = {part:String} AND " + shard + " BETWEEN {lo:UInt64} AND {hi:UInt64}"
	args := []any{named("run", p.run), named("part", c.upload.part), named("lo", shards[0]), named("hi", shards[len(shards)-1])}
	read := func(sql string, put func(tag, shard uint64, bm *roaring64.Bitmap)) error {
		return eachRow(ctx, p.db, sql, args, func(rows *clickhouse.Rows) error {
			var tag, sh uint64
			var state string
			if err := rows.Scan(&tag, &sh, &state); err != nil {
				return err
			}
			bm, err := bitmapstate.Decode([]byte(state))
			if err == nil {
				put(tag, sh, bm)
			}
			return err
		})
	}
	sets := func(m map[uint64]*roaring64.Bitmap) func(uint64, uint64, *roaring64.Bitmap) {
		return func(_, sh uint64, bm *roaring64.Bitmap) { m[sh] = bm }
	}
	if err := read("SELECT toUInt64(0), "+shard+" AS sh, CAST(groupBitmapState(user_id) AS String)"+from+" GROUP BY sh", sets(c.known)); err != nil {
		return err
	}
	switch target {
	case events.TargetUsers:
		if err := read("SELECT toUInt64(0), shard, CAST(groupBitmapState(user_id) AS String)"+from+" AND bitTest(fields, 2) GROUP BY shard", sets(c.exact)); err != nil {
			return err
		}
		lists := "SELECT user_id AS id, shard AS sh, tags AS list" + from + " AND bitTest(fields, 2)"
		if !unique {
			lists = "SELECT user_id AS id, shard AS sh, argMax(tags, pos) AS list" + from + " AND bitTest(fields, 2) GROUP BY shard, user_id"
		}
		return read("SELECT toUInt64(tag), sh, CAST(groupBitmapState(id) AS String) FROM ("+lists+") ARRAY JOIN list AS tag GROUP BY sh, tag",
			func(tag, sh uint64, bm *roaring64.Bitmap) { c.add[tagShard{tag, sh}] = bm })
	case events.TargetTags:
		for _, op := range []struct {
			remove string
			to     map[tagShard]*roaring64.Bitmap
		}{{"0", c.add}, {"1", c.remove}} {
			if err := read(`SELECT toUInt64(tag), sh, CAST(groupBitmapState(id) AS String) FROM (
  SELECT user_id AS id, tag_id AS tag, shard AS sh, argMax(remove, pos) AS gone`+from+` GROUP BY shard, user_id, tag_id HAVING gone = `+op.remove+`
) GROUP BY sh, tag`, func(tag, sh uint64, bm *roaring64.Bitmap) { op.to[tagShard{tag, sh}] = bm }); err != nil {
				return err
			}
		}
	case events.TargetOrders, events.TargetGroup:
	default:
		return fault.New(fault.Unsupported, "an upload for %q", target)
	}
	return nil
}
