package projections

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/segments"
)

// freezesProjection evaluates a launched campaign's segment while the read model
// stands exactly before the launch. It runs before the others of its batch, which
// begins with the launch.
type freezesProjection struct {
	*env
	// standing says why the read model does not stand right before a sequence; "" when it does.
	standing func(seq uint64) string
}

func (p *freezesProjection) name() string     { return Freezes }
func (p *freezesProjection) tables() []string { return nil } // never rebuilt: the audience events are the truth

func (p *freezesProjection) apply(ctx context.Context, b *batch) error {
	for _, e := range b.events {
		if e.Type != events.TypeCampaignLaunched {
			continue
		}
		if err := p.freeze(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (p *freezesProjection) freeze(ctx context.Context, e events.Event) error {
	l, err := payload[events.CampaignLaunched](p.catalog, e)
	if err != nil {
		return err
	}
	id, err := strconv.ParseUint(e.Subject.ID, 10, 64)
	if err != nil {
		return fault.Wrap(fault.Corrupt, err, "the campaign of a launch")
	}
	if done, err := p.done(ctx, e, id); err != nil || done {
		return err
	}
	if why := p.standing(e.Seq); why != "" {
		return p.mark(ctx, e, id, 0, "the read model does not stand at the launch: "+why)
	}
	parts, problem, err := p.evaluate(ctx, e, l)
	if err != nil {
		return err
	}
	if problem != "" {
		return p.mark(ctx, e, id, 0, problem)
	}
	// Another runner may be further on and have changed what was just read; then its
	// mark is there, because it froze before it went on.
	if done, err := p.done(ctx, e, id); err != nil || done {
		return err
	}
	var users uint64
	for _, s := range parts {
		users += s.users
	}
	cols := columns{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "shard", "UInt64", "seq", "UInt64", "bytes", "String"}
	for block := range chunked(parts, 4096) {
		if err := insert(ctx, p.db, "freezes", cols, func(blk clickhouse.Batch) error {
			for _, s := range block {
				if err := blk.Append(e.Subject.Biz, id, s.shard, e.Seq, s.state); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return p.mark(ctx, e, id, users, "")
}

type frozenShard struct {
	shard, users uint64
	state        string
}

// evaluate runs the segment. A problem is the expression's own fault.
func (p *freezesProjection) evaluate(ctx context.Context, e events.Event, l *events.CampaignLaunched) (parts []frozenShard, problem string, err error) {
	node, err := segments.ParseWhere(l.Where)
	if err != nil {
		return nil, err.Error(), nil
	}
	zone, err := time.LoadLocation(l.Timezone)
	if err != nil {
		return nil, fmt.Sprintf("unknown time zone %q", l.Timezone), nil
	}
	q, err := segments.Compile(node, segments.Params{Biz: e.Subject.Biz, Location: zone, Now: e.Time,
		Tables: segments.Tables{Sets: "sets", SetsByShard: "sets_by_shard", Orders: "orders"}})
	if err != nil {
		return nil, err.Error(), nil
	}
	parts, err = p.shards(ctx, q.Shards())
	problem, err = p.refusal(e, err)
	return parts, problem, err
}

// segmentTries is how often a segment is evaluated that finds too little memory:
// what is missing may be another query's for the moment.
const segmentTries = 6

// shards asks the engine for a segment's users.
func (p *freezesProjection) shards(ctx context.Context, st segments.Statement) (parts []frozenShard, err error) {
	wait := p.limits.memoryWait
	for try := 1; ; try++ {
		parts = nil
		err = eachRow(ctx, p.db, st.SQL, st.Args, func(r *clickhouse.Rows) error {
			var s frozenShard
			err := r.Scan(&s.shard, &s.users, &s.state)
			parts = append(parts, s)
			return err
		})
		if try == segmentTries || !clickhouse.IsCode(err, clickhouse.CodeMemoryLimit) {
			return parts, err
		}
		if err := rest(ctx, wait); err != nil {
			return nil, err
		}
		wait *= 2
	}
}

// refusal tells what the engine itself refuses from an engine that is away. A segment
// that takes too much memory, or is too large an expression, it would refuse again:
// that campaign fails, and the projections go on with everyone else's events.
func (p *freezesProjection) refusal(e events.Event, err error) (problem string, _ error) {
	var refused *clickhouse.ServerError
	switch {
	case clickhouse.IsCode(err, clickhouse.CodeMemoryLimit):
		problem = "the segment takes more memory than the engine has: narrow it, or give the engine more"
	case errors.As(err, &refused) && !transient(err):
		problem = fmt.Sprintf("the engine cannot evaluate the segment (code %d %s)", refused.Code, refused.Name)
	default:
		return "", err
	}
	p.log.Error("the engine refuses a campaign's segment", "biz", e.Subject.Biz, "campaign", e.Subject.ID, "error", brief(err))
	return problem, nil
}

// done says whether a launch needs no evaluation: it is marked, or the log says that
// its campaign went on already.
func (p *freezesProjection) done(ctx context.Context, e events.Event, id uint64) (bool, error) {
	var n []struct {
		N uint64 `ch:"n"`
	}
	if err := p.db.Select(ctx, &n, "SELECT count() AS n FROM freeze_marks WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND seq = {seq:UInt64}",
		named("biz", e.Subject.Biz), named("id", id), named("seq", e.Seq)); err != nil {
		return false, err
	}
	if len(n) > 0 && n[0].N > 0 {
		return true, nil
	}
	later, _, err := p.store.Load(ctx, e.Subject, e.Seq)
	if err != nil {
		return false, err
	}
	for _, x := range later {
		switch x.Type {
		case events.TypeCampaignAudienceFrozen, events.TypeCampaignFailed, events.TypeCampaignCompleted:
			return true, nil
		}
	}
	return false, nil
}

// mark closes a freeze; it is written after its rows.
func (p *freezesProjection) mark(ctx context.Context, e events.Event, id, users uint64, problem string) error {
	cols := columns{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "seq", "UInt64", "users", "UInt64", "error", "String"}
	return insert(ctx, p.db, "freeze_marks", cols, func(blk clickhouse.Batch) error {
		return blk.Append(e.Subject.Biz, id, e.Seq, users, problem)
	})
}
