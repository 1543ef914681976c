package projections

import (
	"context"
	"time"

	"muster/events"
)

// groupRow is a row of the table groups.
type groupRow struct {
	Biz       string     `ch:"biz"`
	GroupID   uint64     `ch:"group_id"`
	Seq       uint64     `ch:"seq"`
	Name      string     `ch:"name"`
	Kind      string     `ch:"kind"`
	Subkind   string     `ch:"subkind"`
	Identity  string     `ch:"identity"`
	Content   string     `ch:"content"`
	Ext       string     `ch:"ext"`
	Realtime  uint8      `ch:"realtime"`
	Version   uint64     `ch:"version"`
	Status    string     `ch:"status"`
	Reason    string     `ch:"reason"`
	Unmatched uint64     `ch:"unmatched"`
	ParentID  uint64     `ch:"parent_id"`
	ExpiresAt *time.Time `ch:"expires_at"`
	ReadyAt   *time.Time `ch:"ready_at"`
	CreatedAt time.Time  `ch:"created_at"`
	UpdatedAt time.Time  `ch:"updated_at"`
}

func groupColumns() columns {
	return columns{"biz", "LowCardinality(String)", "group_id", "UInt64", "seq", "UInt64", "name", "String",
		"kind", "LowCardinality(String)", "subkind", "LowCardinality(String)", "identity", "LowCardinality(String)",
		"content", "String", "ext", "String", "realtime", "UInt8", "version", "UInt64", "status", "LowCardinality(String)",
		"reason", "String", "unmatched", "UInt64", "parent_id", "UInt64",
		"expires_at", "Nullable(DateTime64(3, 'UTC'))", "ready_at", "Nullable(DateTime64(3, 'UTC'))",
		"created_at", "DateTime64(3, 'UTC')", "updated_at", "DateTime64(3, 'UTC')"}
}

// groupsProjection keeps what a group is; who is in it is the sets' business.
type groupsProjection struct{ *env }

func (p *groupsProjection) name() string     { return Groups }
func (p *groupsProjection) tables() []string { return []string{"groups"} }

func (p *groupsProjection) apply(ctx context.Context, b *batch) error {
	return folder[uint64, groupRow]{
		aggregate: "group", table: "groups", columns: groupColumns(), where: "group_id IN {ids:Array(UInt64)}", id: numberID,
		head: func(r *groupRow) (*string, *uint64, *uint64) { return &r.Biz, &r.GroupID, &r.Seq },
		fold: p.fold,
	}.apply(ctx, p.env, b)
}

func (p *groupsProjection) fold(row *groupRow, e events.Event) (bool, error) {
	switch e.Type {
	case events.TypeGroupCreated:
		g, err := payload[events.GroupCreated](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Name, row.Kind, row.Subkind, row.Identity = g.Name, g.Kind, g.Subkind, g.Identity
		row.Content, row.Ext, row.ParentID, row.ExpiresAt = string(g.Content), string(g.Ext), g.ParentID, g.ExpiresAt
		row.Realtime, row.CreatedAt = boolByte(g.Realtime), e.Time
		// An empty group of ids is usable at once; a file has to be read first.
		row.Status = "building"
		if g.Kind == "ids" {
			row.Status, row.ReadyAt = "ready", &e.Time
		}
	case events.TypeGroupResolveRequested, events.TypeGroupRebuildRequested:
		row.Status, row.Reason = "building", ""
	case events.TypeGroupMembersChanged:
		c, err := payload[events.GroupMembersChanged](p.catalog, e)
		if err != nil {
			return false, err
		}
		if c.Op == events.OpReplace { // those before it are no more about the members there are
			row.Unmatched = 0
		}
		row.Version, row.Status, row.Reason, row.ReadyAt = c.Version, "ready", "", &e.Time
		row.Unmatched += c.Unmatched
	case events.TypeGroupFailed:
		f, err := payload[events.GroupFailed](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Status, row.Reason = "failed", f.Reason
	case events.TypeGroupArchived:
		a, err := payload[events.GroupArchived](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Status, row.Reason = "archived", a.Reason
	case events.TypeCommandRefused, events.TypeCommandNoop:
		return false, nil
	default:
		return false, unknown(e)
	}
	row.UpdatedAt = e.Time
	return true, nil
}
