package queries

import (
	"context"

	"muster/events"
	"muster/internal/clickhouse"
)

// Report is a campaign's books.
type Report struct {
	Campaign *Campaign
	Books    events.Books
	ByCode   map[string]uint64 // users by code of failed, skipped and unknown; "" is none given
}

// reportSQL counts users by status and code. Definite outcomes of one range never
// overlap, so their rows' own counts add up; bitmaps are read only of ranges with an
// unknown outcome, which a later definite one hides.
const reportSQL = `SELECT toString(status) AS s, toString(code) AS c, sum(users) AS n
FROM deliveries FINAL
WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND status != 'unknown'
GROUP BY s, c
UNION ALL
SELECT 'unknown' AS s, c, sum(bitmapAndnotCardinality(open, definite)) AS n
FROM (
  SELECT range, toString(code) AS c, groupBitmapMergeState(members) AS open
  FROM deliveries
  WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND status = 'unknown'
  GROUP BY range, c
) AS u
LEFT JOIN (
  SELECT range, groupBitmapMergeState(members) AS definite
  FROM deliveries
  WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND status != 'unknown' AND range IN (
    SELECT range FROM deliveries WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND status = 'unknown')
  GROUP BY range
) AS d ON u.range = d.range
GROUP BY c`

// Report adds up a campaign's outcomes. Pending is what of the audience has none.
// Before the audience is frozen, as far as the read model knows, all of it is 0.
func (q *Queries) Report(ctx context.Context, biz string, id uint64) (*Report, error) {
	c, err := q.Campaign(ctx, biz, id)
	if err != nil {
		return nil, err
	}
	out := &Report{Campaign: c, ByCode: map[string]uint64{}, Books: events.Books{Audience: c.Audience}}
	if c.Audience == 0 {
		return out, nil
	}
	by := map[string]*uint64{"sent": &out.Books.Sent, "failed": &out.Books.Failed, "skipped": &out.Books.Skipped, "unknown": &out.Books.Unknown}
	err = q.each(ctx, reportSQL, []any{named("biz", biz), named("id", id)}, func(r *clickhouse.Rows) error {
		var status, code string
		var n uint64
		if err := r.Scan(&status, &code, &n); err != nil {
			return err
		}
		if to := by[status]; to != nil {
			*to += n
		}
		if status != string(events.Sent) && n > 0 {
			out.ByCode[code] += n
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := &out.Books
	// The two halves may be read a moment apart: an outcome that became definite in
	// between is counted as what it became.
	over := b.Sent + b.Failed + b.Skipped + b.Unknown
	if over > b.Audience {
		b.Unknown -= min(b.Unknown, over-b.Audience)
	}
	b.Pending = b.Audience - min(b.Audience, b.Sent+b.Failed+b.Skipped+b.Unknown)
	if c.Status == "completed" && b.Pending > 0 {
		// The campaign's end is in EVENTS; the outcomes are read from LEDGER, a moment behind. Nobody
		// is told "completed" beside books that are still open.
		c.Status, c.CompletedAt = "sending", nil
	}
	return out, nil
}
