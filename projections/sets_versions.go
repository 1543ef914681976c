package projections

import (
	"context"
	"time"

	"muster/internal/clickhouse"
)

// versionRow is a row of the table group_versions.
type versionRow struct {
	Biz            string    `ch:"biz"`
	GroupID        uint64    `ch:"group_id"`
	Version        uint64    `ch:"version"`
	Seq            uint64    `ch:"seq"`
	At             time.Time `ch:"at"`
	Op             string    `ch:"op"`
	UploadID       string    `ch:"upload_id"`
	PhonesUploadID string    `ch:"phones_upload_id"`
	Count          uint64    `ch:"count"`
	Added          uint64    `ch:"added"`
	Removed        uint64    `ch:"removed"`
	Unmatched      uint64    `ch:"unmatched"`
	Actor          string    `ch:"actor"`
	CommandID      string    `ch:"command_id"`
}

func versionColumns() columns {
	return columns{"biz", "LowCardinality(String)", "group_id", "UInt64", "version", "UInt64", "seq", "UInt64", "at", "DateTime64(3, 'UTC')",
		"op", "LowCardinality(String)", "upload_id", "String", "phones_upload_id", "String", "count", "UInt64", "added", "UInt64",
		"removed", "UInt64", "unmatched", "UInt64", "actor", "String", "command_id", "String"}
}

// versions writes the rows of the changes of groups in a fold: before the sets
// change, and each only once, because after them the difference can no longer be
// seen. What is stored is read after the sets were: who has changed the sets of a
// version has written its row before.
func (p *setsProjection) versions(ctx context.Context, fold []*change) error {
	var ids []uint64
	for _, c := range fold {
		if c.group != nil {
			ids = append(ids, c.group.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	counts, written, err := p.counts(ctx, fold, ids)
	if err != nil {
		return err
	}
	var rows []versionRow
	for _, c := range fold {
		g := c.group
		if g == nil {
			continue
		}
		if n, done := written[[2]uint64{g.id, g.body.Version}]; done {
			counts[g.id] = n
			continue
		}
		counts[g.id] += g.added - g.removed
		rows = append(rows, versionRow{Biz: c.biz, GroupID: g.id, Version: g.body.Version, Seq: c.seq, At: g.event.Time, Op: string(g.op),
			UploadID: g.body.UploadID, PhonesUploadID: g.body.PhonesUploadID, Count: counts[g.id], Added: g.added, Removed: g.removed,
			Unmatched: g.body.Unmatched, Actor: g.event.Actor, CommandID: g.event.CommandID})
	}
	return insertStructs(ctx, p.db, p.env.tables.of("group_versions"), versionColumns(), rows)
}

// counts reads how many members groups had before a fold, and the versions of the
// fold that are written already, with their counts.
func (p *setsProjection) counts(ctx context.Context, fold []*change, ids []uint64) (before map[uint64]uint64, written map[[2]uint64]uint64, err error) {
	before, written = map[uint64]uint64{}, map[[2]uint64]uint64{}
	from := " FROM " + p.env.tables.of("group_versions") + " FINAL WHERE biz = {biz:String} AND group_id IN {ids:Array(UInt64)} AND seq "
	for part := range chunked(groupsOrOne(ids), maxInList) {
		args := []any{named("biz", fold[0].biz), named("ids", part), named("from", fold[0].seq)}
		sql := "SELECT group_id, version, count, toUInt8(1)" + from + ">= {from:UInt64} UNION ALL SELECT group_id, max(version), argMax(count, version), toUInt8(0)" +
			from + "< {from:UInt64} GROUP BY group_id"
		if err := eachRow(ctx, p.db, sql, args, func(r *clickhouse.Rows) error {
			var id, version, count uint64
			var done uint8
			if err := r.Scan(&id, &version, &count, &done); err != nil {
				return err
			}
			if done == 1 {
				written[[2]uint64{id, version}] = count
			} else {
				before[id] = count
			}
			return nil
		}); err != nil {
			return nil, nil, err
		}
	}
	return before, written, nil
}
