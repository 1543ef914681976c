// Package events is the truth of Muster: the event types, their envelope and
// subjects, the catalog of names and versions, and the store, which is the only
// code that appends.
//
// An aggregate is one subject of a stream. A decision is one atomic append with
// the expected last sequence of every subject it touches; a lost ack, a repeated
// command or a double click lands on the same events. Each event carries a hash
// over itself and over the event before it on its subject, and every reader of
// the log checks that stream sequences have no hole and that hashes chain.
//
// It must never delete or rewrite an event, never step over a hole, never append
// without an expectation, and never import anything that reads the log.
package events
