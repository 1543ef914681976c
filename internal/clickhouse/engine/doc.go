// Package engine serves the embedded ClickHouse over ClickHouse's own HTTP
// interface, so that clickhouse-go, curl and every other client see one more
// ClickHouse server. It listens on loopback only and refuses what a web page
// could send, because the embedded engine has no passwords.
//
// It must never interpret data: statements go to the engine's parser, values
// travel as parameters, rows stream through untouched.
//
// Protocol: https://clickhouse.com/docs/interfaces/http
package engine
