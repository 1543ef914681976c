package queries

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/segments"
)

// Segment is an expression asked about now.
type Segment struct {
	Biz  string
	Node segments.Node
	Zone *time.Location // of the biz; nil: it is looked up
	Now  time.Time      // decides which day is today; zero: now
}

// Count is how many users an expression holds for.
type Count struct {
	Users uint64
	Took  time.Duration // of the counting statement
	Seq   uint64        // every event up to here is in the answer
}

// compile prepares an expression for the live read model.
func (q *Queries) compile(ctx context.Context, s Segment) (*segments.Query, error) {
	if s.Zone == nil {
		zone, err := q.Location(ctx, s.Biz)
		if err != nil {
			return nil, err
		}
		s.Zone = zone
	}
	if s.Now.IsZero() {
		s.Now = time.Now()
	}
	return segments.Compile(s.Node, segments.Params{Biz: s.Biz, Location: s.Zone, Now: s.Now,
		Tables: segments.Tables{Sets: "sets", SetsByShard: "sets_by_shard", Orders: "orders"}})
}

// ask runs one statement of an expression while its groups are looked up: an
// expression over groups that are not there has no answer.
func (q *Queries) ask(ctx context.Context, s Segment, st segments.Statement, fn func(*clickhouse.Rows) error) (time.Duration, error) {
	var took time.Duration
	both, within := errgroup.WithContext(ctx)
	var refused error
	both.Go(func() error { refused = q.CheckGroups(within, s.Biz, s.Node); return refused })
	both.Go(func() error {
		began := time.Now()
		err := q.each(within, st.SQL, st.Args, fn)
		took = time.Since(began)
		return err
	})
	err := both.Wait()
	if refused != nil && !errors.Is(refused, context.Canceled) {
		err = refused
	}
	return took, err
}

// SegmentCount counts the users an expression holds for, exactly. Errors are
// *segments.Error where the expression is to blame.
func (q *Queries) SegmentCount(ctx context.Context, s Segment) (*Count, error) {
	compiled, err := q.compile(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &Count{}
	if out.Seq, err = q.Position(ctx); err != nil {
		return nil, err
	}
	out.Took, err = q.ask(ctx, s, compiled.Count(), func(r *clickhouse.Rows) error { return r.Scan(&out.Users) })
	return out, err
}

// SegmentSample lists the users with the lowest ids an expression holds for, at most segments.MaxPage.
func (q *Queries) SegmentSample(ctx context.Context, s Segment, limit int) ([]uint64, error) {
	compiled, err := q.compile(ctx, s)
	if err != nil {
		return nil, err
	}
	users := []uint64{}
	_, err = q.ask(ctx, s, compiled.Sample(int(page(limit))), func(r *clickhouse.Rows) error {
		var id uint64
		err := r.Scan(&id)
		users = append(users, id)
		return err
	})
	return users, err
}

// Explanation is an expression taken apart.
type Explanation struct {
	Count
	Known   uint64 // all known users: what "not" is the rest of
	Clauses []ClauseCount
	SQL     string            // the statement that SegmentCount runs
	Params  map[string]string // its parameters
	Bound   string            // the same with its values in place, to run by hand
}

// ClauseCount is one node of an expression with its users.
type ClauseCount struct {
	segments.Clause
	Users   uint64  // for whom it holds
	Running *uint64 // left once it is joined with the clauses before it under the same parent; nil above segments.MaxFollowed clauses
}

// SegmentExplain counts every clause of an expression. Took is that of explaining, not of counting.
func (q *Queries) SegmentExplain(ctx context.Context, s Segment) (*Explanation, error) {
	compiled, err := q.compile(ctx, s)
	if err != nil {
		return nil, err
	}
	count := compiled.Count()
	out := &Explanation{SQL: count.SQL}
	if out.Params, out.Bound, err = bound(count); err != nil {
		return nil, err
	}
	if out.Seq, err = q.Position(ctx); err != nil {
		return nil, err
	}
	var users, running []uint64
	out.Took, err = q.ask(ctx, s, compiled.Explain(), func(r *clickhouse.Rows) error { return r.Scan(&out.Known, &users, &running) })
	if err != nil {
		return nil, err
	}
	clauses := compiled.Clauses()
	followed := len(clauses) <= segments.MaxFollowed
	if len(users) != len(clauses) || followed && len(running) != len(clauses) {
		return nil, fault.New(fault.Internal, "a segment of %d clauses has %d answers", len(clauses), len(users))
	}
	for i, c := range clauses {
		one := ClauseCount{Clause: c, Users: users[i]}
		if followed {
			one.Running = &running[i]
		}
		out.Clauses = append(out.Clauses, one)
	}
	out.Users = users[0]
	return out, nil
}

// CheckGroups says which groups of an expression are not there or archived, as
// *segments.Error each, joined. Tags need no check: one that nobody has is empty.
func (q *Queries) CheckGroups(ctx context.Context, biz string, n segments.Node) error {
	ids := segments.Groups(n)
	if len(ids) == 0 {
		return nil
	}
	status := make(map[uint64]string, len(ids))
	err := q.each(ctx, "SELECT group_id, toString(status) FROM groups FINAL WHERE biz = {biz:String} AND group_id IN {ids:Array(UInt64)}",
		[]any{named("biz", biz), named("ids", ids)}, func(r *clickhouse.Rows) error {
			var id uint64
			var s string
			err := r.Scan(&id, &s)
			status[id] = s
			return err
		})
	if err != nil {
		return err
	}
	var bad []error
	segments.Walk(n, func(n segments.Node, _ int) {
		g, ok := n.(segments.Group)
		if !ok {
			return
		}
		switch status[g.ID] {
		case "":
			bad = append(bad, segmentError(g.At, "there is no group %d", g.ID))
		case "archived":
			bad = append(bad, segmentError(g.At, "group %d is archived", g.ID))
		}
	})
	return errors.Join(bad...)
}
