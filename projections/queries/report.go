package queries

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

// Report is a campaign's books.
type Report struct {
	Campaign *Campaign
	Books    events.Books
	ByCode   map[string]uint64 // users by code of failed, skipped and unknown; "" is none given
}

// definite users have an outcome that nothing replaces; what was unknown before is no longer.
const deliveryBitmaps = `WITH d AS (SELECT toString(status) AS status, toString(code) AS code, members FROM deliveries FINAL WHERE biz = {biz:String} AND campaign_id = {id:UInt64}),
definite AS (SELECT groupBitmapMergeStateIf(members, status != 'unknown') AS users FROM d)
`

// Report adds up a campaign's outcomes. Pending is what of the audience has none.
func (q *Queries) Report(ctx context.Context, biz string, id uint64) (*Report, error) {
	c, err := q.Campaign(ctx, biz, id)
	if err != nil {
		return nil, err
	}
	out := &Report{Campaign: c, ByCode: map[string]uint64{}, Books: events.Books{Audience: c.Audience}}
	by := map[string]*uint64{"sent": &out.Books.Sent, "failed": &out.Books.Failed, "skipped": &out.Books.Skipped, "unknown": &out.Books.Unknown}
	args := []any{named("biz", biz), named("id", id)}
	err = q.each(ctx, deliveryBitmaps+`SELECT status, code, if(status = 'unknown', bitmapAndnotCardinality(groupBitmapMergeState(members), (SELECT users FROM definite)), groupBitmapMerge(members)) AS n
FROM d GROUP BY status, code`, args, func(r *clickhouse.Rows) error {
		var status, code string
		var n uint64
		if err := r.Scan(&status, &code, &n); err != nil {
			return err
		}
		if to := by[status]; to != nil {
			*to += n
		}
		if status != "sent" && n > 0 {
			out.ByCode[code] += n
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := &out.Books
	if ended := b.Sent + b.Failed + b.Skipped + b.Unknown; ended <= b.Audience {
		b.Pending = b.Audience - ended
	} else {
		return out, fault.New(fault.Corrupt, "campaign %d has outcomes of %d users, its audience is %d", id, ended, b.Audience)
	}
	return out, nil
}

// Recipient is one user of a campaign's audience.
type Recipient struct {
	UserID uint64
	Status string // sent, failed, skipped, unknown, pending
}

// RecipientList asks for a page of a campaign's users, by id.
type RecipientList struct {
	Biz      string
	Campaign uint64
	Status   string // "" for all
	From     uint64 // first user id
	Limit    int
}

// Recipients lists users of a campaign by status. It reads the ranges that hold the
// page, and as few.
func (q *Queries) Recipients(ctx context.Context, l RecipientList) ([]Recipient, error) {
	out := []Recipient{}
	left := int(page(l.Limit))
	for from := l.From; left > 0; {
		ranges, err := q.ranges(ctx, l.Biz, l.Campaign, from)
		if err != nil || len(ranges) == 0 {
			return out, err
		}
		first, last := ranges[0].number, ranges[len(ranges)-1].number
		by, err := q.outcomes(ctx, l.Biz, l.Campaign, first, last)
		if err != nil {
			return nil, err
		}
		for _, r := range ranges {
			for it := by.having(r.members, l.Status).Iterator(); it.HasNext() && left > 0; {
				if id := it.Next(); id >= from {
					out = append(out, Recipient{UserID: id, Status: by.of(id)})
					left--
				}
			}
		}
		end := ranges[len(ranges)-1].members.Maximum()
		if end == ^uint64(0) {
			break
		}
		from = end + 1
	}
	return out, nil
}

type frozenRange struct {
	number  uint64
	members *roaring64.Bitmap
}

// ranges reads a few ranges of an audience, from the one with a user on. A campaign
// launched again has written its audience once only.
func (q *Queries) ranges(ctx context.Context, biz string, campaign, from uint64) ([]frozenRange, error) {
	var out []frozenRange
	err := q.eachBitmap(ctx, `SELECT range, CAST(members AS String) FROM audiences FINAL
WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND users > 0 AND to_user >= {from:UInt64} ORDER BY range LIMIT 16`,
		[]any{named("biz", biz), named("id", campaign), named("from", from)}, func(n uint64, bm *roaring64.Bitmap) error {
			out = append(out, frozenRange{n, bm})
			return nil
		})
	return out, err
}

// outcomes are the users of some ranges by status.
type outcomes map[string]*roaring64.Bitmap

func (q *Queries) outcomes(ctx context.Context, biz string, campaign, first, last uint64) (outcomes, error) {
	o := outcomes{}
	for _, s := range []string{"sent", "failed", "skipped", "unknown"} {
		o[s] = roaring64.New()
	}
	err := q.each(ctx, `SELECT toString(status), CAST(groupBitmapMergeState(members) AS String) FROM deliveries FINAL
WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND range BETWEEN {first:UInt64} AND {last:UInt64} GROUP BY status`,
		[]any{named("biz", biz), named("id", campaign), named("first", first), named("last", last)}, func(r *clickhouse.Rows) error {
			var status, state string
			if err := r.Scan(&status, &state); err != nil {
				return err
			}
			bm, err := bitmapstate.Decode([]byte(state))
			o[status] = bm
			return err
		})
	for _, s := range []string{"sent", "failed", "skipped"} {
		o["unknown"].AndNot(o[s])
	}
	return o, err
}

func (o outcomes) of(user uint64) string {
	for _, s := range []string{"sent", "failed", "skipped", "unknown"} {
		if o[s].Contains(user) {
			return s
		}
	}
	return "pending"
}

// having is what of some users has a status; "" is any, "pending" none.
func (o outcomes) having(users *roaring64.Bitmap, status string) *roaring64.Bitmap {
	switch status {
	case "":
		return users
	case "pending":
		rest := users.Clone()
		for _, bm := range o {
			rest.AndNot(bm)
		}
		return rest
	}
	if bm := o[status]; bm != nil {
		return roaring64.And(users, bm)
	}
	return roaring64.New()
}
