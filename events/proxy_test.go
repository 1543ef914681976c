package events_test

import (
	"bytes"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events/natstest"
	"muster/internal/natsd"
)

// lossyProxy stands between a client and the server. When told to, it drops the
// connection in place of the next ack that says that something was stored.
type lossyProxy struct {
	js             jetstream.JetStream
	cutAfterStored atomic.Bool
	cuts           atomic.Int32
}

func newLossyProxy(t *testing.T, target string) *lossyProxy {
	t.Helper()
	p := &lossyProxy{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			go pump(server, client, func([]byte) bool { return true })
			go pump(client, server, p.pass)
		}
	}()
	nc, err := natsd.Connect("nats://"+ln.Addr().String(), "lossy", natstest.Quiet(),
		nats.IgnoreDiscoveredServers(), nats.ReconnectWait(5*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if p.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		_ = ln.Close()
	})
	return p
}

func (p *lossyProxy) pass(chunk []byte) bool {
	if bytes.Contains(chunk, []byte(`{"stream":"EVENTS"`)) && p.cutAfterStored.CompareAndSwap(true, false) {
		p.cuts.Add(1)
		return false
	}
	return true
}

func pump(dst, src net.Conn, pass func([]byte) bool) {
	defer func() { _, _ = dst.Close(), src.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if !pass(buf[:n]) {
				return
			}
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
