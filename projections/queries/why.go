package queries

import (
	"context"
	"encoding/json"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/segments"
)

// Why says what a campaign did with one user.
type Why struct {
	UserID     uint64
	InAudience bool
	Frozen     bool   // the audience is known; before, InAudience says nothing
	Range      uint64 // 0 when not in the audience
	Status     string // sent, failed, skipped, unknown, pending; "" when not in the audience
	Code       string
	Reason     string
	At         *time.Time
	Clauses    []WhyClause // the segment as the read model stands now: of whoever is in the audience, too
}

// WhyClause is one part of a segment, and whether the user fulfils it now.
type WhyClause struct {
	Text    string
	Kind    string // all, any, not, group, tag, orders
	Depth   int
	Parent  int // index of the clause it stands in; -1 for the whole
	Holds   bool
	Decides bool // whether the whole is what it is because of this clause
}

// Why explains one user of a campaign. The audience was frozen at the launch; the
// segment's clauses are those of now, and may say otherwise.
func (q *Queries) Why(ctx context.Context, biz string, campaign, user uint64) (*Why, error) {
	c, err := q.Campaign(ctx, biz, campaign)
	if err != nil {
		return nil, err
	}
	w := &Why{UserID: user, Frozen: c.Ranges > 0 || c.Audience > 0 || c.Status == "completed"}
	args := []any{named("biz", biz), named("id", campaign), named("user", user)}
	err = q.each(ctx, `SELECT range FROM audiences FINAL
WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND from_user <= {user:UInt64} AND to_user >= {user:UInt64} AND bitmapContains(members, {user:UInt64})`,
		args, func(r *clickhouse.Rows) error {
			w.InAudience = true
			return r.Scan(&w.Range)
		})
	if err != nil {
		return nil, err
	}
	err = q.clauses(ctx, w, c, user)
	if fault.Is(err, fault.NotFound) && w.InAudience {
		err = nil // the read model lacks the product line yet: what became of the message is known all the same
	}
	if err != nil || !w.InAudience {
		return w, err
	}
	w.Status = "pending"
	err = q.each(ctx, `SELECT toString(status), toString(code), reason, at FROM deliveries FINAL
WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND range = {range:UInt64} AND from_user <= {user:UInt64} AND to_user >= {user:UInt64} AND bitmapContains(members, {user:UInt64})
ORDER BY status != 'unknown' DESC, seq LIMIT 1`, append(args, named("range", w.Range)), func(r *clickhouse.Rows) error {
		var at time.Time
		err := r.Scan(&w.Status, &w.Code, &w.Reason, &at)
		w.At = &at
		return err
	})
	return w, err
}

func (q *Queries) clauses(ctx context.Context, w *Why, c *Campaign, user uint64) error {
	node, err := segments.ParseWhere(json.RawMessage(c.Where))
	if err != nil {
		return err
	}
	s, err := q.compile(ctx, Segment{Biz: c.Biz, Node: node})
	if err != nil {
		return err
	}
	var holds []uint8
	st := s.Why(user)
	if err := q.each(ctx, st.SQL, st.Args, func(r *clickhouse.Rows) error { return r.Scan(&holds) }); err != nil {
		return err
	}
	clauses := s.Clauses()
	if len(holds) != len(clauses) {
		return fault.New(fault.Internal, "a segment of %d clauses has %d answers", len(clauses), len(holds))
	}
	for i, x := range clauses {
		one := WhyClause{Text: x.Text, Kind: kindOf(x.Node), Depth: x.Depth, Parent: x.Parent, Holds: holds[i] == 1}
		one.Decides = x.Parent < 0 || w.Clauses[x.Parent].decidedBy(one.Holds)
		w.Clauses = append(w.Clauses, one)
	}
	return nil
}

// decidedBy says whether a part that holds, or does not, makes a deciding clause what it is:
// where one is enough, those that are; where all are needed, those that are not.
func (c *WhyClause) decidedBy(holds bool) bool {
	return c.Decides && (c.Kind == "not" || c.Holds == holds)
}

func kindOf(n segments.Node) string {
	switch n.(type) {
	case segments.All:
		return "all"
	case segments.Any:
		return "any"
	case segments.Not:
		return "not"
	case segments.Group:
		return "group"
	case segments.Tag:
		return "tag"
	default:
		return "orders"
	}
}

// Message is what one campaign did with a user.
type Message struct {
	CampaignID uint64    `ch:"campaign_id"`
	Campaign   string    `ch:"name"`
	Range      uint64    `ch:"range"`
	Status     string    `ch:"status"`
	Code       string    `ch:"code"`
	Reason     string    `ch:"reason"`
	At         time.Time `ch:"at"` // of the outcome; for pending of the campaign's start
}

// Messages lists the campaigns whose audience holds a user, below the campaign id
// before (0: all), the newest first.
func (q *Queries) Messages(ctx context.Context, biz string, user, before uint64, limit int) ([]Message, error) {
	if before == 0 {
		before = ^uint64(0)
	}
	return selectAll[Message](ctx, q, `WITH mine AS (
  SELECT campaign_id, range FROM audiences FINAL
  WHERE biz = {biz:String} AND campaign_id < {before:UInt64} AND from_user <= {user:UInt64} AND to_user >= {user:UInt64} AND bitmapContains(members, {user:UInt64})
  ORDER BY campaign_id DESC LIMIT {limit:UInt64}
)
SELECT campaign_id, c.name AS name, range, if(d.status = '', 'pending', d.status) AS status, d.code AS code, d.reason AS reason,
  if(d.status = '', ifNull(c.started_at, c.created_at), d.at) AS at
FROM mine
LEFT JOIN (
  SELECT campaign_id, argMin(toString(status), rank) AS status, argMin(toString(code), rank) AS code, argMin(reason, rank) AS reason, argMin(at, rank) AS at FROM (
    SELECT campaign_id, status, code, reason, at, (status = 'unknown', seq) AS rank FROM deliveries FINAL
    WHERE biz = {biz:String} AND campaign_id IN (SELECT campaign_id FROM mine) AND from_user <= {user:UInt64} AND to_user >= {user:UInt64} AND bitmapContains(members, {user:UInt64})
  ) GROUP BY campaign_id
) AS d USING campaign_id
LEFT JOIN (SELECT campaign_id, name, started_at, created_at FROM campaigns FINAL WHERE biz = {biz:String}) AS c USING campaign_id
ORDER BY campaign_id DESC`, named("biz", biz), named("user", user), named("before", before), named("limit", page(limit)))
}
