package projections

import (
	"context"
	"strconv"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// deliveriesProjection keeps the outcomes that the ledger tells, one row per
// status, code and event. Claims leave no row, nor does giving them back: a claimed
// user without an outcome is pending, like one not yet claimed.
type deliveriesProjection struct{ *env }

func (p *deliveriesProjection) name() string     { return Deliveries }
func (p *deliveriesProjection) tables() []string { return []string{"deliveries"} }

func deliveryColumns() columns {
	return columns{"biz", "LowCardinality(String)", "campaign_id", "UInt64", "range", "UInt64", "seq", "UInt64", "part", "UInt32",
		"status", "LowCardinality(String)", "code", "LowCardinality(String)", "reason", "String", "at", "DateTime64(3, 'UTC')",
		"from_user", "UInt64", "to_user", "UInt64", "users", "UInt64", "bytes", "String"}
}

func (p *deliveriesProjection) apply(ctx context.Context, b *batch) error {
	return insert(ctx, p.db, p.env.tables.of("deliveries"), deliveryColumns(), func(blk clickhouse.Batch) error {
		for _, e := range b.events {
			switch e.Type {
			case events.TypeLedgerClaimed, events.TypeLedgerReleased:
			case events.TypeLedgerOutcomes:
				if err := p.append(blk, e); err != nil {
					return err
				}
			default:
				return unknown(e)
			}
		}
		return nil
	})
}

func (p *deliveriesProjection) append(blk clickhouse.Batch, e events.Event) error {
	o, err := payload[events.LedgerOutcomes](p.catalog, e)
	if err != nil {
		return err
	}
	campaign, err1 := strconv.ParseUint(e.Subject.Aggregate, 10, 64)
	rng, err2 := strconv.ParseUint(e.Subject.ID, 10, 64)
	if err1 != nil || err2 != nil {
		return fault.New(fault.Corrupt, "a ledger subject names campaign and range by number")
	}
	for i, r := range o.Results {
		bm, err := decodePortable(r.Users)
		if err != nil {
			return err
		}
		if bm.IsEmpty() {
			continue
		}
		state, err := encodeState(bm)
		if err != nil {
			return err
		}
		if err := blk.Append(e.Subject.Biz, campaign, rng, e.Seq, uint32(i), string(r.Status), r.Code, r.Reason, e.Time,
			bm.Minimum(), bm.Maximum(), bm.GetCardinality(), state); err != nil {
			return err
		}
	}
	return nil
}
