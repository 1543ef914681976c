// Package rows is the form in which uploads carry users, tags, orders and phones: CSV compressed
// with zstd, one chunk per event, so that `zstd -d` on a stored message shows plain text. It knows
// nothing of where rows come from or go to, and never changes a value.
package rows
