package queries

import (
	"context"

	"muster/internal/fault"
)

// Totals are how much there is of everything in a product line.
type Totals struct {
	Users     uint64 `ch:"known"`
	Groups    uint64 `ch:"live"` // archived ones aside
	Building  uint64 `ch:"building"`
	Failed    uint64 `ch:"failed"`
	Templates uint64 `ch:"templates"`
	Campaigns uint64 `ch:"campaigns"`
	UnderWay  uint64 `ch:"under_way"` // launched and not at their end
	Paused    uint64 `ch:"paused"`
}

const totalsSQL = `SELECT known, live, building, failed, templates, campaigns, under_way, paused FROM
(SELECT sum(bitmapCardinality(members)) AS known FROM sets_by_shard FINAL WHERE biz = {biz:String} AND kind = 'known') AS u,
(SELECT countIf(status != 'archived') AS live, countIf(status = 'building') AS building, countIf(status = 'failed') AS failed
  FROM groups FINAL WHERE biz = {biz:String}) AS g,
(SELECT count() AS templates FROM templates FINAL WHERE biz = {biz:String}) AS t,
(SELECT count() AS campaigns, countIf(status IN ('launched', 'freezing', 'sending', 'paused')) AS under_way, countIf(status = 'paused') AS paused
  FROM campaigns FINAL WHERE biz = {biz:String}) AS c`

// Totals counts what a product line has; zeros where it has nothing.
func (q *Queries) Totals(ctx context.Context, biz string) (*Totals, error) {
	return selectOne[Totals](ctx, q, fault.New(fault.Internal, "counts gave no row"), totalsSQL, named("biz", biz))
}
