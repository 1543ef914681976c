// Package chdb binds libchdb, ClickHouse's engine as a shared library, without
// cgo. It knows connections, statements, streams and inserts, and nothing of
// HTTP or of Muster.
//
// The rules of the library, which this package keeps:
//   - signal handlers are switched off before the first connection, or the
//     engine takes SIGSEGV and SIGURG away from the Go runtime;
//   - a process has one data directory, whatever the number of connections;
//   - a connection runs one statement at a time, so an Engine keeps a pool;
//   - results and insert streams are freed on every path.
//
// It must never build SQL out of values: values travel as parameters.
package chdb
