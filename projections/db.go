package projections

import (
	"context"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// DB is what projections need of internal/clickhouse; *clickhouse.DB is one.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) error
	Select(ctx context.Context, dest any, sql string, args ...any) error
	Query(ctx context.Context, sql string, args ...any) (*clickhouse.Rows, error)
	PrepareBatch(ctx context.Context, insert string) (clickhouse.Batch, error)
	SendBatch(ctx context.Context, b clickhouse.Batch) error
	CreateLike(ctx context.Context, l clickhouse.Layout, table, like string) error
	DropTable(ctx context.Context, l clickhouse.Layout, table string) error
	AttachFrom(ctx context.Context, live, staging string) error
	Exchange(ctx context.Context, l clickhouse.Layout, a, b string) error
}

// named is a value for a {name:Type} placeholder.
func named(name string, value any) any { return clickhouse.Named(name, value) }

// rebuildSuffix marks the tables that a rebuild fills beside the live ones.
const rebuildSuffix = "__rebuild"

// tables names the tables of one run: the live ones, or those of a rebuild.
type tables struct{ suffix string }

func (t tables) of(base string) string { return base + t.suffix }

// columns of an insert with their types, so that the driver need not ask for them.
type columns []string // name, type, name, type, ...

func (c columns) names() string {
	var n []string
	for i := 0; i < len(c); i += 2 {
		n = append(n, c[i])
	}
	return strings.Join(n, ", ")
}

// insert sends one block of rows: all of them become visible at once. fill
// appends; without rows nothing is sent.
func insert(ctx context.Context, db DB, table string, cols columns, fill func(b clickhouse.Batch) error) error {
	types := make([]ch.ColumnNameAndType, 0, len(cols)/2)
	for i := 0; i < len(cols); i += 2 {
		types = append(types, ch.ColumnNameAndType{Name: cols[i], Type: cols[i+1]})
	}
	ctx = ch.Context(ctx, ch.WithColumnNamesAndTypes(types))
	b, err := db.PrepareBatch(ctx, "INSERT INTO "+clickhouse.Quote(table)+" ("+cols.names()+")")
	if err != nil {
		return err
	}
	if err := fill(b); err != nil {
		_ = b.Close()
		return fault.Wrap(fault.Internal, err, "fill a block for "+table)
	}
	if b.Rows() == 0 {
		return b.Close()
	}
	return db.SendBatch(ctx, b)
}

// insertStructs sends structs with `ch` tags as one block.
func insertStructs[T any](ctx context.Context, db DB, table string, cols columns, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return insert(ctx, db, table, cols, func(b clickhouse.Batch) error {
		for i := range rows {
			if err := b.AppendStruct(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
