package projections

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/internal/clickhouse"
)

// application is what one statement (or one run of slices) applies: one big upload
// from staging, or several small ones folded, of one product line and one target.
type application struct {
	biz    string
	target events.UploadTarget
	seq    uint64    // of a big one; a fold's rows carry their own
	part   string    // in the staging table
	fold   []*upload // the small ones, in order; nil for a big one
	big    *upload   // the big one
	rows   uint64
	slices []slice
}

// applications groups a batch's uploads of some targets. Order is kept where it
// matters: within one product line.
func (p *env) applications(b *batch, after string, targets ...events.UploadTarget) ([]*application, error) {
	var out []*application
	open := map[string]*application{} // the fold that may still grow, by biz
	for _, u := range b.uploads {
		if u.bad == nil && !slices.Contains(targets, u.target) {
			continue
		}
		if u.bad != nil {
			return nil, u.bad
		}
		if u.part != "" {
			delete(open, u.biz())
			out = append(out, &application{biz: u.biz(), target: u.target, seq: u.seq, part: u.part, big: u, rows: u.rows, slices: u.slices})
			continue
		}
		a := open[u.biz()]
		if a == nil || a.target != u.target || a.rows+u.rows > uint64(p.limits.smallUpload) {
			a = &application{biz: u.biz(), target: u.target, part: fmt.Sprintf("%s%d", after, u.seq)}
			open[u.biz()] = a
			out = append(out, a)
		}
		a.fold, a.rows = append(a.fold, u), a.rows+u.rows
	}
	return out, nil
}

// stageFold writes a fold's rows into the staging table, each with the sequence of
// its upload. A longer fold that began with the same upload and could not be applied
// may have left its rows there: the one that is to blame among them.
func (p *env) stageFold(ctx context.Context, a *application) error {
	blk := &rowBlock{run: p.run, part: a.part}
	kind := events.TypeUploadUsers
	for _, u := range a.fold {
		for _, r := range u.users {
			blk.addUser(r, u.seq)
		}
		for _, r := range u.tags {
			kind = events.TypeUploadTags
			blk.addTag(r, u.seq)
		}
		for _, r := range u.orders {
			kind = events.TypeUploadOrders
			blk.addOrder(r, u.seq)
		}
	}
	if err := p.dropPart(ctx, stagedTable(a.target), a.part); err != nil {
		return err
	}
	if err := blk.insert(ctx, p.db, kind); err != nil {
		return err
	}
	a.slices = []slice{{lo: 0, hi: ^uint64(0) >> shardBits}}
	return nil
}

// filling is a table and what writes into it, or into a copy of it, what one slice of
// the staged rows makes of it.
type filling struct {
	table string
	fill  func(into string, s slice) error
}

// runApplication applies to several tables, which become visible in their order: the
// rows that tell what is new, also to a second attempt, are in the last. Statements of
// a fold write few rows, one block each, straight into the live tables; those of a big
// upload go through copies, all filled at once.
func (p *env) runApplication(ctx context.Context, a *application, all ...filling) error {
	if a.fold != nil {
		for _, f := range all {
			if err := f.fill(p.tables.of(f.table), a.slices[0]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(a.slices) == 0 {
		return p.whole(ctx, a.big)
	}
	live := make([]string, len(all))
	for i, f := range all {
		live[i] = p.tables.of(f.table)
	}
	return p.viaCopies(ctx, live, func() error {
		var filled errgroup.Group
		for i, f := range all {
			filled.Go(func() error {
				for _, s := range a.slices {
					if err := f.fill(p.copyOf(live[i]), s); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := filled.Wait(); err != nil {
			return err
		}
		return p.whole(ctx, a.big)
	})
}

// oneBlock keeps an INSERT ... SELECT of few rows to one block, so that all of it
// becomes visible at once.
const oneBlock = " SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 1000000000"

// manyBlocks writes a copy, which nobody reads yet, with several threads. No key comes
// twice out of a merge, so that the engine need not look for such; and compiling an
// expression takes longer than a slice takes without.
const manyBlocks = " SETTINGS max_insert_threads = 4, optimize_on_insert = 0, compile_expressions = 0"

// inOrder reads, groups and joins in the order of the tables' keys, which takes
// memory for a few rows only, however many there are.
const inOrder = ", optimize_aggregation_in_order = 1, join_algorithm = 'full_sorting_merge'"

func (a *application) settings() string {
	if a.fold != nil {
		return oneBlock
	}
	return manyBlocks
}

func (a *application) args(p *env, s slice) []any {
	return []any{clickhouse.Named("run", p.run), clickhouse.Named("part", a.part), clickhouse.Named("biz", a.biz),
		clickhouse.Named("seq", a.seq), clickhouse.Named("lo", s.lo), clickhouse.Named("hi", s.hi)}
}
