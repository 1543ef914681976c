// Package imports turns a stream of bytes of any size into the chunk events of one
// upload: user ids, phones, users, tag assignments or orders, as CSV, lines, NDJSON
// or JSON, plain, gzip or zstd.
//
// Memory is constant whatever the stream's size: a record is at most Options.MaxRecord
// bytes, a chunk at most 256 KB, and few chunks wait between the parser and the log.
// A bad row is rejected with its line, field and reason and the rest goes on; what
// makes the whole stream doubtful (an unknown column, broken compression, a body cut
// off, a record that never ends) ends the upload, and nothing of it ever counts.
//
// It must never buffer a whole body, never make an upload count (that is a
// command's work), and never put a row's values into an error, an event or a log.
package imports
