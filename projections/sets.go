package projections

import (
	"context"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
)

// Kinds of sets.
const (
	KindGroup = "group"
	KindTag   = "tag"
	KindKnown = "known" // set id 0: every user id ever named
)

// setsProjection keeps one bitmap per set and shard: groups, tags, and the known
// users. A row's sequence says that it reflects every change up to there.
type setsProjection struct{ *env }

func (p *setsProjection) name() string { return Sets }
func (p *setsProjection) tables() []string {
	return []string{"sets", "sets_by_shard", "group_versions"}
}

func (p *setsProjection) apply(ctx context.Context, b *batch) error {
	changes, err := p.changes(ctx, b)
	if err != nil {
		return err
	}
	for _, fold := range p.folds(changes) {
		if err := p.fold(ctx, fold); err != nil {
			return err
		}
	}
	return nil
}

// folds cuts changes into runs that are written together: many small ones of one
// product line, or one big one.
func (p *setsProjection) folds(changes []*change) [][]*change {
	var out [][]*change
	open := map[string]int{}
	rows := map[string]uint64{}
	for _, c := range changes {
		i, ok := open[c.biz]
		switch {
		case c.staged():
			delete(open, c.biz)
			out = append(out, []*change{c})
		case ok && rows[c.biz]+c.rows <= uint64(p.limits.sliceRows):
			out[i] = append(out[i], c)
			rows[c.biz] += c.rows
		default:
			open[c.biz], rows[c.biz] = len(out), c.rows
			out = append(out, []*change{c})
		}
	}
	return out
}

// sliceShards is how many shards are worked on at a time.
const sliceShards = 512

// fold applies changes in order: per slice of shards read what is stored, change it,
// collect what is new; then the versions, then everything visible at once.
func (p *setsProjection) fold(ctx context.Context, fold []*change) error {
	shards, err := p.shards(ctx, fold)
	if err != nil {
		return err
	}
	if len(shards) == 0 && !hasGroup(fold) {
		return p.whole(ctx, fold[0].upload)
	}
	w := &setWriter{env: p.env, biz: fold[0].biz}
	for part, s := range parts(fold, shards) {
		for _, c := range fold {
			if err := p.loadStaged(ctx, c, part, s.unique); err != nil {
				return err
			}
		}
		st, err := p.load(ctx, fold, part)
		if err != nil {
			return err
		}
		for _, c := range fold {
			st.apply(c, part)
		}
		for _, r := range st.changed() {
			if err := w.add(ctx, r); err != nil {
				return err
			}
		}
	}
	if err := p.whole(ctx, fold[0].upload); err != nil {
		return err
	}
	if err := p.versions(ctx, fold); err != nil {
		return err
	}
	return w.commit(ctx)
}

// parts cuts shards into what is worked on at a time: of an upload staged by shard,
// no more than one of its slices.
func parts(fold []*change, shards []uint64) iter.Seq2[[]uint64, slice] {
	all := []slice{{hi: ^uint64(0)}}
	if u := fold[0].upload; u != nil && u.target != events.TargetOrders {
		all = u.slices
	}
	return func(yield func([]uint64, slice) bool) {
		for _, s := range all {
			for part := range chunked(s.within(shards), sliceShards) {
				if !yield(part, s) {
					return
				}
			}
		}
	}
}

func hasGroup(fold []*change) bool {
	return slices.ContainsFunc(fold, func(c *change) bool { return c.group != nil })
}

// setState is what is stored of some shards, and what becomes of it.
type setState struct {
	in   map[uint64]bool // the shards read; of others nothing is known here
	rows map[setID]*setRow
	tags map[uint64][]*setRow // of a shard
	old  map[*setRow]bool     // changed
}

type setID struct {
	kind       string
	set, shard uint64
}

func (s *setState) row(kind string, set, shard uint64) *setRow {
	id := setID{kind, set, shard}
	r := s.rows[id]
	if r == nil {
		r = &setRow{kind: kind, set: set, shard: shard, members: roaring64.New()}
		s.keep(id, r)
	}
	return r
}

func (s *setState) keep(id setID, r *setRow) {
	s.rows[id] = r
	if id.kind == KindTag {
		s.tags[id.shard] = append(s.tags[id.shard], r)
	}
}

// update changes a row unless it reflects the change already; it says by how many
// users the set grew and shrank.
func (s *setState) update(r *setRow, seq uint64, drop, add *roaring64.Bitmap) (added, removed uint64) {
	if r.seq >= seq {
		return 0, 0
	}
	before := r.members
	after := before
	if drop != nil && !drop.IsEmpty() {
		after = roaring64.AndNot(after, drop)
	}
	if add != nil && !add.IsEmpty() {
		after = roaring64.Or(after, add)
	}
	kept := roaring64.And(before, after).GetCardinality()
	added, removed = after.GetCardinality()-kept, before.GetCardinality()-kept
	if added+removed > 0 {
		r.members, r.seq = after, seq
		s.old[r] = true
	}
	return added, removed
}

// apply applies one change to the shards given.
func (s *setState) apply(c *change, shards []uint64) {
	for _, shard := range shards {
		if ids := c.known[shard]; ids != nil {
			s.update(s.row(KindKnown, 0, shard), c.seq, nil, ids)
		}
		if c.group != nil {
			s.applyGroup(c, shard)
		}
		if exact := c.exact[shard]; exact != nil {
			for _, r := range s.tags[shard] {
				s.update(r, c.seq, roaring64.AndNot(exact, orEmpty(c.add[tagShard{r.set, shard}])), c.add[tagShard{r.set, shard}])
			}
		}
	}
	for k, ids := range c.add {
		if !s.in[k.shard] {
			continue
		}
		s.update(s.row(KindTag, k.tag, k.shard), c.seq, c.remove[k], ids)
	}
	for k, ids := range c.remove {
		if !s.in[k.shard] {
			continue
		}
		s.update(s.row(KindTag, k.tag, k.shard), c.seq, ids, nil)
	}
}

func orEmpty(b *roaring64.Bitmap) *roaring64.Bitmap {
	if b == nil {
		return roaring64.New()
	}
	return b
}

func (s *setState) applyGroup(c *change, shard uint64) {
	ids := c.group.ids[shard]
	r := s.row(KindGroup, c.group.id, shard)
	var added, removed uint64
	switch c.group.op {
	case "remove":
		added, removed = s.update(r, c.seq, ids, nil)
	case "replace":
		added, removed = s.update(r, c.seq, roaring64.AndNot(r.members, orEmpty(ids)), ids)
	default:
		added, removed = s.update(r, c.seq, nil, ids)
	}
	c.group.added += added
	c.group.removed += removed
}

// changed lists the rows to write.
func (s *setState) changed() []*setRow {
	out := make([]*setRow, 0, len(s.old))
	for r := range s.old {
		out = append(out, r)
	}
	return out
}
