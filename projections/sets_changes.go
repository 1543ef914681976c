package projections

import (
	"context"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// change is one event's effect on sets, cut by shard. Of a staged upload only the
// shards at work are in memory.
type change struct {
	biz  string
	seq  uint64
	rows uint64

	known map[uint64]*roaring64.Bitmap // ids named, by shard
	exact map[uint64]*roaring64.Bitmap // users whose list of tags is replaced
	add   map[tagShard]*roaring64.Bitmap
	// remove takes tags away; no user is in both add and remove of one tag.
	remove map[tagShard]*roaring64.Bitmap
	group  *groupChange
	upload *upload // staged rows; nil when everything is in memory
}

type tagShard struct{ tag, shard uint64 }

// groupChange is a new version of a group.
type groupChange struct {
	id             uint64
	op             events.MemberOp
	ids            map[uint64]*roaring64.Bitmap
	event          events.Event
	body           *events.GroupMembersChanged
	added, removed uint64
}

func (c *change) staged() bool { return c.upload != nil }

// changes lists what a batch does to sets, in order.
func (p *setsProjection) changes(ctx context.Context, b *batch) ([]*change, error) {
	completed := map[uint64]*upload{}
	for _, u := range b.uploads {
		completed[u.seq] = u
	}
	var out []*change
	for i, e := range b.events {
		switch e.Type {
		case events.TypeUploadCompleted:
			u := completed[e.Seq]
			if u == nil {
				continue
			}
			if u.bad != nil {
				return nil, u.bad
			}
			c := &change{biz: u.biz(), seq: u.seq, rows: u.rows}
			if u.part != "" {
				c.upload = u
			} else if err := c.fromMemory(u); err != nil {
				return nil, err
			}
			out = append(out, c)
		case events.TypeGroupMembersChanged:
			c, err := p.groupChange(ctx, b.events[:i], e)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// groupChange collects the ids of a change: from the batch when the whole upload is
// in it, else from the upload's own subject.
func (p *setsProjection) groupChange(ctx context.Context, before []events.Event, e events.Event) (*change, error) {
	body, err := payload[events.GroupMembersChanged](p.catalog, e)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(e.Subject.ID, 10, 64)
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "the group of a change of members")
	}
	subject := events.EventSubject(e.Subject.Biz, "upload", body.UploadID)
	ids, whole, chunks := newShards(), false, uint64(0)
	take := func(x events.Event) error {
		switch x.Type {
		case events.TypeUploadStarted:
			ids, whole, chunks = newShards(), true, 0
		case events.TypeUploadUnmatched:
			chunks++
		case events.TypeUploadIDs:
			chunks++
			chunk, err := decodePortable(x.Data)
			if err != nil {
				return err
			}
			ids.add(chunk)
		}
		return nil
	}
	for _, x := range before {
		if x.Subject == subject {
			if err := take(x); err != nil {
				return nil, err
			}
		}
	}
	if !whole {
		ids, chunks = newShards(), 0
		if _, err := p.store.Each(ctx, subject, 0, func(x events.Event) error {
			if x.Seq >= e.Seq {
				return nil
			}
			return take(x)
		}); err != nil {
			return nil, err
		}
	}
	if chunks < body.Chunks { // a replica that lags gave less than the command counted
		return nil, fault.New(fault.Unavailable, "%s was not readable to its end yet: %d of %d chunks", subject, chunks, body.Chunks)
	}
	return &change{biz: e.Subject.Biz, seq: e.Seq, rows: ids.count(), known: ids.by,
		group: &groupChange{id: id, op: body.Op, ids: ids.by, event: e, body: body}}, nil
}

func addTo[K comparable](m map[K]*roaring64.Bitmap, k K, user uint64) {
	bm := m[k]
	if bm == nil {
		bm = roaring64.New()
		m[k] = bm
	}
	bm.Add(user)
}

// fromMemory makes the change of a small upload.
func (c *change) fromMemory(u *upload) error {
	c.known, c.exact = map[uint64]*roaring64.Bitmap{}, map[uint64]*roaring64.Bitmap{}
	c.add, c.remove = map[tagShard]*roaring64.Bitmap{}, map[tagShard]*roaring64.Bitmap{}
	lists := map[uint64]*rows.RawUser{}
	for i := range u.users {
		r := &u.users[i]
		addTo(c.known, shardOf(r.UserID), r.UserID)
		if r.Has('t') {
			lists[r.UserID] = r // the last row wins
		}
	}
	for user, r := range lists {
		tags, err := r.TagList()
		if err != nil {
			return fault.Wrap(fault.Corrupt, err, "tags of a user")
		}
		addTo(c.exact, shardOf(user), user)
		for _, t := range tags {
			addTo(c.add, tagShard{uint64(t), shardOf(user)}, user)
		}
	}
	for _, r := range u.tags {
		addTo(c.known, shardOf(r.UserID), r.UserID)
		k := tagShard{uint64(r.TagID), shardOf(r.UserID)}
		to, from := c.add, c.remove
		if r.Remove {
			to, from = c.remove, c.add
		}
		addTo(to, k, r.UserID)
		if bm := from[k]; bm != nil {
			bm.Remove(r.UserID)
		}
	}
	for _, r := range u.orders {
		addTo(c.known, shardOf(r.UserID), r.UserID)
	}
	return nil
}
