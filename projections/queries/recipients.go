package queries

import (
	"context"
	"math"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

// Pending is the status of a user of an audience who has no outcome yet.
const Pending = "pending"

// Recipient is one user of a campaign's audience.
type Recipient struct {
	UserID uint64
	Range  uint64
	Status string // sent, failed, skipped, unknown, pending
	Code   string
	Reason string
	At     *time.Time // of the outcome; nil while pending
}

// RecipientList asks for a page of a campaign's users, by id.
type RecipientList struct {
	Biz      string
	Campaign uint64
	Status   string // "" for all
	From     uint64 // first user id; the next page begins at the last id + 1
	Limit    int    // default 100
}

// Recipients lists users of a campaign by status; fault.NotFound for a campaign that is
// not there.
func (q *Queries) Recipients(ctx context.Context, l RecipientList) ([]Recipient, error) {
	out, limit := []Recipient{}, int(page(l.Limit))
	err := q.eachRange(ctx, l, func(r *audienceRange) (bool, error) {
		out = r.take(out, l.Status, l.From, limit)
		return len(out) == limit, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EachRecipient calls fn with every user of a campaign from From on, by id, whatever Limit
// says. No statement is open while fn works: it may take as long as it likes, and an outcome
// of the meantime is seen in the ranges not read yet.
func (q *Queries) EachRecipient(ctx context.Context, l RecipientList, fn func(Recipient) error) error {
	var of []Recipient
	return q.eachRange(ctx, l, func(r *audienceRange) (bool, error) {
		of = r.take(of[:0], l.Status, l.From, math.MaxInt)
		for _, x := range of {
			if err := fn(x); err != nil {
				return true, err
			}
		}
		return false, nil
	})
}

// Check says whether there is such a status.
func (l RecipientList) Check() error {
	switch l.Status {
	case "", Pending, string(events.Sent), string(events.Failed), string(events.Skipped), string(events.Unknown):
		return nil
	}
	return fault.Field("status", "%q is none of sent, failed, skipped, unknown, pending", l.Status)
}

// eachRange calls fn with the ranges that may hold users of a list, in order, until fn says
// that it has enough. Ranges lie in the order of user ids, and of those that can hold such
// users only a few are read at a time.
func (q *Queries) eachRange(ctx context.Context, l RecipientList, fn func(*audienceRange) (enough bool, err error)) error {
	if err := l.Check(); err != nil {
		return err
	}
	c, err := q.Campaign(ctx, l.Biz, l.Campaign)
	if err != nil {
		return err
	}
	if l.Status == Pending && c.CompletedAt != nil {
		return nil // its books are closed, which many users unknown would hide from candidates
	}
	for after, n := uint64(0), 2; ; n = min(4*n, maxRanges) {
		numbers, err := q.candidates(ctx, l, after, n)
		if err != nil || len(numbers) == 0 {
			return err
		}
		ranges, err := q.ranges(ctx, l, numbers)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			if r := ranges[number]; r != nil {
				if enough, err := fn(r); enough || err != nil {
					return err
				}
			}
		}
		if len(numbers) < n {
			return nil
		}
		after = numbers[len(numbers)-1]
	}
}

// maxRanges are read by one statement: 64 ranges of 10,000 users take some MB.
const maxRanges = 64

// candidatesSQL finds the next ranges that may hold users with a status: for pending
// and all those of the audience, else those with such an outcome.
func (l RecipientList) candidatesSQL(after uint64, n int) (string, []any) {
	args := []any{named("biz", l.Biz), named("id", l.Campaign), named("from", l.From), named("after", after), named("n", uint64(n))}
	const where = " WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND range > {after:UInt64}"
	switch l.Status {
	case "":
		return "SELECT DISTINCT range FROM audiences" + where + " AND to_user >= {from:UInt64} AND users > 0 ORDER BY range LIMIT {n:UInt64}", args
	case Pending:
		return "SELECT a.range FROM (SELECT range, users FROM audiences FINAL" + where + ` AND to_user >= {from:UInt64}) AS a
LEFT JOIN (SELECT range, sum(users) AS settled FROM deliveries FINAL` + where + ` AND status != 'unknown' GROUP BY range) AS d ON a.range = d.range
WHERE a.users > d.settled ORDER BY a.range LIMIT {n:UInt64}`, args
	}
	return "SELECT DISTINCT range FROM deliveries" + where + " AND to_user >= {from:UInt64} AND status = {status:String} ORDER BY range LIMIT {n:UInt64}",
		append(args, named("status", l.Status))
}

func (q *Queries) candidates(ctx context.Context, l RecipientList, after uint64, n int) ([]uint64, error) {
	sql, args := l.candidatesSQL(after, n)
	var out []uint64
	err := q.each(ctx, sql, args, func(r *clickhouse.Rows) error {
		var number uint64
		err := r.Scan(&number)
		out = append(out, number)
		return err
	})
	return out, err
}

// audienceRange is one range of a campaign with its outcomes.
type audienceRange struct {
	number   uint64
	users    *roaring64.Bitmap // nil where it was not asked for
	outcomes []outcome         // definite ones first, then by time
}

type outcome struct {
	Recipient
	users *roaring64.Bitmap
}

// ranges reads ranges by number. Who belongs to them is read only where outcomes do not tell.
func (q *Queries) ranges(ctx context.Context, l RecipientList, numbers []uint64) (map[uint64]*audienceRange, error) {
	args := []any{named("biz", l.Biz), named("id", l.Campaign), named("numbers", numbers)}
	const where = " WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND range IN {numbers:Array(UInt64)}"
	out := make(map[uint64]*audienceRange, len(numbers))
	for _, n := range numbers {
		out[n] = &audienceRange{number: n}
	}
	if l.Status == "" || l.Status == Pending {
		if err := q.eachBitmap(ctx, "SELECT range, CAST(members AS String) FROM audiences FINAL"+where, args, func(n uint64, users *roaring64.Bitmap) error {
			out[n].users = users
			return nil
		}); err != nil {
			return nil, err
		}
	}
	err := q.each(ctx, "SELECT range, toString(status), toString(code), reason, at, CAST(members AS String) FROM deliveries FINAL"+where+
		" ORDER BY range, status = 'unknown', seq, part", args, func(r *clickhouse.Rows) error {
		var o outcome
		var at time.Time
		var state string
		if err := r.Scan(&o.Range, &o.Status, &o.Code, &o.Reason, &at, &state); err != nil {
			return err
		}
		o.At = &at
		var err error
		o.users, err = bitmapstate.Decode([]byte(state))
		out[o.Range].outcomes = append(out[o.Range].outcomes, o)
		return err
	})
	return out, err
}

// take appends users with a status, from an id on, until to holds limit.
func (r *audienceRange) take(to []Recipient, status string, from uint64, limit int) []Recipient {
	wanted := roaring64.New()
	if r.users != nil {
		wanted.Or(r.users)
	}
	for _, o := range r.outcomes {
		if o.Status == status {
			wanted.Or(o.users)
		} else if status == Pending {
			wanted.AndNot(o.users)
		}
	}
	it := wanted.Iterator()
	it.AdvanceIfNeeded(from)
	for it.HasNext() && len(to) < limit {
		x := r.of(it.Next())
		if status == "" || x.Status == status { // an unknown that became definite is not unknown
			to = append(to, x)
		}
	}
	return to
}

// of is what became of a user.
func (r *audienceRange) of(user uint64) Recipient {
	for _, o := range r.outcomes {
		if o.users.Contains(user) {
			x := o.Recipient
			x.UserID = user
			return x
		}
	}
	return Recipient{UserID: user, Range: r.number, Status: Pending}
}
