// Package natstest gives tests an embedded NATS server of their own: random port,
// temporary store, streams in place. It must never be imported by anything but
// tests.
package natstest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/natsd"
)

// NATS is a server with a connection to it.
type NATS struct {
	Server *natsd.Server
	Conn   *nats.Conn // over TCP, as in production
	JS     jetstream.JetStream
	Store  *events.Store
	Dir    string // the server's store
	Addr   string // host:port; the same after Restart

	t   testing.TB
	log *slog.Logger
}

// New starts a server with all streams. It stops when the test ends.
func New(t testing.TB) *NATS {
	t.Helper()
	n := &NATS{t: t, Dir: t.TempDir(), Addr: "127.0.0.1:0", log: Quiet()}
	n.start()
	t.Cleanup(func() {
		n.Conn.Close()
		_ = n.Server.Shutdown()
	})
	n.Conn = n.Connect()
	var err error
	if n.JS, err = jetstream.New(n.Conn); err != nil {
		t.Fatal(err)
	}
	if _, err := events.EnsureStreams(context.Background(), n.JS, events.StreamsConfig{}); err != nil {
		t.Fatal(err)
	}
	n.Store = events.NewStore(n.JS, events.StoreOptions{})
	return n
}

// Quiet is a log that nobody reads.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (n *NATS) start() {
	n.t.Helper()
	s, err := natsd.Start(context.Background(), natsd.Options{StoreDir: n.Dir, Addr: n.Addr, Log: n.log})
	if err != nil {
		n.t.Fatal(err)
	}
	n.Server, n.Addr = s, s.Addr()
}

// Stop stops the server; connections begin to reconnect.
func (n *NATS) Stop() {
	n.t.Helper()
	if err := n.Server.Shutdown(); err != nil {
		n.t.Fatal(err)
	}
}

// Restart stops the server if it still runs, and starts it on the same port and store.
func (n *NATS) Restart() {
	n.t.Helper()
	n.Stop()
	n.start()
}

// Connect makes one more connection, closed with the test.
func (n *NATS) Connect(opts ...nats.Option) *nats.Conn {
	n.t.Helper()
	nc, err := natsd.Connect(n.Server.URL(), n.t.Name(), n.log, opts...)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(nc.Close)
	return nc
}
