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
	"muster/internal/durable"
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
	looks    looks
	outcomes *prometheus.CounterVec // nil: not counted
}

// New makes a service; Run starts it.
func New(opt Options) (*Service, error) {
	if err := opt.defaults(); err != nil {
		return nil, err
	}
	s := &Service{
		opt: opt, log: opt.Logger, channels: make(map[string]channels.Channel), control: newControl(opt),
		looks: looks{at: make(map[string]uint64)},
	}
	if opt.Metrics != nil {
		s.outcomes = opt.Metrics.Counter("outcomes_total", "Users by how sending to them ended.", "status")
		s.showWithoutChannel(opt.Metrics)
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

	g, gctx := errgroup.WithContext(ctx)
	stop, halt := context.WithCancel(gctx) // of all that sends; it ends before gctx when the log is damaged
	defer halt()
	ready := make(chan struct{})
	g.Go(func() error { return s.control.follow(gctx, func() { close(ready) }, halt) })
	for _, c := range s.consumers() {
		g.Go(func() error {
			select {
			case <-ready: // pauses and settings are known before anything is sent
				return durable.Run(stop, s.opt.JS, c.Options, func(m jetstream.Msg) (string, durable.Work) {
					return "", func(hard context.Context, _ int) error { return c.handle(stop, hard, m) }
				})
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

// consumer is one durable consumer and what is done with its messages. stop ends when the service is asked to stop;
// hard a grace later.
type consumer struct {
	durable.Options
	handle func(stop, hard context.Context, m jetstream.Msg) error
}

// campaignsAtOnce is how many campaigns this process hands out at the same time. One that runs keeps its place until
// its books are closed, with little more than the numbers of its ranges in memory; one that is paused, or has no
// channel, keeps none. Who comes later waits for a place here, or in another process.
const campaignsAtOnce = 64

func (s *Service) consumers() []consumer {
	of := func(stream, name, filter string, hands int) durable.Options {
		return durable.Options{
			Stream: stream, Name: name, Filters: []string{filter}, Lanes: hands, Single: true, MaxAckPending: 10_000,
			AckWait: s.opt.AckWait, Linger: s.opt.Grace, Log: s.log,
		}
	}
	ranges := of(events.StreamSends, "sends-sender", "send.>", s.opt.Workers)
	ranges.Acked = s.signals.finished
	return []consumer{
		{of(events.StreamEvents, "sends-freezer", "evt.*.campaign.*", 4), s.onEvent(events.TypeCampaignLaunched, s.freezeLaunched)},
		{of(events.StreamEvents, "sends-dispatcher", "evt.*.campaign.*", s.opt.Campaigns), s.onEvent(events.TypeCampaignAudienceFrozen, s.dispatchFrozen)},
		{ranges, s.onRange},
	}
}

func later(after time.Duration, why error) error { return &durable.LaterError{Delay: after, Err: why} }

// onEvent handles campaign events of one type; the others are done at once.
func (s *Service) onEvent(t events.Type, fn func(context.Context, campaign) error) func(stop, hard context.Context, m jetstream.Msg) error {
	return func(stop, _ context.Context, m jetstream.Msg) error {
		if m.Headers().Get(events.HeaderType) != string(t) {
			return nil
		}
		err := s.onCampaign(stop, m, fn)
		var missing *noChannelError
		switch {
		case err == nil || errors.Is(err, errClosed):
			return nil
		case errors.Is(err, errPaused):
			return later(s.opt.Recheck, err)
		case stop.Err() != nil:
			return later(0, err)
		case errors.As(err, &missing):
			return s.waitForChannel(m, missing)
		}
		return err
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
