// Package natsd runs a NATS server inside this process, from the same nats.conf
// that starts a plain nats-server, and makes connections the way Muster wants
// them.
//
// It must never handle signals, never exit the process, and never run two servers
// over one store: a lock file in the store's directory prevents that.
package natsd
