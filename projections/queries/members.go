package queries

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
)

// fill puts a constant piece of SQL into another.
func fill(sql, part string) string { return strings.Replace(sql, "%s", part, 1) }

// streamShards is how many shards one statement of a stream reads.
const streamShards = 64

// MemberPage lists members of a group with ids from the given one on, ascending. The
// next page begins at the last id + 1.
func (q *Queries) MemberPage(ctx context.Context, biz string, group, from uint64, limit int) ([]uint64, error) {
	out := []uint64{}
	left := page(limit)
	err := q.eachShard(ctx, biz, group, from>>shardBits, func(_ uint64, bm *roaring64.Bitmap) error {
		it := bm.Iterator()
		it.AdvanceIfNeeded(from)
		for it.HasNext() && left > 0 {
			out = append(out, it.Next())
			left--
		}
		if left == 0 {
			return errEnough
		}
		return nil
	})
	if err == errEnough { //nolint:errorlint // a sign, never wrapped
		err = nil
	}
	return out, err
}

type sign string

func (s sign) Error() string { return string(s) }

const errEnough = sign("enough")

// Members calls fn with every member of a group, ascending, one shard at a time. fn
// keeps no bitmap. A change of the group meanwhile may be seen in the shards not read yet.
func (q *Queries) Members(ctx context.Context, biz string, group uint64, fn func(members *roaring64.Bitmap) error) error {
	return q.eachShard(ctx, biz, group, 0, func(_ uint64, bm *roaring64.Bitmap) error {
		if bm.IsEmpty() {
			return nil
		}
		return fn(bm)
	})
}

func (q *Queries) eachShard(ctx context.Context, biz string, group, first uint64, fn func(shard uint64, bm *roaring64.Bitmap) error) error {
	for {
		n, last := 0, uint64(0)
		err := q.eachBitmap(ctx, `SELECT shard, CAST(members AS String) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'group' AND set_id = {group:UInt64} AND shard >= {first:UInt64} ORDER BY shard LIMIT {limit:UInt64}`,
			[]any{named("biz", biz), named("group", group), named("first", first), named("limit", uint64(streamShards))},
			func(shard uint64, bm *roaring64.Bitmap) error {
				n, last = n+1, shard
				return fn(shard, bm)
			})
		if err != nil || n < streamShards {
			return err
		}
		first = last + 1
	}
}

// CheckMembers says which of some users, at most MaxPage, are in a group.
func (q *Queries) CheckMembers(ctx context.Context, biz string, group uint64, users []uint64) (map[uint64]bool, error) {
	out := make(map[uint64]bool, len(users))
	by := map[uint64][]uint64{}
	for _, u := range users {
		out[u] = false
		by[u>>shardBits] = append(by[u>>shardBits], u)
	}
	shards := make([]uint64, 0, len(by))
	for s := range by {
		shards = append(shards, s)
	}
	return out, chunked(shards, maxInList, func(part []uint64) error {
		return q.eachBitmap(ctx, `SELECT shard, CAST(members AS String) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'group' AND set_id = {group:UInt64} AND shard IN {shards:Array(UInt64)}`,
			[]any{named("biz", biz), named("group", group), named("shards", part)}, func(shard uint64, bm *roaring64.Bitmap) error {
				for _, u := range by[shard] {
					out[u] = bm.Contains(u)
				}
				return nil
			})
	})
}

// IsMember says whether one user is in a group.
func (q *Queries) IsMember(ctx context.Context, biz string, group, user uint64) (bool, error) {
	in := false
	err := q.each(ctx, `SELECT bitmapContains(members, {user:UInt64}) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'group' AND set_id = {group:UInt64} AND shard = {shard:UInt64}`,
		[]any{named("biz", biz), named("group", group), named("user", user), named("shard", user>>shardBits)}, func(r *clickhouse.Rows) error {
			var hit uint8
			err := r.Scan(&hit)
			in = hit == 1
			return err
		})
	return in, err
}

// UserGroup is a group that a user is in.
type UserGroup struct {
	ID      uint64 `ch:"group_id"`
	Name    string `ch:"name"`
	Status  string `ch:"status"`
	Version uint64 `ch:"version"`
}

// UserGroups lists the groups a user is in, by id, archived ones left out. It reads
// one shard of all sets.
func (q *Queries) UserGroups(ctx context.Context, biz string, user uint64) ([]UserGroup, error) {
	return selectAll[UserGroup](ctx, q, `SELECT group_id, name, toString(status) AS status, version FROM groups FINAL
WHERE biz = {biz:String} AND status != 'archived' AND group_id IN (
  SELECT set_id FROM sets_by_shard FINAL WHERE biz = {biz:String} AND shard = {shard:UInt64} AND kind = 'group' AND bitmapContains(members, {user:UInt64})
) ORDER BY group_id`, named("biz", biz), named("user", user), named("shard", user>>shardBits))
}

// FrozenUsers calls fn with the evaluated members of a launched campaign, shard by
// shard, ascending, from the shard first on. fn keeps no bitmap.
func (q *Queries) FrozenUsers(ctx context.Context, biz string, campaign, first uint64, fn func(shard uint64, members *roaring64.Bitmap) error) error {
	for {
		n, last := 0, uint64(0)
		err := q.eachBitmap(ctx, `SELECT shard, CAST(members AS String) FROM freezes FINAL
WHERE biz = {biz:String} AND campaign_id = {campaign:UInt64} AND shard >= {first:UInt64}
  AND seq = (SELECT max(seq) FROM freeze_marks WHERE biz = {biz:String} AND campaign_id = {campaign:UInt64})
ORDER BY shard LIMIT {limit:UInt64}`,
			[]any{named("biz", biz), named("campaign", campaign), named("first", first), named("limit", uint64(streamShards))},
			func(shard uint64, bm *roaring64.Bitmap) error {
				n, last = n+1, shard
				return fn(shard, bm)
			})
		if err != nil || n < streamShards {
			return err
		}
		first = last + 1
	}
}
