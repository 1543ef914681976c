package projections

import (
	"context"
	"encoding/json"
	"time"

	"muster/events"
	"muster/internal/fault"
)

type bizRow struct {
	Biz       string    `ch:"biz"`
	Name      string    `ch:"name"`
	Timezone  string    `ch:"timezone"`
	Seq       uint64    `ch:"seq"`
	CreatedAt time.Time `ch:"created_at"`
	UpdatedAt time.Time `ch:"updated_at"`
}

type tagRow struct {
	Biz         string `ch:"biz"`
	TagID       uint32 `ch:"tag_id"`
	Name        string `ch:"name"`
	Description string `ch:"description"`
	Seq         uint64 `ch:"seq"`
}

type templateRow struct {
	Biz        string    `ch:"biz"`
	TemplateID string    `ch:"template_id"`
	Body       string    `ch:"body"` // events.Template as JSON
	Seq        uint64    `ch:"seq"`
	CreatedAt  time.Time `ch:"created_at"`
	UpdatedAt  time.Time `ch:"updated_at"`
}

// catalogProjection keeps product lines, names of tags, and templates: few rows,
// each replaced as a whole.
type catalogProjection struct{ *env }

func (p *catalogProjection) name() string     { return Catalog }
func (p *catalogProjection) tables() []string { return []string{"bizzes", "tags", "templates"} }

func (p *catalogProjection) apply(ctx context.Context, b *batch) error {
	bizzes, tags, templates := map[string]*bizRow{}, map[string]*tagRow{}, map[string]*templateRow{}
	for _, e := range b.events {
		id := e.Subject.Biz + "/" + e.Subject.ID
		switch e.Type {
		case events.TypeBizDefined:
			d, err := payload[events.BizDefined](p.catalog, e)
			if err != nil {
				return err
			}
			bizzes[id] = &bizRow{Biz: e.Subject.Biz, Name: d.Name, Timezone: d.Timezone, Seq: e.Seq, CreatedAt: first(bizzes[id], e.Time), UpdatedAt: e.Time}
		case events.TypeTagNamed:
			t, err := payload[events.TagNamed](p.catalog, e)
			if err != nil {
				return err
			}
			tags[id] = &tagRow{Biz: e.Subject.Biz, TagID: t.ID, Name: t.Name, Description: t.Description, Seq: e.Seq}
		case events.TypeTemplateDefined:
			t, err := payload[events.TemplateDefined](p.catalog, e)
			if err != nil {
				return err
			}
			body, err := json.Marshal(t.Template)
			if err != nil {
				return fault.Wrap(fault.Internal, err, "encode a template")
			}
			row := &templateRow{Biz: e.Subject.Biz, TemplateID: e.Subject.ID, Body: string(body), Seq: e.Seq, CreatedAt: e.Time, UpdatedAt: e.Time}
			if old := templates[id]; old != nil {
				row.CreatedAt = old.CreatedAt
			}
			templates[id] = row
		default:
			if _, known := p.catalog.Lookup(e.Type); !known && (e.Subject.Aggregate == "biz" || e.Subject.Aggregate == "tag" || e.Subject.Aggregate == "template") {
				return unknown(e)
			}
		}
	}
	if err := p.keepCreated(ctx, bizzes, templates); err != nil {
		return err
	}
	if err := insertStructs(ctx, p.db, p.env.tables.of("bizzes"), columns{"biz", "String", "name", "String", "timezone", "String",
		"seq", "UInt64", "created_at", "DateTime64(3, 'UTC')", "updated_at", "DateTime64(3, 'UTC')"}, values(bizzes)); err != nil {
		return err
	}
	if err := insertStructs(ctx, p.db, p.env.tables.of("tags"), columns{"biz", "LowCardinality(String)", "tag_id", "UInt32",
		"name", "String", "description", "String", "seq", "UInt64"}, values(tags)); err != nil {
		return err
	}
	return insertStructs(ctx, p.db, p.env.tables.of("templates"), columns{"biz", "LowCardinality(String)", "template_id", "String", "body", "String",
		"seq", "UInt64", "created_at", "DateTime64(3, 'UTC')", "updated_at", "DateTime64(3, 'UTC')"}, values(templates))
}

func first(old *bizRow, at time.Time) time.Time {
	if old != nil {
		return old.CreatedAt
	}
	return at
}

// keepCreated takes over from stored rows when their thing was made. It looks at
// every version stored, not only the last: after a repeated batch that may be newer.
func (p *catalogProjection) keepCreated(ctx context.Context, bizzes map[string]*bizRow, templates map[string]*templateRow) error {
	type made struct {
		Key string    `ch:"key"`
		At  time.Time `ch:"at"`
	}
	if len(bizzes) > 0 {
		old, err := current(ctx, p.db, "SELECT concat(biz, '/', biz) AS key, min(created_at) AS at FROM "+p.env.tables.of("bizzes")+" GROUP BY key",
			func(m *made) string { return m.Key })
		if err != nil {
			return err
		}
		for k, r := range bizzes {
			if m := old[k]; m != nil && m.At.Before(r.CreatedAt) {
				r.CreatedAt = m.At
			}
		}
	}
	if len(templates) == 0 {
		return nil
	}
	old, err := current(ctx, p.db, "SELECT concat(biz, '/', template_id) AS key, min(created_at) AS at FROM "+p.env.tables.of("templates")+" GROUP BY key",
		func(m *made) string { return m.Key })
	if err != nil {
		return err
	}
	for k, r := range templates {
		if m := old[k]; m != nil && m.At.Before(r.CreatedAt) {
			r.CreatedAt = m.At
		}
	}
	return nil
}
