package queries

import (
	"context"
	"encoding/json"
	"time"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// Command is what became of a command.
type Command struct {
	ID          string    `ch:"command_id"`
	Biz         string    `ch:"biz"`
	Seq         uint64    `ch:"seq"`
	Event       string    `ch:"type"`   // the event that says so
	Status      string    `ch:"status"` // running, completed, refused
	Code        string    `ch:"code"`
	Field       string    `ch:"field"`
	Reason      string    `ch:"reason"`
	Aggregate   string    `ch:"aggregate"`
	AggregateID string    `ch:"aggregate_id"`
	Actor       string    `ch:"actor"`
	At          time.Time `ch:"at"`
}

// Command returns a command's status; fault.NotFound while no event tells of it.
// Commands are found by id alone: the caller checks that its key may see Biz.
func (q *Queries) Command(ctx context.Context, id string) (*Command, error) {
	return selectOne[Command](ctx, q, fault.New(fault.NotFound, "no event tells of the command %q", id),
		`SELECT command_id, toString(biz) AS biz, seq, toString(type) AS type, toString(status) AS status, toString(code) AS code, field, reason,
  toString(aggregate) AS aggregate, aggregate_id, actor, at FROM commands FINAL WHERE command_id = {id:String}`, named("id", id))
}

// Upload is a bulk stream.
type Upload struct {
	ID         string     `ch:"upload_id"`
	Target     string     `ch:"target"`
	GroupID    uint64     `ch:"group_id"`
	Status     string     `ch:"status"` // started, completed, abandoned
	Rows       uint64     `ch:"rows"`   // so far, until it is completed
	Accepted   uint64     `ch:"accepted"`
	Rejected   uint64     `ch:"rejected"`
	Chunks     uint64     `ch:"chunks"`
	Rejections string     `ch:"rejections"` // JSON, see RejectedRows
	Reason     string     `ch:"reason"`
	StartedAt  time.Time  `ch:"started_at"`
	EndedAt    *time.Time `ch:"ended_at"`
	Seq        uint64     `ch:"seq"`
}

// RejectedRows are the rejected rows that were kept, with their reasons.
func (u *Upload) RejectedRows() ([]events.Rejection, error) {
	out := []events.Rejection{}
	if u.Rejections == "" {
		return out, nil
	}
	return out, fault.Wrap(fault.Corrupt, json.Unmarshal([]byte(u.Rejections), &out), "rejections of an upload")
}

// Upload returns an upload; its id is the id of its command.
func (q *Queries) Upload(ctx context.Context, biz, id string) (*Upload, error) {
	return selectOne[Upload](ctx, q, fault.New(fault.NotFound, "there is no upload %q", id),
		`SELECT upload_id, toString(target) AS target, group_id, toString(status) AS status, rows, accepted, rejected, chunks, rejections, reason, started_at, ended_at, seq
FROM uploads FINAL WHERE biz = {biz:String} AND upload_id = {id:String}`, named("biz", biz), named("id", id))
}

// Unmatched calls fn with the phones of a resolved upload that matched no user, in
// order. They are kept in the log only.
func (q *Queries) Unmatched(ctx context.Context, biz, upload string, fn func(phone uint64) error) error {
	if q.store == nil {
		return fault.New(fault.Internal, "queries have no event store")
	}
	subject := events.EventSubject(biz, "upload", upload)
	var start uint64 // of the last start: chunks before it do not count
	all, err := q.store.Each(ctx, subject, 0, func(e events.Event) error {
		if e.Type == events.TypeUploadStarted {
			start = e.Seq
		}
		return nil
	})
	if err != nil || all.Seq == 0 {
		return err
	}
	_, err = q.store.Each(ctx, subject, start, func(e events.Event) error {
		if e.Type != events.TypeUploadUnmatched {
			return nil
		}
		return q.codec.DecodePhones(e.Data, fn)
	})
	return err
}

// Biz is a product line.
type Biz struct {
	Biz       string    `ch:"biz"`
	Name      string    `ch:"name"`
	Timezone  string    `ch:"timezone"` // IANA
	Seq       uint64    `ch:"seq"`
	CreatedAt time.Time `ch:"created_at"`
	UpdatedAt time.Time `ch:"updated_at"`
}

// Biz returns one product line; fault.NotFound when it was never made.
func (q *Queries) Biz(ctx context.Context, biz string) (*Biz, error) {
	return selectOne[Biz](ctx, q, fault.New(fault.NotFound, "there is no product line %q", biz),
		"SELECT biz, name, timezone, seq, created_at, updated_at FROM bizzes FINAL WHERE biz = {biz:String}", named("biz", biz))
}

// Location is a product line's time zone.
func (q *Queries) Location(ctx context.Context, biz string) (*time.Location, error) {
	b, err := q.Biz(ctx, biz)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(b.Timezone)
	return zone, fault.Wrap(fault.Internal, err, "time zone of "+biz)
}

// Tag is a tag's name.
type Tag struct {
	ID          uint32 `ch:"tag_id"`
	Name        string `ch:"name"`
	Description string `ch:"description"`
	Users       uint64 `ch:"users"` // how many carry it
}

// Tags lists the tags with ids above after that have a name or ever had a user.
func (q *Queries) Tags(ctx context.Context, biz string, after uint32, limit int) ([]Tag, error) {
	args := []any{named("biz", biz), named("after", after), named("limit", page(limit))}
	tags, err := selectAll[Tag](ctx, q, `SELECT tag_id, max(n) AS name, max(d) AS description, toUInt64(0) AS users FROM (
  SELECT tag_id, name AS n, description AS d FROM tags FINAL WHERE biz = {biz:String} AND tag_id > {after:UInt32}
  UNION ALL
  SELECT DISTINCT toUInt32(set_id) AS tag_id, '' AS n, '' AS d FROM sets WHERE biz = {biz:String} AND kind = 'tag' AND set_id > {after:UInt32}
) GROUP BY tag_id ORDER BY tag_id LIMIT {limit:UInt64}`, args...)
	if err != nil || len(tags) == 0 {
		return tags, err
	}
	at := make(map[uint64]*Tag, len(tags))
	for i := range tags {
		at[uint64(tags[i].ID)] = &tags[i]
	}
	return tags, q.each(ctx, `SELECT set_id, sum(bitmapCardinality(members)) FROM sets FINAL
WHERE biz = {biz:String} AND kind = 'tag' AND set_id BETWEEN {after:UInt32} AND {last:UInt32} GROUP BY set_id`,
		append(args, named("last", tags[len(tags)-1].ID)), func(r *clickhouse.Rows) error {
			var id, n uint64
			if err := r.Scan(&id, &n); err != nil {
				return err
			}
			if t := at[id]; t != nil {
				t.Users = n
			}
			return nil
		})
}
