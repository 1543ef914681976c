package projections

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
)

// copySuffix marks the table beside a live one that a big application fills and
// then attaches to it, all rows visible at once.
func (e *env) copyOf(live string) string { return live + "__copy_" + e.run }

// mergeLate keeps the engine from merging a copy's parts over and over while it is
// filled: it can do so in the live table, when nobody waits. Only very many are merged.
const mergeLate = " MODIFY SETTING min_parts_to_merge_at_once = 32"

// viaCopies lets fill write into empty copies of live tables (copyOf) and then makes what
// it wrote visible, table by table. Repeating it after a crash attaches the same
// rows again, which a ReplacingMergeTree forgives.
func (e *env) viaCopies(ctx context.Context, live []string, fill func() error) error {
	for _, table := range live {
		if err := e.db.CreateLike(ctx, e.layout, e.copyOf(table), table); err != nil {
			return err
		}
		if err := e.db.Exec(ctx, "ALTER TABLE "+clickhouse.Quote(e.copyOf(table))+e.layout.OnCluster()+mergeLate); err != nil {
			return err
		}
	}
	if err := fill(); err != nil {
		return err
	}
	for _, table := range live {
		if err := e.db.AttachFrom(ctx, table, e.copyOf(table)); err != nil {
			return err
		}
	}
	for _, table := range live {
		if err := e.db.DropTable(ctx, e.layout, e.copyOf(table)); err != nil {
			return err
		}
	}
	return nil
}

// setRow is one set's members within one shard.
type setRow struct {
	kind    string
	set     uint64
	shard   uint64
	seq     uint64
	members *roaring64.Bitmap
}

// setWriter writes rows of one application to the table sets and then, in the other
// order of reading, to sets_by_shard. Few rows are one block per table; many go
// through copies. Either way a reader sees all of them or none.
//
// The state is read from sets_by_shard, so that one is written last: after a crash
// between the two, the next run finds the old state and does both again.
type setWriter struct {
	*env
	biz    string
	rows   []encodedSet
	bytes  int
	copied bool
}

type encodedSet struct {
	kind            string
	set, shard, seq uint64
	state           string
}

func (w *setWriter) live() []string {
	return []string{w.tables.of("sets"), w.tables.of("sets_by_shard")}
}

func (w *setWriter) add(ctx context.Context, r *setRow) error {
	state, err := encodeState(r.members)
	if err != nil {
		return err
	}
	w.rows = append(w.rows, encodedSet{r.kind, r.set, r.shard, r.seq, state})
	w.bytes += len(state) + 48
	if w.bytes < w.limits.blockBytes {
		return nil
	}
	return w.spill(ctx)
}

// spill moves what is collected into the copies.
func (w *setWriter) spill(ctx context.Context) error {
	for _, live := range w.live() {
		if !w.copied {
			if err := w.db.CreateLike(ctx, w.layout, w.copyOf(live), live); err != nil {
				return err
			}
		}
		if err := w.insert(ctx, w.copyOf(live)); err != nil {
			return err
		}
	}
	w.copied, w.rows, w.bytes = true, w.rows[:0], 0
	return nil
}

func (w *setWriter) insert(ctx context.Context, table string) error {
	cols := columns{"biz", "LowCardinality(String)", "kind", "LowCardinality(String)", "set_id", "UInt64", "shard", "UInt64", "seq", "UInt64", "bytes", "String"}
	if len(w.rows) == 0 {
		return nil
	}
	return insert(ctx, w.db, table, cols, func(b clickhouse.Batch) error {
		for _, r := range w.rows {
			if err := b.Append(w.biz, r.kind, r.set, r.shard, r.seq, r.state); err != nil {
				return err
			}
		}
		return nil
	})
}

// commit makes everything visible.
func (w *setWriter) commit(ctx context.Context) error {
	if !w.copied {
		for _, live := range w.live() {
			if err := w.insert(ctx, live); err != nil {
				return err
			}
		}
		return nil
	}
	if err := w.spill(ctx); err != nil {
		return err
	}
	for _, live := range w.live() {
		if err := w.db.AttachFrom(ctx, live, w.copyOf(live)); err != nil {
			return err
		}
	}
	for _, live := range w.live() {
		if err := w.db.DropTable(ctx, w.layout, w.copyOf(live)); err != nil {
			return err
		}
	}
	return nil
}
