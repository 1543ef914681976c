package projections

import (
	"context"
	"strconv"
	"time"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// campaignRow is a row of the table campaigns.
type campaignRow struct {
	Biz         string            `ch:"biz"`
	CampaignID  uint64            `ch:"campaign_id"`
	Seq         uint64            `ch:"seq"`
	Name        string            `ch:"name"`
	TemplateID  string            `ch:"template_id"`
	Channel     string            `ch:"channel"`
	Segment     string            `ch:"segment"`
	Variables   map[string]string `ch:"variables"`
	Status      string            `ch:"status"` // created, freezing, sending, paused, cancelled, failed, completed
	Reason      string            `ch:"reason"`
	Position    uint64            `ch:"position"` // sequence of the launch; 0 until the audience is frozen
	Audience    uint64            `ch:"audience"`
	Ranges      uint64            `ch:"ranges"`
	CreatedAt   time.Time         `ch:"created_at"`
	StartedAt   *time.Time        `ch:"started_at"`
	CompletedAt *time.Time        `ch:"completed_at"`
}

func campaignColumns() columns {
	return columns{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "seq", "UInt64", "name", "String", "template_id", "String",
		"channel", "LowCardinality(String)", "segment", "String", "variables", "Map(String, String)", "status", "LowCardinality(String)",
		"reason", "String", "position", "UInt64", "audience", "UInt64", "ranges", "UInt64", "created_at", "DateTime64(3, 'UTC')",
		"started_at", "Nullable(DateTime64(3, 'UTC'))", "completed_at", "Nullable(DateTime64(3, 'UTC'))"}
}

// campaignsProjection keeps campaigns and the ranges of their audiences.
type campaignsProjection struct{ *env }

func (p *campaignsProjection) name() string     { return Campaigns }
func (p *campaignsProjection) tables() []string { return []string{"campaigns", "audiences"} }

func (p *campaignsProjection) apply(ctx context.Context, b *batch) error {
	if err := p.applyRanges(ctx, b); err != nil {
		return err
	}
	return folder[uint64, campaignRow]{
		aggregate: "campaign", table: "campaigns", columns: campaignColumns(), where: "campaign_id IN {ids:Array(UInt64)}", id: numberID,
		head: func(r *campaignRow) (*string, *uint64, *uint64) { return &r.Biz, &r.CampaignID, &r.Seq },
		fold: p.fold,
	}.apply(ctx, p.env, b)
}

func (p *campaignsProjection) fold(row *campaignRow, e events.Event) (bool, error) {
	switch e.Type {
	case events.TypeCampaignCreated:
		c, err := payload[events.CampaignCreated](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Name, row.TemplateID, row.Segment, row.Status, row.CreatedAt = c.Name, c.Template, string(c.Where), "created", e.Time
		if c.Variables != nil {
			row.Variables = c.Variables
		}
	case events.TypeCampaignLaunched:
		l, err := payload[events.CampaignLaunched](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Channel, row.Segment, row.Status, row.StartedAt = l.Template.Channel, string(l.Where), "freezing", &e.Time
		if l.Variables != nil {
			row.Variables = l.Variables
		}
	case events.TypeCampaignAudienceFrozen:
		f, err := payload[events.CampaignAudienceFrozen](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Audience, row.Ranges, row.Position = f.Audience, f.Ranges, f.Position
		if row.Status == "freezing" {
			row.Status = "sending"
		}
	case events.TypeCampaignPaused:
		row.Status = "paused"
	case events.TypeCampaignResumed:
		row.Status = "sending"
		if row.Position == 0 { // an audience that is frozen may be empty
			row.Status = "freezing"
		}
	case events.TypeCampaignCancelled:
		row.Status = "cancelled"
	case events.TypeCampaignFailed:
		f, err := payload[events.CampaignFailed](p.catalog, e)
		if err != nil {
			return false, err
		}
		row.Status, row.Reason = "failed", f.Reason
	case events.TypeCampaignCompleted:
		if row.Status != "cancelled" {
			row.Status = "completed"
		}
		row.CompletedAt = &e.Time
	case events.TypeCommandRefused, events.TypeCommandNoop:
		return false, nil
	default:
		return false, unknown(e)
	}
	return true, nil
}

// applyRanges writes the ranges of audiences: each is written once and never changes.
func (p *campaignsProjection) applyRanges(ctx context.Context, b *batch) error {
	cols := columns{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "range", "UInt64", "seq", "UInt64",
		"from_user", "UInt64", "to_user", "UInt64", "users", "UInt64", "bytes", "String"}
	return insert(ctx, p.db, p.env.tables.of("audiences"), cols, func(blk clickhouse.Batch) error {
		for _, e := range b.events {
			if e.Type != events.TypeAudienceRange {
				continue
			}
			id, err := strconv.ParseUint(e.Subject.ID, 10, 64)
			if err != nil {
				return fault.Wrap(fault.Corrupt, err, "the campaign of an audience")
			}
			bm, err := decodePortable(e.Data)
			if err != nil {
				return err
			}
			var from, to uint64
			if !bm.IsEmpty() {
				from, to = bm.Minimum(), bm.Maximum()
			}
			state, err := encodeState(bm)
			if err != nil {
				return err
			}
			if err := blk.Append(e.Subject.Biz, id, e.Part, e.Seq, from, to, bm.GetCardinality(), state); err != nil {
				return err
			}
		}
		return nil
	})
}
