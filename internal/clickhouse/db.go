package clickhouse

import (
	"context"
	"io"
	"strings"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"muster/internal/fault"
)

// DB is a pool of connections to one database. Its errors carry a fault code,
// and a *ServerError where the server itself refused.
type DB struct {
	conn driver.Conn
	name string
}

// Batch is an INSERT that collects rows and sends them as one block.
type Batch = driver.Batch

// Open connects to the server that dsn names and asks it for a sign of life.
// "http://127.0.0.1:8123/muster" speaks HTTP, as the embedded engine does;
// "clickhouse://user:pass@host:9000/muster?secure=true" the native protocol.
// The database must exist; CreateDatabase makes it.
func Open(ctx context.Context, dsn string) (*DB, error) {
	opt, err := ch.ParseDSN(dsn)
	if err != nil {
		return nil, fault.Field("clickhouse", "not a ClickHouse URL: %v", err)
	}
	if !strings.Contains(dsn, "max_open_conns") {
		opt.MaxOpenConns, opt.MaxIdleConns = 32, 16
	}
	if opt.DialTimeout == 0 {
		opt.DialTimeout = 5 * time.Second
	}
	if opt.ReadTimeout == 0 { // over HTTP it bounds a whole INSERT ... SELECT; the context is the bound that counts
		opt.ReadTimeout = time.Hour
	}
	conn, err := ch.Open(opt)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "open ClickHouse")
	}
	db := &DB{conn: conn, name: opt.Auth.Database}
	if err := conn.Ping(ctx); err != nil {
		_ = conn.Close()
		return nil, wrap(ctx, err, "connect to ClickHouse")
	}
	return db, nil
}

// CreateDatabase makes the database that dsn names, if it is not there, and
// opens it. On a cluster the name of the cluster makes it on every node.
func CreateDatabase(ctx context.Context, dsn, cluster string) (*DB, error) {
	opt, err := ch.ParseDSN(dsn)
	if err != nil {
		return nil, fault.Field("clickhouse", "not a ClickHouse URL: %v", err)
	}
	name := opt.Auth.Database
	if name == "" || name == "default" {
		return Open(ctx, dsn)
	}
	opt.Auth.Database = "default"
	conn, err := ch.Open(opt)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "open ClickHouse")
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+Quote(name)+onCluster(cluster)); err != nil {
		return nil, wrap(ctx, err, "create the database "+name)
	}
	return Open(ctx, dsn)
}

// Name is the database's name.
func (db *DB) Name() string { return db.name }

// Close closes the pool.
func (db *DB) Close() error { return db.conn.Close() }

// Ping asks for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return wrap(ctx, db.conn.Ping(ctx), "ping ClickHouse") }

// Exec runs a statement that returns no rows.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) error {
	return wrap(ctx, db.conn.Exec(ctx, sql, args...), "run a ClickHouse statement")
}

// Select reads all rows of a query into dest, a pointer to a slice of structs with `ch` tags.
func (db *DB) Select(ctx context.Context, dest any, sql string, args ...any) error {
	return wrap(ctx, db.conn.Select(ctx, dest, sql, args...), "query ClickHouse")
}

// Query starts a query; the rows must be closed.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	rows, err := db.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(ctx, err, "query ClickHouse")
	}
	return &Rows{Rows: rows, ctx: ctx}, nil
}

// QueryRow reads the first row of a query. No row is fault.NotFound, and errors.Is(err, sql.ErrNoRows).
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) *Row {
	return &Row{row: db.conn.QueryRow(ctx, sql, args...), ctx: ctx}
}

// PrepareBatch starts an INSERT of rows: Append them, then SendBatch. Name the
// columns; the driver cannot encode AggregateFunction columns.
func (db *DB) PrepareBatch(ctx context.Context, insert string) (Batch, error) {
	b, err := db.conn.PrepareBatch(ctx, insert)
	return b, wrap(ctx, err, "prepare a ClickHouse insert")
}

// SendBatch stores a batch's rows. On success they are on disk. An error that
// is fault.Unavailable or fault.Timeout leaves open whether they are.
func (db *DB) SendBatch(ctx context.Context, b Batch) error {
	return wrap(ctx, b.Send(), "insert into ClickHouse")
}

// QueryFormat streams a query's output in a ClickHouse format. HTTP only.
func (db *DB) QueryFormat(ctx context.Context, format, sql string, args ...any) (io.ReadCloser, error) {
	r, err := db.conn.QueryFormat(ctx, format, sql, args...)
	return r, wrap(ctx, err, "query ClickHouse")
}

// Rows are a query's rows, as in database/sql.
type Rows struct {
	driver.Rows
	ctx context.Context //nolint:containedctx // tells a caller's deadline from a server's error
}

// Scan copies the current row's columns into dest.
func (r *Rows) Scan(dest ...any) error { return wrap(r.ctx, r.Rows.Scan(dest...), "read a row") }

// Err is what ended the rows early, nil after the last one.
func (r *Rows) Err() error { return wrap(r.ctx, r.Rows.Err(), "read rows from ClickHouse") }

// Row is the first row of a query.
type Row struct {
	row driver.Row
	ctx context.Context //nolint:containedctx // as in Rows
}

// Scan copies the row's columns into dest.
func (r *Row) Scan(dest ...any) error { return wrap(r.ctx, r.row.Scan(dest...), "query ClickHouse") }

// Quote writes a name (of a table, column or database) as SQL.
func Quote(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

// Named is a value for a {name:Type} placeholder.
func Named(name string, value any) any { return ch.Named(name, value) }
