// Package clickhouse is how Muster reaches ClickHouse: the connection (DB),
// the migrations, and the Server that keeps the embedded engine running as a
// child process. The same code talks to the embedded engine and to a
// ClickHouse cluster; only the DSN differs.
//
// It must never hold SQL of the domain, and never build SQL out of values:
// values are bound as parameters.
package clickhouse
