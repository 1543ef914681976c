// Package durable runs handlers over a durable pull consumer of JetStream: explicit
// acks, own growing delays, progress marks during long work, a confirmed ack at the
// end, and a lost consumer made again. Any number of processes may share one consumer.
//
// Delivery is at least once and, between processes, in no promised order: handlers
// must be idempotent and fenced by expected sequences. The package never drops a
// message that its handler did not give up explicitly.
package durable
