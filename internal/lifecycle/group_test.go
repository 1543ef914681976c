package lifecycle_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"muster/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary keeps what happened, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) write(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

func (d *diary) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := d.read(); !slices.Equal(got, want) {
		t.Fatalf("happened %q, want %q", got, want)
	}
}

// server is a service that becomes ready after some time and stops some time
// after it was asked to.
func (d *diary) server(name string, readyIn, stopIn time.Duration) lifecycle.Service {
	ready := make(chan struct{})
	return lifecycle.Service{Name: name, Ready: ready, Run: func(ctx context.Context) error {
		d.write(name + " starts")
		select {
		case <-time.After(readyIn):
		case <-ctx.Done():
			d.write(name + " gives up")
			return ctx.Err()
		}
		d.write(name + " ready")
		close(ready)
		<-ctx.Done()
		<-time.After(stopIn)
		d.write(name + " stopped")
		return ctx.Err()
	}}
}

func group(s ...lifecycle.Service) *lifecycle.Group {
	return lifecycle.New(slog.New(slog.DiscardHandler), s...)
}

func TestStartsInOrderAndStopsInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		step := lifecycle.Service{Name: "migrate", Once: true, Run: func(context.Context) error {
			d.write("migrate")
			return nil
		}}
		g := group(d.server("nats", time.Second, time.Second), step, d.server("gateway", time.Millisecond, time.Second))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if err := g.Run(ctx); err != nil {
			t.Fatal(err)
		}
		d.expect(t, "nats starts", "nats ready", "migrate", "gateway starts", "gateway ready",
			"gateway stopped", "nats stopped")
		if left := g.Wait(t.Context()); left != nil {
			t.Fatalf("still running: %v", left)
		}
	})
}

func TestFirstFailureStopsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		broken := errors.New("disk full")
		g := group(
			d.server("nats", 0, 0),
			lifecycle.Service{Name: "sends", Run: func(context.Context) error {
				<-time.After(time.Minute)
				return broken
			}},
			d.server("gateway", 0, 0),
		)
		err := g.Run(t.Context())
		if !errors.Is(err, broken) || err.Error() != "sends: disk full" {
			t.Fatalf("Run returned %v", err)
		}
		d.expect(t, "nats starts", "nats ready", "gateway starts", "gateway ready", "gateway stopped", "nats stopped")
	})
}

func TestTheSecondFailureIsReportedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := errors.New("first"), errors.New("second")
		g := group(
			lifecycle.Service{Name: "a", Run: func(ctx context.Context) error {
				<-ctx.Done()
				return second
			}},
			lifecycle.Service{Name: "b", Run: func(context.Context) error { return first }},
		)
		err := g.Run(t.Context())
		if err == nil || err.Error() != "b: first\na: second" {
			t.Fatalf("Run returned %q", err)
		}
	})
}

func TestAServiceThatEndsByItselfIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := group(lifecycle.Service{Name: "reader", Run: func(context.Context) error { return nil }})
		if err := g.Run(t.Context()); !errors.Is(err, lifecycle.ErrEnded) {
			t.Fatalf("Run returned %v", err)
		}
	})
}

func TestAFailedStartStopsTheStarted(t *testing.T) {
	for name, last := range map[string]lifecycle.Service{
		"step fails": {Name: "migrate", Once: true, Run: func(context.Context) error { return errors.New("checksum") }},
		"never ready": {Name: "slow", Ready: make(chan struct{}), StartTimeout: time.Second,
			Run: func(ctx context.Context) error { <-ctx.Done(); return nil }},
		"fails before it is ready": {Name: "bind", Ready: make(chan struct{}),
			Run: func(context.Context) error { return errors.New("address in use") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				never := lifecycle.Service{Name: "never", Run: func(context.Context) error { d.write("never"); return nil }}
				// The channel of the table belongs to no bubble: give each run its own.
				if last.Ready != nil {
					last.Ready = make(chan struct{})
				}
				g := group(d.server("nats", 0, time.Second), last, never)
				if err := g.Start(t.Context()); err == nil {
					t.Fatal("Start succeeded")
				}
				d.expect(t, "nats starts", "nats ready", "nats stopped")
				if left := g.Wait(t.Context()); left != nil {
					t.Fatalf("still running: %v", left)
				}
			})
		})
	}
}

func TestStopWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		g := group(d.server("nats", 0, 0), d.server("engine", time.Hour, 0), d.server("gateway", 0, 0))
		time.AfterFunc(time.Second, func() { _ = g.Stop() })
		if err := g.Run(t.Context()); err != nil {
			t.Fatalf("Run returned %v", err)
		}
		d.expect(t, "nats starts", "nats ready", "engine starts", "engine gives up", "nats stopped")
	})
}

func TestTheContextEndsWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		g := group(d.server("nats", 0, 0), d.server("engine", 20*time.Second, 0))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.Run(ctx); err != nil {
			t.Fatalf("Run returned %v", err)
		}
		d.expect(t, "nats starts", "nats ready", "engine starts", "engine gives up", "nats stopped")
	})
}

func TestStopTwiceAndFromMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		g := group(d.server("nats", 0, time.Second), lifecycle.Service{Name: "bad", Run: func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("flush")
		}})
		if err := g.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := g.Stop(); err == nil || err.Error() != "bad: flush" {
					t.Errorf("Stop returned %v", err)
				}
			})
		}
		wg.Wait()
		d.expect(t, "nats starts", "nats ready", "nats stopped")
		if err := g.Start(t.Context()); err == nil {
			t.Fatal("a stopped group started again")
		}
	})
}

func TestStopBeforeStart(t *testing.T) {
	g := group(lifecycle.Service{Name: "x", Run: func(context.Context) error { return errors.New("ran") }})
	if err := g.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := g.Run(t.Context()); err != nil {
		t.Fatalf("Run returned %v", err)
	}
	if err := g.Start(t.Context()); err == nil {
		t.Fatal("a stopped group started")
	}
}

func TestOneThatDoesNotStopIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		free := make(chan struct{})
		stuck := lifecycle.Service{Name: "stuck", StopTimeout: time.Second, Run: func(context.Context) error {
			<-free
			return nil
		}}
		g := group(d.server("nats", 0, 0), stuck)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := g.Run(ctx)
		if err == nil || err.Error() != "stuck: still running after 1s" {
			t.Fatalf("Run returned %v", err)
		}
		d.expect(t, "nats starts", "nats ready", "nats stopped") // the others are not held up
		short, cancelShort := context.WithTimeout(t.Context(), time.Second)
		defer cancelShort()
		if left := g.Wait(short); !slices.Equal(left, []string{"stuck"}) {
			t.Fatalf("still running: %v", left)
		}
		close(free)
		if left := g.Wait(t.Context()); left != nil {
			t.Fatalf("still running: %v", left)
		}
	})
}
