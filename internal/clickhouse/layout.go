package clickhouse

import (
	"context"
	"strings"
)

// Layout is the one setting that turns the same DDL into tables of a single
// server or of a cluster. Migrations see it as their template's dot.
type Layout struct {
	Cluster string // name of the ClickHouse cluster; "" for a single server
}

// OnCluster is the clause that a table's name is followed by, with a leading space; "" for a single server.
func (l Layout) OnCluster() string { return onCluster(l.Cluster) }

// Engine is a MergeTree engine with its arguments: {{.Engine "ReplacingMergeTree" "seq"}}.
// On a cluster it is the Replicated one, with the server's default path: that
// one is made of the table's UUID, so tables can be renamed and exchanged.
func (l Layout) Engine(name string, args ...string) string {
	if l.Cluster != "" {
		name = "Replicated" + name
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

func onCluster(cluster string) string {
	if cluster == "" {
		return ""
	}
	return " ON CLUSTER " + Quote(cluster)
}

// CreateLike makes an empty table of the same columns, order and settings as
// another, in place of one of that name that may be there: where a projection
// is rebuilt, or where a big change is staged.
func (db *DB) CreateLike(ctx context.Context, l Layout, table, like string) error {
	if err := db.DropTable(ctx, l, table); err != nil {
		return err
	}
	return db.Exec(ctx, "CREATE TABLE "+Quote(table)+l.OnCluster()+" AS "+Quote(like))
}

// DropTable drops a table, if it is there, and waits until its data is gone.
func (db *DB) DropTable(ctx context.Context, l Layout, table string) error {
	return db.Exec(ctx, "DROP TABLE IF EXISTS "+Quote(table)+l.OnCluster()+" SYNC")
}

// AttachFrom makes every row of the table staging visible in the table live at
// once, without copying them. Both are unpartitioned and of one structure;
// staging keeps its rows. Attaching the same staging twice gives the rows
// twice, which a ReplacingMergeTree forgives.
func (db *DB) AttachFrom(ctx context.Context, live, staging string) error {
	return db.Exec(ctx, "ALTER TABLE "+Quote(live)+" ATTACH PARTITION tuple() FROM "+Quote(staging))
}

// Exchange swaps two tables' names in one step: readers see either the one or
// the other, never neither.
func (db *DB) Exchange(ctx context.Context, l Layout, a, b string) error {
	return db.Exec(ctx, "EXCHANGE TABLES "+Quote(a)+" AND "+Quote(b)+l.OnCluster())
}
