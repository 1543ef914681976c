// Package schemas holds what the engines and the events are made to: the DDL of the
// read model as migrations, and a JSON Schema with a golden example for every event.
// It holds no code but the embedding, and imports nothing of Muster.
package schemas

import "embed"

// SQL holds the migrations NNNN_name.sql, applied once and in order.
//
//go:embed *.sql
var SQL embed.FS
