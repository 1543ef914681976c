// Package ledger is the arithmetic of sending at most once: one range of a campaign's audience, folded from its
// claims, releases and outcomes, and the decisions that may follow. It is pure: no clock, no network, no randomness.
//
// A user of a range is remaining, then claimed, then settled with one outcome. A claim is appended before the
// provider is called, and there is at most one for each user that has not been given back. A claim without an
// outcome is open; whoever takes the range over from a silent sender settles open claims as unknown. Unknown is the
// only outcome that may be replaced, and only by a definite one: by the first sender, if it was alive after all, or
// by a retry under the same idempotency key.
//
// A claim is given back (released) with proof: the sender that holds it offered the message, if at all, only to be
// told that the provider did not take it. A released user has not been sent anything; it is remaining again, and the
// next claim is as good as the first. Only what is open may be released, and only under the claim that holds it, so
// that nobody gives back what another has in hand or what was given up for unknown.
//
// It must never let a user be claimed who is claimed already, nor release one whom the provider may have taken, nor
// replace a definite outcome, nor lose a user.
package ledger
