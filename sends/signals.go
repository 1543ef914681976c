package sends

import (
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// signalPrefix is the subject on which senders tell dispatchers, in whatever process, that a range is finished. It
// is only a hint that saves waiting: a lost one is made up for by looking.
const signalPrefix = "muster.sends.done."

type signals struct {
	nc  *nats.Conn
	sub *nats.Subscription

	mu        sync.Mutex
	listeners map[string]map[chan struct{}]bool // by "<biz>.<campaign>"
}

func newSignals(nc *nats.Conn) (*signals, error) {
	g := &signals{nc: nc, listeners: make(map[string]map[chan struct{}]bool)}
	var err error
	g.sub, err = nc.Subscribe(signalPrefix+"*.*", func(m *nats.Msg) { g.wake(strings.TrimPrefix(m.Subject, signalPrefix)) })
	return g, err
}

func (g *signals) wake(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for ch := range g.listeners[name] {
		select {
		case ch <- struct{}{}:
		default: // it has not looked since the last one
		}
	}
}

// listen returns a channel that gets a value after ranges of the campaign were finished.
func (g *signals) listen(key campaignKey) (woken <-chan struct{}, forget func()) {
	name, ch := key.biz+"."+key.number(), make(chan struct{}, 1)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listeners[name] == nil {
		g.listeners[name] = make(map[chan struct{}]bool)
	}
	g.listeners[name][ch] = true
	return ch, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if delete(g.listeners[name], ch); len(g.listeners[name]) == 0 {
			delete(g.listeners, name)
		}
	}
}

// finished tells everyone that a range left SENDS: this process itself, to which NATS may not bring back what it
// publishes, and the others.
func (g *signals) finished(m jetstream.Msg) {
	tokens := strings.Split(m.Subject(), ".") // send.<biz>.<campaign>.<range>
	name := tokens[1] + "." + tokens[2]
	g.wake(name)
	_ = g.nc.Publish(signalPrefix+name, nil) // a hint
}

func (g *signals) close() { _ = g.sub.Unsubscribe() }
