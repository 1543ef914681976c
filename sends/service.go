package sends

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"muster/channels"
	"muster/events"
	"muster/internal/fault"
)

// Service runs freezer, dispatcher and senders.
type Service struct {
	opt      Options
	log      *slog.Logger
	channels map[string]channels.Channel
	control  *control
	payloads *payloads
	signals  *signals
	outcomes *prometheus.CounterVec // nil: not counted
}

// New makes a service; Run starts it.
func New(opt Options) (*Service, error) {
	if err := opt.defaults(); err != nil {
		return nil, err
	}
	s := &Service{opt: opt, log: opt.Logger, channels: make(map[string]channels.Channel), control: newControl(opt)}
	if opt.Metrics != nil {
		s.outcomes = opt.Metrics.Counter("outcomes_total", "Users by how sending to them ended.", "status")
	}
	for _, ch := range opt.Channels {
		s.channels[ch.Name()] = ch
	}
	return s, nil
}

// Run works until ctx ends; then it finishes what it has in hand, for at most Options.Grace, and appends the
// outcomes. Call it once.
func (s *Service) Run(ctx context.Context) error {
	var err error
	if s.payloads, err = newPayloads(); err != nil {
		return fault.Wrap(fault.Internal, err, "start sends")
	}
	defer s.payloads.close()
	if s.signals, err = newSignals(s.opt.JS.Conn()); err != nil {
		return fault.Wrap(fault.Unavailable, err, "start sends")
	}
	defer s.signals.close()

	hard, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	grace := context.AfterFunc(ctx, func() { time.AfterFunc(s.opt.Grace, cut) })
	defer grace()

	g, stop := errgroup.WithContext(ctx)
	ready := make(chan struct{})
	g.Go(func() error { return s.control.follow(stop, func() { close(ready) }) })
	for _, c := range s.consumers() {
		g.Go(func() error {
			select {
			case <-ready: // pauses and settings are known before anything is sent
				return c.run(stop, hard)
			case <-stop.Done():
				return nil
			}
		})
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (s *Service) consumers() []*consumer {
	config := func(durable, filter string) jetstream.ConsumerConfig {
		return jetstream.ConsumerConfig{
			Durable: durable, FilterSubject: filter, DeliverPolicy: jetstream.DeliverAllPolicy,
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: s.opt.AckWait, MaxDeliver: -1, MaxAckPending: 10_000,
		}
	}
	return []*consumer{
		{s: s, stream: events.StreamEvents, config: config("sends-freezer", "evt.*.campaign.*"), hands: 4,
			handle: s.onEvent(events.TypeCampaignLaunched, s.freezeLaunched)},
		{s: s, stream: events.StreamEvents, config: config("sends-dispatcher", "evt.*.campaign.*"), hands: 16,
			handle: s.onEvent(events.TypeCampaignAudienceFrozen, s.dispatchFrozen)},
		{s: s, stream: events.StreamSends, config: config("sends-sender", "send.>"), hands: s.opt.Workers, handle: s.onRange},
	}
}

// onEvent handles campaign events of one type; the others are done at once.
func (s *Service) onEvent(t events.Type, fn func(context.Context, campaign) error) func(stop, hard context.Context, m jetstream.Msg) verdictOn {
	return func(stop, _ context.Context, m jetstream.Msg) verdictOn {
		if m.Headers().Get(events.HeaderType) != string(t) {
			return done()
		}
		err := s.onCampaign(stop, m, fn)
		switch {
		case err == nil || errors.Is(err, errClosed):
			return done()
		case errors.Is(err, errPaused):
			return later(s.opt.Recheck)
		case stop.Err() != nil:
			return later(0)
		}
		s.log.Error("a campaign is stuck, trying again", "subject", m.Subject(), "event", t, "error", err)
		return later(s.backoff(m))
	}
}

func (s *Service) onCampaign(ctx context.Context, m jetstream.Msg, fn func(context.Context, campaign) error) error {
	tokens := strings.Split(m.Subject(), ".")
	key, err := keyOf(tokens[1], tokens[3])
	if err != nil {
		return err
	}
	c, _, err := s.control.get(ctx, key)
	if err != nil {
		return err
	}
	return fn(ctx, c)
}

func (s *Service) freezeLaunched(ctx context.Context, c campaign) error {
	if c.frozen != nil || c.status == cancelled || c.status == closed {
		return nil
	}
	return s.freeze(ctx, c)
}

func (s *Service) dispatchFrozen(ctx context.Context, c campaign) error {
	if c.status == closed {
		return nil
	}
	if c.status == paused { // before its ranges are read again
		return errPaused
	}
	if c.frozen == nil {
		return fault.New(fault.Corrupt, "campaign %d is handed out before it is frozen", c.key.id)
	}
	return s.dispatch(ctx, c)
}

// backoff grows with every delivery of a message, from half of Recheck to a minute.
func (s *Service) backoff(m jetstream.Msg) time.Duration {
	n := uint64(1)
	if meta, err := m.Metadata(); err == nil {
		n = min(meta.NumDelivered, 8)
	}
	return min(s.opt.Recheck/2*time.Duration(uint64(1)<<(n-1)), time.Minute)
}
