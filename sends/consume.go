package sends

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// verdictOn says what happens to a message after it was handled.
type verdictOn struct {
	done  bool
	again time.Duration // when not done: how long before anyone gets it again
	then  func()        // when done: called after the ack
}

func done() verdictOn                     { return verdictOn{done: true} }
func later(after time.Duration) verdictOn { return verdictOn{again: after} }

// consumer pulls from one durable consumer with several hands, one message in each, so that nothing waits
// prefetched while others idle.
type consumer struct {
	s      *Service
	stream string
	config jetstream.ConsumerConfig
	hands  int
	// handle works on a message. stop ends when the service is asked to stop; hard a grace later.
	handle func(stop, hard context.Context, m jetstream.Msg) verdictOn
}

// run pulls until stop ends and every hand is empty.
func (c *consumer) run(stop, hard context.Context) error {
	var wg sync.WaitGroup
	for range c.hands {
		wg.Go(func() { c.hand(stop, hard) })
	}
	wg.Wait()
	return nil
}

func (c *consumer) hand(stop, hard context.Context) {
	var cons jetstream.Consumer
	wait := 100 * time.Millisecond
	for stop.Err() == nil {
		err := c.pull(stop, hard, &cons)
		switch {
		case err == nil:
			wait = 100 * time.Millisecond
		case errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || stop.Err() != nil: // nothing to do
		default:
			c.s.log.Warn("cannot pull, trying again", "consumer", c.config.Durable, "wait", wait, "error", err)
			cons = nil
			sleep(stop, wait)
			wait = min(2*wait, 5*time.Second)
		}
	}
}

// pull gets and handles one message. A consumer that is gone is made again.
func (c *consumer) pull(stop, hard context.Context, cons *jetstream.Consumer) error {
	if *cons == nil {
		made, err := c.s.opt.JS.CreateOrUpdateConsumer(stop, c.stream, c.config)
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "make consumer "+c.config.Durable)
		}
		*cons = made
	}
	ctx, cancel := context.WithTimeout(stop, 10*time.Second)
	defer cancel()
	m, err := (*cons).Next(jetstream.FetchContext(ctx))
	if err != nil {
		return err
	}
	c.serve(stop, hard, m)
	return nil
}

// serve handles a message and says that it is worked on for as long as that takes.
func (c *consumer) serve(stop, hard context.Context, m jetstream.Msg) {
	finished := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(c.config.AckWait / 4)
		defer tick.Stop()
		for {
			select {
			case <-finished:
				return
			case <-tick.C:
				_ = m.InProgress() // when it is lost, another takes over, and the ledger keeps order
			}
		}
	})
	v := c.handle(stop, hard, m)
	close(finished)
	wg.Wait()
	if !v.done {
		_ = m.NakWithDelay(v.again) // when it is lost, it comes back after AckWait
		return
	}
	ctx, cancel := context.WithTimeout(hard, 5*time.Second)
	defer cancel()
	if err := m.DoubleAck(ctx); err != nil { // it comes again, and is found done
		c.s.log.Debug("an ack was lost", "subject", m.Subject(), "error", err)
	}
	if v.then != nil {
		v.then()
	}
}

// sleep waits, and says whether ctx still lives.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
