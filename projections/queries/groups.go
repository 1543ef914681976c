package queries

import (
	"context"
	"strconv"
	"time"

	"muster/internal/fault"
)

// Group is a group as it stands. Content and Ext are JSON, or "".
type Group struct {
	ID        uint64     `ch:"group_id"`
	Biz       string     `ch:"biz"`
	Name      string     `ch:"name"`
	Kind      string     `ch:"kind"`
	Subkind   string     `ch:"subkind"`
	Identity  string     `ch:"identity"`
	Content   string     `ch:"content"`
	Ext       string     `ch:"ext"`
	Realtime  uint8      `ch:"realtime"`
	Version   uint64     `ch:"version"`
	Status    string     `ch:"status"` // building, ready, failed, archived
	Reason    string     `ch:"reason"`
	Count     uint64     `ch:"count"` // members of the last version
	Unmatched uint64     `ch:"unmatched"`
	ParentID  uint64     `ch:"parent_id"`
	ExpiresAt *time.Time `ch:"expires_at"`
	ReadyAt   *time.Time `ch:"ready_at"`
	CreatedAt time.Time  `ch:"created_at"`
	UpdatedAt time.Time  `ch:"updated_at"`
	Seq       uint64     `ch:"seq"`
}

// GroupList asks for a page of groups, the newest first.
type GroupList struct {
	Biz    string
	Kind   string    // "" for all
	Status string    // "" for all
	Search string    // part of the name, whatever the case, or the id; "" for all
	Until  time.Time // those that expire until then and are not archived; zero for all
	Before uint64    // ids below this one; 0 for the first page
	Limit  int       // default 100
}

const groupColumns = `group_id, toString(biz) AS biz, name, toString(kind) AS kind, toString(subkind) AS subkind, toString(identity) AS identity,
  content, ext, realtime, version, toString(status) AS status, reason, counts.n AS count, unmatched, parent_id, expires_at, ready_at, created_at, updated_at, seq`

// groupsFrom joins groups with the size of their last version.
func groupsFrom(where string) string {
	return "SELECT " + groupColumns + " FROM (SELECT * FROM groups FINAL WHERE groups.biz = {biz:String}" + where + `) AS g
LEFT JOIN (SELECT group_id AS id, argMax(count, version) AS n FROM group_versions FINAL WHERE biz = {biz:String}%s GROUP BY group_id) AS counts ON g.group_id = counts.id`
}

func (l GroupList) sql() (string, []any) {
	where := ""
	args := []any{named("biz", l.Biz), named("limit", page(l.Limit))}
	if l.Kind != "" {
		where += " AND kind = {kind:String}"
		args = append(args, named("kind", l.Kind))
	}
	if l.Status != "" {
		where += " AND status = {status:String}"
		args = append(args, named("status", l.Status))
	}
	if l.Search != "" {
		is := "positionCaseInsensitiveUTF8(name, {search:String}) > 0"
		args = append(args, named("search", l.Search))
		if id, err := strconv.ParseUint(l.Search, 10, 64); err == nil {
			is = "(" + is + " OR group_id = {id:UInt64})"
			args = append(args, named("id", id))
		}
		where += " AND " + is
	}
	if !l.Until.IsZero() {
		where += " AND status != 'archived' AND expires_at <= fromUnixTimestamp64Milli({until:Int64})"
		args = append(args, named("until", l.Until.UnixMilli()))
	}
	if l.Before > 0 {
		where += " AND group_id < {before:UInt64}"
		args = append(args, named("before", l.Before))
	}
	where += " ORDER BY group_id DESC LIMIT {limit:UInt64}"
	return fill(groupsFrom(where), "") + "\nORDER BY group_id DESC", args
}

// Groups lists groups.
func (q *Queries) Groups(ctx context.Context, l GroupList) ([]Group, error) {
	sql, args := l.sql()
	return selectAll[Group](ctx, q, sql, args...)
}

// Group returns one group; fault.NotFound when there is none.
func (q *Queries) Group(ctx context.Context, biz string, id uint64) (*Group, error) {
	return selectOne[Group](ctx, q, noGroup(id),
		fill(groupsFrom(" AND group_id = {id:UInt64}"), " AND group_id = {id:UInt64}"), named("biz", biz), named("id", id))
}

// GroupVersion is one change of a group's members.
type GroupVersion struct {
	Version        uint64    `ch:"version"`
	Seq            uint64    `ch:"seq"`
	At             time.Time `ch:"at"`
	Op             string    `ch:"op"` // add, remove, replace
	UploadID       string    `ch:"upload_id"`
	PhonesUploadID string    `ch:"phones_upload_id"`
	Count          uint64    `ch:"count"` // members afterwards
	Added          uint64    `ch:"added"`
	Removed        uint64    `ch:"removed"`
	Unmatched      uint64    `ch:"unmatched"`
	Actor          string    `ch:"actor"`
	CommandID      string    `ch:"command_id"`
}

// GroupVersions lists a group's versions below before (0: all), the newest first.
func (q *Queries) GroupVersions(ctx context.Context, biz string, id, before uint64, limit int) ([]GroupVersion, error) {
	if before == 0 {
		before = ^uint64(0)
	}
	all, err := selectAll[GroupVersion](ctx, q, `SELECT version, seq, at, toString(op) AS op, upload_id, phones_upload_id, count, added, removed, unmatched, actor, command_id
FROM group_versions FINAL WHERE biz = {biz:String} AND group_id = {id:UInt64} AND version < {before:UInt64} ORDER BY version DESC LIMIT {limit:UInt64}`,
		named("biz", biz), named("id", id), named("before", before), named("limit", page(limit)))
	if err == nil && len(all) == 0 { // a group without versions, or no group
		_, err = q.Group(ctx, biz, id)
	}
	return all, err
}

func noGroup(id uint64) *fault.Error { return fault.New(fault.NotFound, "there is no group %d", id) }
