// Package segments is the language that says who: an expression over groups,
// tags and order counts, evaluated exactly.
//
// An expression has two forms that say the same thing, text for people,
//
//	group(12) and (tag(1) or tag(2)) and not group(9) and orders(days=2) > 2
//
// and JSON for programs ({"all":[...]}, {"any":[...]}, {"not":{...}},
// {"group":12}, {"tag":1}, {"orders":{"days":2,"more_than":2}}). Both parse to
// the same tree, and each has one canonical print: parsing a canonical print
// and printing it again gives the same bytes.
//
// A tree compiles to ClickHouse SQL over the read model's bitmaps, one per set
// and shard (shard = user_id >> 16). Boolean algebra happens per shard, on
// bitmaps; the cardinalities are summed. See Compile.
//
// The package knows no connection: it makes statements, others run them. It
// must never put a value into SQL text (values are named parameters), never
// expand a bitmap into rows to intersect it, and never evaluate by sampling.
package segments
