// Package verify proves, from the outside, that what Muster keeps agrees with itself:
// the log with its hashes, tag arrays with tag sets to the user, the two orders of
// the sets, counts of groups, and the books of every campaign with the ledger.
//
// It only reads, the log as any reader and the read model as any query. It must never
// repair what it finds.
package verify
