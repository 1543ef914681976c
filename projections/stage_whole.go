package projections

import (
	"context"
	"errors"

	"muster/internal/clickhouse"
)

// errExpired says that rows which this run staged are no longer there: the engine drops
// them when they are old, and an upload that is open, or an outage, may last longer.
var errExpired = errors.New("staged rows are gone")

// whole says whether all that was staged of an upload is still there. It is asked after
// the rows were read and before what was made of them becomes visible: rows never come
// back, so they were there all the time. nil is an upload that needs no staging.
func (p *env) whole(ctx context.Context, u *upload) error {
	if u == nil {
		return nil
	}
	what := "count()"
	if u.doubt {
		what = "uniqExact(pos)"
	}
	var n uint64
	if err := eachRow(ctx, p.db, "SELECT "+what+" FROM "+stagedTable(u.target)+" WHERE run = {run:String} AND part = {part:String}",
		[]any{named("run", p.run), named("part", u.part)}, func(r *clickhouse.Rows) error { return r.Scan(&n) }); err != nil {
		return err
	}
	if n < u.staged {
		return errExpired
	}
	return nil
}

// distrust has a batch's staged uploads read from the log again.
func (s *stager) distrust(b *batch) {
	for _, u := range b.uploads {
		if u.part != "" {
			s.drop(u)
			u.part, u.pending, u.slices = rereadPart, nil, nil
		}
	}
}
