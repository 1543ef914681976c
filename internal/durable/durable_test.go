package durable_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"muster/events/natstest"
	"muster/internal/durable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// worker is a consumer on COMMANDS whose work is told over a channel.
type worker struct {
	n    *natstest.NATS
	t    testing.TB
	work func(subject string, try int) error
	done chan string // subjects, each time their work ends

	change func(*durable.Options)

	mu    sync.Mutex
	tries map[string]int
}

func newWorker(t testing.TB, n *natstest.NATS, work func(subject string, try int) error) *worker {
	return &worker{n: n, t: t, work: work, done: make(chan string, 1000), tries: map[string]int{}}
}

func (w *worker) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	opt := durable.Options{Stream: "COMMANDS", Name: "test", Lanes: 3, AckWait: 500 * time.Millisecond, Log: natstest.Quiet()}
	if w.change != nil {
		w.change(&opt)
	}
	go func() {
		ended <- durable.Run(ctx, w.n.JS, opt, func(m jetstream.Msg) (string, durable.Work) {
			lane := strings.Split(m.Subject(), ".")[2]
			return lane, func(context.Context, int) error {
				w.mu.Lock()
				w.tries[m.Subject()]++
				try := w.tries[m.Subject()]
				w.mu.Unlock()
				err := w.work(m.Subject(), try)
				w.done <- m.Subject()
				return err
			}
		})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

func (w *worker) publish(subjects ...string) {
	w.t.Helper()
	for _, s := range subjects {
		if _, err := w.n.JS.Publish(w.t.Context(), s, []byte("x")); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *worker) await(n int) []string {
	w.t.Helper()
	var got []string
	for range n {
		select {
		case s := <-w.done:
			got = append(got, s)
		case <-time.After(20 * time.Second):
			w.t.Fatalf("only %d of %d works ended: %v", len(got), n, got)
		}
	}
	return got
}

// pending is what the server still expects an ack of, or has not delivered.
func (w *worker) pending() int {
	w.t.Helper()
	i := w.info()
	return i.NumAckPending + int(i.NumPending)
}

func (w *worker) info() *jetstream.ConsumerInfo {
	w.t.Helper()
	c, err := w.n.JS.Consumer(w.t.Context(), "COMMANDS", "test")
	if err != nil {
		w.t.Fatal(err)
	}
	i, err := c.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

func TestOneLaneKeepsOrder(t *testing.T) {
	t.Parallel()
	w := newWorker(t, natstest.New(t), func(string, int) error { return nil })
	var sent []string
	for i := range 50 {
		sent = append(sent, fmt.Sprintf("cmd.demo.one.%02d", i))
	}
	w.publish(sent...)
	stop := w.run()
	if got := w.await(50); !slices.Equal(got, sent) {
		t.Fatalf("worked on in the order %v", got)
	}
	stop()
	if n := w.pending(); n != 0 {
		t.Fatalf("%d messages are not acked", n)
	}
}

func TestFailuresComeAgainAndDropsDoNot(t *testing.T) {
	t.Parallel()
	w := newWorker(t, natstest.New(t), func(subject string, try int) error {
		switch {
		case strings.HasSuffix(subject, "drop"):
			return &durable.DropError{Err: errors.New("never")}
		case strings.HasSuffix(subject, "later") && try == 1:
			return &durable.LaterError{Delay: 10 * time.Millisecond, Err: errors.New("not yet")}
		case strings.HasSuffix(subject, "fails") && try <= 2:
			return errors.New("away")
		}
		return nil
	})
	w.publish("cmd.demo.a.drop", "cmd.demo.b.later", "cmd.demo.c.fails")
	stop := w.run()
	got := w.await(6)
	slices.Sort(got)
	want := []string{"cmd.demo.a.drop", "cmd.demo.b.later", "cmd.demo.b.later", "cmd.demo.c.fails", "cmd.demo.c.fails", "cmd.demo.c.fails"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v", got)
	}
	stop()
	if n := w.pending(); n != 0 {
		t.Fatalf("%d messages are left", n)
	}
}

// Work that takes longer than AckWait, and what queues behind it, is delivered once.
func TestLongWorkIsNotRepeated(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	w := newWorker(t, natstest.New(t), func(subject string, _ int) error {
		if strings.HasSuffix(subject, "long") {
			<-release
		}
		return nil
	})
	w.publish("cmd.demo.a.long", "cmd.demo.a.behind")
	w.run()
	time.AfterFunc(1500*time.Millisecond, func() { close(release) }) // three times AckWait
	w.await(2)
	w.publish("cmd.demo.a.last")
	w.await(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, n := range w.tries {
		if n != 1 {
			t.Errorf("%s was worked on %d times", s, n)
		}
	}
}

// A burst is delivered once: nothing is dropped on the way and missed until AckWait.
func TestABurstIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	const burst = 400
	w := newWorker(t, natstest.New(t), func(string, int) error {
		<-time.After(time.Millisecond)
		return nil
	})
	for i := range burst {
		if _, err := w.n.JS.PublishAsync(fmt.Sprintf("cmd.demo.lane%d.%d", i%5, i), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	<-w.n.JS.PublishAsyncComplete()
	w.run()
	w.await(burst)
	c, err := w.n.JS.Consumer(t.Context(), "COMMANDS", "test")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.CachedInfo().Delivered.Consumer; got != burst {
		t.Errorf("%d messages were delivered %d times", burst, got)
	}
}

func TestALostConsumerIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorker(t, natstest.New(t), func(string, int) error { return nil })
	w.publish("cmd.demo.a.1")
	w.run()
	w.await(1)
	if err := w.n.JS.DeleteConsumer(t.Context(), "COMMANDS", "test"); err != nil {
		t.Fatal(err)
	}
	w.publish("cmd.demo.a.2")
	for !slices.Contains(w.await(1), "cmd.demo.a.2") { // the first one comes again too
	}
}

// Work that waits for a server that is gone keeps nobody from stopping: no test lasts as long as it may linger.
func TestStopWithoutAServer(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	begun := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- durable.Run(ctx, n.JS, durable.Options{Stream: "COMMANDS", Name: "test", Linger: time.Hour, Log: natstest.Quiet()},
			func(jetstream.Msg) (string, durable.Work) {
				return "", func(ctx context.Context, _ int) error {
					close(begun)
					<-ctx.Done()
					return ctx.Err()
				}
			})
	}()
	newWorker(t, n, nil).publish("cmd.demo.a.1")
	<-begun
	n.Stop()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStopHandsBack(t *testing.T) {
	t.Parallel()
	release, begun := make(chan struct{}), make(chan struct{}, 1)
	n := natstest.New(t)
	w := newWorker(t, n, func(subject string, _ int) error {
		if strings.HasSuffix(subject, "0") {
			begun <- struct{}{}
			<-release
		}
		return nil
	})
	for i := range 10 {
		w.publish(fmt.Sprintf("cmd.demo.one.%d", i))
	}
	stop := w.run()
	<-begun
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	time.AfterFunc(200*time.Millisecond, func() { close(release) })
	<-stopped
	if got := w.await(1); got[0] != "cmd.demo.one.0" {
		t.Fatalf("ended %v", got)
	}
	other := newWorker(t, n, func(string, int) error { return nil })
	other.run()
	got := other.await(9)
	slices.Sort(got)
	if got[0] != "cmd.demo.one.1" || got[8] != "cmd.demo.one.9" {
		t.Fatalf("the other process got %v", got)
	}
}
