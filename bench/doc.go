// Package bench measures a running Muster through its doors, each figure beside a
// reference taken in the same run on the same machine, so that the ratio means
// something where the absolute figure does not. It drives the built binary and
// asserts nothing: people and scripts read the JSON.
package bench
