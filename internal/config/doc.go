// Package config is the configuration of a process: one struct, filled from one
// file, then the environment, then flags, where the later wins, and validated as
// a whole. Every problem is listed at once, with the place it comes from.
//
// One table (settings.go) names every setting. Its path is the key in the file
// (`nats.listen` is `listen` under `nats`), in capitals with MUSTER_ before it
// the name in the environment (MUSTER_NATS_LISTEN), and what flags are bound to.
//
// What an operator changes while the house runs (chunk size, rate limits, quiet
// hours) is a runtime setting and does not belong here. The package opens no
// connection, and it never prints a secret: those are of type [Secret] or [URL].
package config
