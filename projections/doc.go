// Package projections turns events into the rows of the read model, and can do it
// again from the beginning at any time.
//
// One loop per stream reads the log in order, without a hole, and hands every
// projection the same batch; only when all have applied it comes the next
// (lock-step). Each projection's position is stored after its rows. Rows carry the
// sequence of the last event they reflect: whoever applies an event to a row that
// reflects it already leaves the row alone. That makes a repeated batch, a crash
// between any two writes, and two runners at once harmless.
//
// Four arrows through the package: loop.go reads and cuts batches; stage.go
// collects what uploads carry until they are complete; one file per projection
// applies; atomic.go makes a big application visible at once.
//
// It must never append an event, never send anything, and never skip an event it
// cannot apply: such a projection stops, visibly, and the others go on.
package projections
