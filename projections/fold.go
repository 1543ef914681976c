package projections

import (
	"context"
	"strconv"

	"muster/events"
)

// folder keeps one row per aggregate, which every event of the aggregate may change.
type folder[ID comparable, Row any] struct {
	aggregate string // whose events
	table     string
	columns   columns
	where     string                                        // finds rows by {ids:Array(...)}
	id        func(string) (ID, error)                      // from a subject
	head      func(*Row) (biz *string, id *ID, seq *uint64) // where a row keeps its key and the event it stands for
	fold      func(*Row, events.Event) (changed bool, err error)
}

type rowKey[ID comparable] struct {
	biz string
	id  ID
}

func (f folder[ID, Row]) key(r *Row) rowKey[ID] {
	biz, id, _ := f.head(r)
	return rowKey[ID]{*biz, *id}
}

// apply folds what of a batch is newer than a row into it, and writes the rows that
// changed as one block: the same batch once more changes nothing.
func (f folder[ID, Row]) apply(ctx context.Context, e *env, b *batch) error {
	var mine []events.Event
	var keys []rowKey[ID]
	var ids []ID
	seen := map[ID]bool{}
	for _, ev := range b.events {
		id, err := f.id(ev.Subject.ID)
		if ev.Subject.Aggregate != f.aggregate || err != nil { // a refusal may name its aggregate by something else
			continue
		}
		mine, keys = append(mine, ev), append(keys, rowKey[ID]{ev.Subject.Biz, id})
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	table := e.tables.of(f.table)
	rows, err := currentOf(ctx, e.db, "SELECT * FROM "+table+" FINAL WHERE "+f.where, ids, f.key)
	if err != nil {
		return err
	}
	changed := map[rowKey[ID]]*Row{}
	for i, ev := range mine {
		row := rows[keys[i]]
		if row == nil {
			row = new(Row)
			rows[keys[i]] = row
		}
		biz, id, seq := f.head(row)
		if *seq >= ev.Seq {
			continue
		}
		*biz, *id = keys[i].biz, keys[i].id
		touched, err := f.fold(row, ev)
		if err != nil {
			return err
		}
		if touched {
			*seq = ev.Seq
			changed[keys[i]] = row
		}
	}
	return insertStructs(ctx, e.db, table, f.columns, values(changed))
}

// currentOf reads rows by {ids:Array(...)}, however many ids there are.
func currentOf[ID, K comparable, Row any](ctx context.Context, db DB, sql string, ids []ID, key func(*Row) K) (map[K]*Row, error) {
	rows := map[K]*Row{}
	for part := range chunked(ids, maxInList) {
		found, err := current(ctx, db, sql, key, named("ids", part))
		if err != nil {
			return nil, err
		}
		for k, r := range found {
			rows[k] = r
		}
	}
	return rows, nil
}

// Ids in subjects are numbers, of groups and campaigns, or text.
func numberID(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }
func textID(s string) (string, error)   { return s, nil }
