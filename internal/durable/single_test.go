package durable_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events/natstest"
	"muster/internal/durable"
)

// A lane that fetches for itself takes nothing while it works, so that what one process cannot begin is free for others.
func TestASingleLaneKeepsNothingWaiting(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	begun, release := make(chan string, 10), make(chan struct{})
	acked := make(chan string, 10)
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	single := func(lanes int) *worker {
		w := newWorker(t, n, func(subject string, _ int) error {
			begun <- subject
			<-release
			return nil
		})
		w.change = func(o *durable.Options) {
			o.Single, o.Lanes, o.Acked = true, lanes, func(m jetstream.Msg) { acked <- m.Subject() }
		}
		return w
	}
	first := single(2)
	for i := range 6 {
		first.publish(fmt.Sprintf("cmd.demo.one.%d", i)) // all of one key
	}
	first.run()
	await(t, begun, 2)
	info := first.info()
	if info.NumAckPending != 2 || info.NumPending != 4 || info.NumWaiting != 0 {
		t.Fatalf("%d messages are in hand, %d are free, %d are asked for", info.NumAckPending, info.NumPending, info.NumWaiting)
	}
	single(3).run()
	await(t, begun, 3)
	if info := first.info(); info.NumAckPending != 5 || info.NumPending != 1 {
		t.Fatalf("%d messages are in hand, %d are free", info.NumAckPending, info.NumPending)
	}
	free()
	await(t, begun, 1)
	await(t, acked, 6)
	if left := first.pending(); left != 0 { // acked is told after the server knows
		t.Fatalf("%d messages are not acked", left)
	}
}

// However many lanes there are, the server is asked for their consumer once.
func TestSingleLanesShareTheirConsumer(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	other, err := nats.Connect(n.Conn.ConnectedUrl()) // a connection does not hear itself
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	asked, err := other.SubscribeSync("$JS.API.CONSUMER.CREATE.COMMANDS.>")
	if err == nil {
		err = other.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	const lanes = 20
	begun, release := make(chan string, lanes), make(chan struct{})
	w := newWorker(t, n, func(subject string, _ int) error {
		begun <- subject
		<-release
		return nil
	})
	w.change = func(o *durable.Options) { o.Single, o.Lanes = true, lanes }
	for i := range lanes {
		w.publish(fmt.Sprintf("cmd.demo.one.%d", i))
	}
	w.run()
	await(t, begun, lanes) // each of them has the consumer
	close(release)
	if _, err := asked.NextMsg(time.Second); err != nil {
		t.Fatalf("the consumer was made without a request: %v", err)
	}
	if err := other.Flush(); err != nil {
		t.Fatal(err)
	}
	if more, _, err := asked.Pending(); err != nil || more != 0 {
		t.Errorf("the server was asked %d more times: %v", more, err)
	}
}

func await(t *testing.T, from <-chan string, n int) {
	t.Helper()
	for i := range n {
		select {
		case <-from:
		case <-time.After(20 * time.Second):
			t.Fatalf("only %d of %d came", i, n)
		}
	}
}
