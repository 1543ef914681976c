package sends_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/channels/sandbox"
	"muster/events"
)

var errDead = errors.New("this process is dead")

// mortalLog is a process's way to the log; it can be made to die at the n-th step, before or after it took effect.
type mortalLog struct {
	*events.Store
	die func() // cuts the connection

	mu     sync.Mutex
	killed bool
	steps  int
	at     int         // die at this step; 0: never
	atType events.Type // die when an event of this type is appended; "": never
	after  bool        // the step takes effect, its answer is lost
	dying  chan struct{}
}

func (l *mortalLog) dead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.killed
}

func (l *mortalLog) kill() {
	l.mu.Lock()
	was := l.killed
	l.killed = true
	l.mu.Unlock()
	if !was {
		l.die()
		if l.dying != nil {
			close(l.dying)
		}
	}
}

// step counts a step, which appends events or calls the provider, and says whether it may take effect and whether its
// answer arrives.
func (l *mortalLog) step(list ...events.Event) (act, answer bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.killed {
		return false, false
	}
	l.steps++
	fatal := slices.ContainsFunc(list, func(e events.Event) bool { return e.Type == l.atType })
	if !fatal && (l.at == 0 || l.steps < l.at) {
		return true, true
	}
	return l.after && (fatal || l.steps == l.at), false
}

func (l *mortalLog) Append(ctx context.Context, appends []events.Append) (v []events.Version, err error) {
	act, answer := l.step(appends[0].Events...)
	if act {
		v, err = l.Store.Append(ctx, appends)
	}
	if !answer {
		l.kill()
		return nil, errDead
	}
	return v, err
}

// mortalChannel does not send from the grave, and dies between claim and outcome too.
type mortalChannel struct {
	channels.Channel
	log *mortalLog
}

func (c mortalChannel) Send(ctx context.Context, b channels.Batch, results []channels.Result) {
	act, answer := c.log.step()
	if act {
		if answer {
			c.Channel.Send(ctx, b, results)
			return
		}
		half := len(b.To) / 2 // some were sent when it died
		b.To = b.To[:half]
		c.Channel.Send(ctx, b, results[:half])
	}
	c.log.kill()
	clear(results)
}

// mute makes every message's InProgress fail silently, as on a stalled machine: its ack wait runs out.
type mute struct{ jetstream.JetStream }

func (m mute) CreateOrUpdateConsumer(ctx context.Context, stream string, cfg jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	c, err := m.JetStream.CreateOrUpdateConsumer(ctx, stream, cfg)
	if err != nil || stream != events.StreamSends {
		return c, err
	}
	return muteConsumer{c}, nil
}

type muteConsumer struct{ jetstream.Consumer }

func (c muteConsumer) Messages(opts ...jetstream.PullMessagesOpt) (jetstream.MessagesContext, error) {
	m, err := c.Consumer.Messages(opts...)
	return muteMessages{m}, err
}

type muteMessages struct{ jetstream.MessagesContext }

func (c muteMessages) Next(opts ...jetstream.NextOpt) (jetstream.Msg, error) {
	m, err := c.MessagesContext.Next(opts...)
	if err != nil {
		return nil, err
	}
	return muteMsg{m}, nil
}

type muteMsg struct{ jetstream.Msg }

func (muteMsg) InProgress() error { return nil }

func sandboxDelay(ms int) sandbox.Behaviour { return sandbox.Behaviour{DelayMS: ms} }

// until waits for something of the outside that gives no signal.
func (h *house) until(ok func() bool) {
	h.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			h.t.Fatal("it never came")
		case <-tick.C:
		}
	}
}

// quiet waits until the provider has heard nothing for a while.
func (h *house) quiet() {
	for last := uint64(0); ; {
		n := h.sandbox.Requests()
		if n == last {
			return
		}
		last = n
		<-time.After(700 * time.Millisecond)
	}
}
