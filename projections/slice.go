package projections

import (
	"context"

	"muster/events"
	"muster/internal/clickhouse"
)

// slice is a range (inclusive) of shards or, for orders, buckets: what one statement
// takes of an upload, so that memory does not grow with the upload.
type slice struct {
	lo, hi uint64
	unique bool // no key is staged twice in it, so that nothing has to be grouped
}

// slicesOf cuts what is staged into slices of about limits.sliceRows rows each. A
// single shard or bucket is never cut.
func (p *env) slicesOf(ctx context.Context, target events.UploadTarget, part string) ([]slice, error) {
	var out []slice
	var n uint64
	by := "shard"
	if target == events.TargetOrders {
		by = "bucket"
	}
	staged := " FROM " + stagedTable(target) + " WHERE run = {run:String} AND part = {part:String}"
	args := []any{named("run", p.run), named("part", part)}
	if err := eachRow(ctx, p.db, "SELECT toUInt64("+by+") AS k, count()"+staged+" GROUP BY k ORDER BY k", args, func(r *clickhouse.Rows) error {
		var k, count uint64
		if err := r.Scan(&k, &count); err != nil {
			return err
		}
		if len(out) == 0 || n+count > uint64(p.limits.sliceRows) {
			out, n = append(out, slice{lo: k}), 0
		}
		out[len(out)-1].hi = k
		n += count
		return nil
	}); err != nil {
		return nil, err
	}
	var key string
	switch target {
	case events.TargetUsers:
		key = "user_id"
	case events.TargetOrders:
		key = "order_id"
	default: // rows of tags are grouped anyway
		return out, nil
	}
	for i := range out {
		s := &out[i]
		if err := eachRow(ctx, p.db, "SELECT count() = uniqExact("+key+")"+staged+" AND "+by+" BETWEEN {lo:UInt64} AND {hi:UInt64}",
			append(args[:2:2], named("lo", s.lo), named("hi", s.hi)), func(r *clickhouse.Rows) error { return r.Scan(&s.unique) }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// within is the part of ascending shards that lies in the slice.
func (s slice) within(shards []uint64) []uint64 {
	lo, hi := 0, len(shards)
	for lo < hi && shards[lo] < s.lo {
		lo++
	}
	for hi > lo && shards[hi-1] > s.hi {
		hi--
	}
	return shards[lo:hi]
}
