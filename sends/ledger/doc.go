// Package ledger is the arithmetic of sending at most once: one range of a campaign's audience, folded from its
// claims and outcomes, and the decisions that may follow. It is pure: no clock, no network, no randomness.
//
// A user of a range is remaining, then claimed, then settled with one outcome. A claim is appended before the
// provider is called and never repeated. A claim without an outcome is open; whoever takes the range over from a
// silent sender settles open claims as unknown. Unknown is the only outcome that may be replaced, and only by a
// definite one: by the first sender, if it was alive after all, or by a retry under the same idempotency key.
//
// It must never let a user be claimed twice, nor replace a definite outcome, nor lose a user.
package ledger
