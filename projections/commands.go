package projections

import (
	"context"
	"time"

	"muster/events"
)

// commandRow is a row of the table commands: what became of one command.
type commandRow struct {
	Biz         string    `ch:"biz"`
	CommandID   string    `ch:"command_id"`
	Seq         uint64    `ch:"seq"`
	Type        string    `ch:"type"` // of the event that says so
	Actor       string    `ch:"actor"`
	Status      string    `ch:"status"` // running, completed, refused
	Code        string    `ch:"code"`
	Field       string    `ch:"field"`
	Reason      string    `ch:"reason"`
	Aggregate   string    `ch:"aggregate"`
	AggregateID string    `ch:"aggregate_id"`
	At          time.Time `ch:"at"`
}

func commandColumns() columns {
	return columns{"biz", "LowCardinality(String)", "command_id", "String", "seq", "UInt64", "type", "LowCardinality(String)",
		"actor", "String", "status", "LowCardinality(String)", "code", "LowCardinality(String)", "field", "String",
		"reason", "String", "aggregate", "LowCardinality(String)", "aggregate_id", "String", "at", "DateTime64(3, 'UTC')"}
}

// commandsProjection says of every command how it ended, by events.Settles.
type commandsProjection struct{ *env }

func (p *commandsProjection) name() string     { return Commands }
func (p *commandsProjection) tables() []string { return []string{"commands"} }

func (p *commandsProjection) apply(ctx context.Context, b *batch) error {
	roots, err := p.roots(ctx, b)
	if err != nil {
		return err
	}
	changed := map[string]*commandRow{}
	for _, e := range b.events {
		status := events.Settles(e.Type)
		if status == events.Unsettled || e.CommandID == "" {
			continue
		}
		row, err := p.row(e, status)
		if err != nil {
			return err
		}
		if old := changed[e.CommandID]; old == nil || old.Seq < e.Seq {
			changed[e.CommandID] = &row
		}
		// What a follow-up command comes to is the root's result only while the root waits for it.
		root := e.Correlation
		if root == "" || root == e.CommandID {
			continue
		}
		was := changed[root]
		if was == nil {
			was = roots[root]
		}
		if was == nil || was.Status == string(events.Running) && was.Seq < e.Seq {
			follow := row
			follow.CommandID = root
			changed[root] = &follow
		}
	}
	return insertStructs(ctx, p.db, p.env.tables.of("commands"), commandColumns(), values(changed))
}

// roots reads what is known of the commands that others of the batch follow from.
func (p *commandsProjection) roots(ctx context.Context, b *batch) (map[string]*commandRow, error) {
	var ids []string
	seen := map[string]bool{}
	for _, e := range b.events {
		if c := e.Correlation; c != "" && c != e.CommandID && !seen[c] && events.Settles(e.Type) != events.Unsettled {
			seen[c] = true
			ids = append(ids, c)
		}
	}
	return currentOf(ctx, p.db, "SELECT * FROM "+p.env.tables.of("commands")+" FINAL WHERE command_id IN {ids:Array(String)}", ids,
		func(r *commandRow) string { return r.CommandID })
}

func (p *commandsProjection) row(e events.Event, status events.Settlement) (commandRow, error) {
	row := commandRow{Biz: e.Subject.Biz, CommandID: e.CommandID, Seq: e.Seq, Type: string(e.Type), Actor: e.Actor,
		Status: string(status), Aggregate: e.Subject.Aggregate, AggregateID: e.Subject.ID, At: e.Time}
	switch e.Type {
	case events.TypeCommandRefused:
		r, err := payload[events.CommandRefused](p.catalog, e)
		if err != nil {
			return row, err
		}
		row.Code, row.Field, row.Reason = r.Code, r.Field, r.Reason
	case events.TypeCommandNoop:
		n, err := payload[events.CommandNoop](p.catalog, e)
		if err != nil {
			return row, err
		}
		row.Reason = n.Reason
	case events.TypeGroupFailed:
		f, err := payload[events.GroupFailed](p.catalog, e)
		if err != nil {
			return row, err
		}
		row.Code, row.Reason = "invalid", f.Reason
	default:
		if _, known := p.catalog.Lookup(e.Type); !known {
			return row, unknown(e)
		}
	}
	return row, nil
}
