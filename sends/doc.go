// Package sends carries a launched campaign out: it freezes the audience into ranges (freezer), hands ranges to
// senders (dispatcher), and sends each range with a claim before and an outcome after every call (sender). It is
// the only package that has an effect on the world, and nothing that replays events reaches it.
//
// Any number of processes may run it at once and any of them may be killed at any moment. What keeps order is not
// who runs but the log: ranges are appended once, and a range's ledger is written only by who knows its last event.
// The freezer and the dispatcher go on after a crash where the log says they were; a sender that takes a range
// over settles what its predecessor left claimed as unknown.
//
// It must never call a provider for a user without a claim of its own, never claim a user who is claimed already, give
// back only whom the provider provably did not take, never ack a range before all its users have outcomes, and never
// write an address or a text into the log.
package sends
