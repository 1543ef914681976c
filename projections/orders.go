package projections

import (
	"context"

	"muster/events"
)

// ordersProjection keeps every order once, under the user it belongs to now. The
// last row with an order id wins; a user that no longer has the order keeps a row
// with status 'moved', which nobody counts.
type ordersProjection struct{ *env }

func (p *ordersProjection) name() string     { return Orders }
func (p *ordersProjection) tables() []string { return []string{"orders", "order_owners"} }

func (p *ordersProjection) apply(ctx context.Context, b *batch) error {
	all, err := p.applications(b, "o", events.TargetOrders)
	if err != nil {
		return err
	}
	for _, a := range all {
		if err := p.one(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *ordersProjection) one(ctx context.Context, a *application) error {
	if a.fold != nil {
		if err := p.stageFold(ctx, a); err != nil {
			return err
		}
	}
	with := func(merge func(into string, unique bool) string) func(string, slice) error {
		return func(into string, s slice) error {
			return p.db.Exec(ctx, merge(into, s.unique)+a.settings(), a.args(p.env, s)...)
		}
	}
	// Owners last: they tell what is new, also to a second attempt.
	if err := p.runApplication(ctx, a, filling{"orders", with(p.mergeOrders)}, filling{"order_owners", with(p.mergeOwners)}); err != nil {
		return err
	}
	if a.fold != nil {
		return p.dropPart(ctx, "staged_orders", a.part)
	}
	return nil
}

// fresh are the staged rows that the stored owners do not reflect yet.
func (p *ordersProjection) fresh() string {
	return `(
    SELECT bucket, order_id, if(seq = 0, {seq:UInt64}, seq) AS seq, pos, user_id, product_id, product_group_id, amount, paid_at, status
    FROM staged_orders WHERE run = {run:String} AND part = {part:String} AND bucket BETWEEN {lo:UInt64} AND {hi:UInt64}
  ) AS n
  LEFT JOIN (
    SELECT order_id, user_id, seq FROM ` + p.env.tables.of("order_owners") + ` FINAL
    WHERE biz = {biz:String} AND bucket BETWEEN {lo:UInt64} AND {hi:UInt64} AND (bucket, order_id) IN (
      SELECT bucket, order_id FROM staged_orders WHERE run = {run:String} AND part = {part:String} AND bucket BETWEEN {lo:UInt64} AND {hi:UInt64})
  ) AS o ON n.order_id = o.order_id
  WHERE n.seq > o.seq`
}

func (p *ordersProjection) mergeOrders(table string, unique bool) string {
	into := `INSERT INTO ` + table + ` (biz, shard, user_id, order_id, seq, product_id, product_group_id, amount, paid_at, status)
`
	if unique {
		return into + `SELECT {biz:String}, bitShiftRight(u, 16), u, id, s, product_id, product_group_id, toDecimal64(amount, 4), paid_at, if(u = user, status::String, 'moved')
FROM (
  SELECT n.order_id AS id, n.seq AS s, n.user_id AS user, n.product_id AS product_id, n.product_group_id AS product_group_id,
    n.amount AS amount, n.paid_at AS paid_at, n.status AS status, if(o.seq = 0 OR o.user_id = n.user_id, [n.user_id], [n.user_id, o.user_id]) AS users
  FROM ` + p.fresh() + `
)
ARRAY JOIN users AS u`
	}
	return into + `SELECT {biz:String}, bitShiftRight(u, 16), u, id, s, last.2, last.3, toDecimal64(last.4, 4), last.5, if(u = last.1, last.6, 'moved')
FROM (
  SELECT n.order_id AS id, max(n.seq) AS s,
    argMax((n.user_id, n.product_id, n.product_group_id, n.amount, n.paid_at, n.status::String), n.pos) AS last,
    groupUniqArray(n.user_id) AS named, any(o.user_id) AS owner, any(o.seq) AS owned
  FROM ` + p.fresh() + `
  GROUP BY n.order_id
)
ARRAY JOIN if(owned = 0, named, arrayDistinct(arrayPushBack(named, owner))) AS u`
}

func (p *ordersProjection) mergeOwners(table string, unique bool) string {
	into := `INSERT INTO ` + table + ` (biz, bucket, order_id, user_id, seq)
`
	if unique {
		return into + `SELECT {biz:String}, n.bucket, n.order_id, n.user_id, n.seq
FROM ` + p.fresh()
	}
	return into + `SELECT {biz:String}, any(n.bucket), n.order_id, argMax(n.user_id, n.pos), max(n.seq)
FROM ` + p.fresh() + `
GROUP BY n.order_id`
}
