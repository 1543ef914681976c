package projections

import (
	"context"
	"encoding/json"
	"time"

	"muster/events"
	"muster/internal/fault"
)

// uploadRow is a row of the table uploads: how far a bulk stream has come.
type uploadRow struct {
	Biz        string     `ch:"biz"`
	UploadID   string     `ch:"upload_id"`
	Seq        uint64     `ch:"seq"`
	Target     string     `ch:"target"`
	GroupID    uint64     `ch:"group_id"`
	Status     string     `ch:"status"` // started, completed, abandoned
	Rows       uint64     `ch:"rows"`
	Accepted   uint64     `ch:"accepted"`
	Rejected   uint64     `ch:"rejected"`
	Chunks     uint64     `ch:"chunks"`
	Rejections string     `ch:"rejections"` // JSON list of events.Rejection
	Reason     string     `ch:"reason"`
	StartedAt  time.Time  `ch:"started_at"`
	EndedAt    *time.Time `ch:"ended_at"`
}

func uploadColumns() columns {
	return columns{"biz", "LowCardinality(String)", "upload_id", "String", "seq", "UInt64", "target", "LowCardinality(String)",
		"group_id", "UInt64", "status", "LowCardinality(String)", "rows", "UInt64", "accepted", "UInt64", "rejected", "UInt64",
		"chunks", "UInt64", "rejections", "String", "reason", "String",
		"started_at", "DateTime64(3, 'UTC')", "ended_at", "Nullable(DateTime64(3, 'UTC'))"}
}

// uploadsProjection keeps the progress of uploads; their rows are others' business.
type uploadsProjection struct{ *env }

func (p *uploadsProjection) name() string     { return Uploads }
func (p *uploadsProjection) tables() []string { return []string{"uploads"} }

func (p *uploadsProjection) apply(ctx context.Context, b *batch) error {
	return folder[string, uploadRow]{
		aggregate: "upload", table: "uploads", columns: uploadColumns(), where: "upload_id IN {ids:Array(String)}", id: textID,
		head: func(r *uploadRow) (*string, *string, *uint64) { return &r.Biz, &r.UploadID, &r.Seq },
		fold: p.fold,
	}.apply(ctx, p.env, b)
}

func (p *uploadsProjection) fold(row *uploadRow, e events.Event) (bool, error) {
	switch e.Type {
	case events.TypeUploadStarted:
		s, err := payload[events.UploadStarted](p.catalog, e)
		if err != nil {
			return false, err
		}
		*row = uploadRow{Biz: row.Biz, UploadID: row.UploadID, Target: string(s.Target), GroupID: s.GroupID,
			Status: "started", StartedAt: e.Time}
	case events.TypeUploadIDs, events.TypeUploadPhones, events.TypeUploadUsers, events.TypeUploadTags, events.TypeUploadOrders:
		row.Chunks++
		row.Rows += e.Count
		row.Accepted += e.Count
	case events.TypeUploadUnmatched:
		row.Chunks++
	case events.TypeUploadRejected:
		r, err := payload[events.UploadRejected](p.catalog, e)
		if err != nil {
			return false, err
		}
		return true, row.reject(r.Rejected)
	case events.TypeUploadCompleted:
		c, err := payload[events.UploadCompleted](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Status, row.Rows, row.Accepted, row.Rejected, row.Chunks = "completed", c.Rows, c.Accepted, c.Rejected, c.Chunks
		row.EndedAt = &e.Time
	case events.TypeUploadAbandoned:
		a, err := payload[events.UploadAbandoned](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Status, row.Reason, row.EndedAt = "abandoned", a.Reason, &e.Time
	case events.TypeCommandRefused, events.TypeCommandNoop:
		return false, nil
	default:
		return false, unknown(e)
	}
	return true, nil
}

// reject adds rejected rows to those kept.
func (r *uploadRow) reject(more []events.Rejection) error {
	var kept []events.Rejection
	if r.Rejections != "" {
		if err := json.Unmarshal([]byte(r.Rejections), &kept); err != nil {
			return fault.Wrap(fault.Corrupt, err, "rejections of an upload")
		}
	}
	out, err := json.Marshal(append(kept, more...))
	if err != nil {
		return fault.Wrap(fault.Internal, err, "rejections of an upload")
	}
	r.Rejections = string(out)
	return nil
}
