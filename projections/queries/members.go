package queries

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
)

// streamShards is how many shards one statement of a stream reads: at most half a megabyte.
const streamShards = 64

// shard is one bitmap of a set.
type shard struct {
	number  uint64
	members *roaring64.Bitmap
}

// shards calls fn with the bitmaps that a statement gives, ascending from the shard
// {first} on and at most {limit} at a time, until fn says that it has enough. No
// statement is open while fn works: it may take as long as it likes.
func (q *Queries) shards(ctx context.Context, sql string, args []any, first uint64, fn func(shard) (enough bool, err error)) error {
	for {
		var read []shard
		all := append(slices.Clone(args), named("first", first), named("limit", uint64(streamShards)))
		if err := q.eachBitmap(ctx, sql, all, func(n uint64, members *roaring64.Bitmap) error {
			read = append(read, shard{n, members})
			return nil
		}); err != nil {
			return err
		}
		for _, s := range read {
			if enough, err := fn(s); enough || err != nil {
				return err
			}
		}
		if len(read) < streamShards {
			return nil
		}
		first = read[len(read)-1].number + 1 // far below 2^64: shards have 48 bits
	}
}

// groupShards are the shards of a group that have members.
const groupShards = `SELECT shard, CAST(members AS String) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'group' AND set_id = {group:UInt64} AND shard >= {first:UInt64} AND bitmapCardinality(members) > 0
ORDER BY shard LIMIT {limit:UInt64}`

// hasGroup is fault.NotFound for a group that is not there.
func (q *Queries) hasGroup(ctx context.Context, biz string, group uint64) error {
	return q.exists(ctx, noGroup(group), "SELECT 1 FROM groups WHERE biz = {biz:String} AND group_id = {group:UInt64} LIMIT 1",
		named("biz", biz), named("group", group))
}

// MemberPage lists members of a group with ids from the given one on, ascending. The
// next page begins at the last id + 1. fault.NotFound for a group that is not there.
func (q *Queries) MemberPage(ctx context.Context, biz string, group, from uint64, limit int) ([]uint64, error) {
	if err := q.hasGroup(ctx, biz, group); err != nil {
		return nil, err
	}
	out := []uint64{}
	most := int(page(limit))
	err := q.shards(ctx, groupShards, []any{named("biz", biz), named("group", group)}, from>>shardBits, func(s shard) (bool, error) {
		it := s.members.Iterator()
		it.AdvanceIfNeeded(from)
		for it.HasNext() && len(out) < most {
			out = append(out, it.Next())
		}
		return len(out) == most, nil
	})
	return out, err
}

// Members calls fn with every member of a group, ascending, one shard at a time. fn
// keeps no bitmap. A change of the group meanwhile may be seen in the shards not read
// yet. fault.NotFound, before fn is called, for a group that is not there.
func (q *Queries) Members(ctx context.Context, biz string, group uint64, fn func(members *roaring64.Bitmap) error) error {
	if err := q.hasGroup(ctx, biz, group); err != nil {
		return err
	}
	return q.shards(ctx, groupShards, []any{named("biz", biz), named("group", group)}, 0, func(s shard) (bool, error) {
		return false, fn(s.members)
	})
}

// FrozenUsers calls fn with the evaluated members of a launched campaign, shard by
// shard, ascending, from the shard first on. fn keeps no bitmap.
func (q *Queries) FrozenUsers(ctx context.Context, biz string, campaign, first uint64, fn func(shard uint64, members *roaring64.Bitmap) error) error {
	return q.shards(ctx, `SELECT shard, CAST(members AS String) FROM freezes FINAL
WHERE biz = {biz:String} AND campaign_id = {campaign:UInt64} AND shard >= {first:UInt64}
  AND seq = (SELECT max(seq) FROM freeze_marks WHERE biz = {biz:String} AND campaign_id = {campaign:UInt64})
ORDER BY shard LIMIT {limit:UInt64}`, []any{named("biz", biz), named("campaign", campaign)}, first, func(s shard) (bool, error) {
		return false, fn(s.number, s.members)
	})
}

// CheckMembers says which of some users, at most MaxPage, are in a group;
// fault.NotFound for a group that is not there. The engine compares bitmaps: only
// those who are members come back.
func (q *Queries) CheckMembers(ctx context.Context, biz string, group uint64, users []uint64) (map[uint64]bool, error) {
	if len(users) > MaxPage {
		return nil, tooMany(len(users))
	}
	if err := q.hasGroup(ctx, biz, group); err != nil {
		return nil, err
	}
	out := make(map[uint64]bool, len(users))
	for _, u := range users {
		out[u] = false
	}
	users = slices.Compact(slices.Sorted(slices.Values(users)))
	return out, chunked(users, maxInList, func(part []uint64) error {
		return q.each(ctx, `SELECT arrayJoin(bitmapToArray(bitmapAnd(members, bitmapBuild({users:Array(UInt64)})))) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'group' AND set_id = {group:UInt64} AND shard IN {shards:Array(UInt64)}`,
			[]any{named("biz", biz), named("group", group), named("users", part), named("shards", shardsOf(part))}, func(r *clickhouse.Rows) error {
				var id uint64
				err := r.Scan(&id)
				out[id] = true
				return err
			})
	})
}

// shardsOf lists the shards of ascending users.
func shardsOf(users []uint64) []uint64 {
	var out []uint64
	for _, u := range users {
		if s := u >> shardBits; len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}

// IsMember says whether one user is in a group; fault.NotFound for a group that is not
// there. It reads one row; a second statement only tells a stranger from no group.
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
	if err != nil || in {
		return in, err
	}
	return false, q.hasGroup(ctx, biz, group)
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
