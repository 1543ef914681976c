package projections

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/internal/telemetry"
)

// Options make a Service. DB and JS are required.
type Options struct {
	DB      DB
	Layout  clickhouse.Layout
	JS      jetstream.JetStream
	Log     *slog.Logger
	Metrics *telemetry.Metrics // nil: none
	Reader  events.ReaderOptions
}

// Service keeps the read model up to date. Any number may run at once; they do the
// same work over again, without harm.
type Service struct {
	env    *env
	opt    Options
	events *loop
	ledger *loop

	position *prometheus.GaugeVec
	stopped  *prometheus.GaugeVec
	applied  *prometheus.CounterVec

	mu    sync.Mutex
	state map[string]State // by projection
	peers *peers

	rebuilds   sync.Mutex // one at a time
	rebuilding atomic.Bool
	exchanging atomic.Bool // and the others stand still for it
}

// ledgerPace is how old books may be while a campaign runs. Every step is two inserts with a dozen fsyncs,
// whatever it holds, on the cores that send: a hundred claims and outcomes a second are one step's work.
const ledgerPace = 200 * time.Millisecond

// New makes a service; nothing is asked of anyone before Run.
func New(opt Options) (*Service, error) {
	e, err := newEnv(opt)
	if err != nil {
		return nil, err
	}
	s := &Service{env: e, opt: opt, state: map[string]State{}, peers: newPeers()}
	frozen := &freezesProjection{env: e}
	s.events = newLoop(e, opt.JS, events.StreamEvents, opt.Reader, append(eventProjections(e), frozen))
	frozen.standing = s.events.standing
	s.ledger = newLoop(e, opt.JS, events.StreamLedger, opt.Reader, []projection{&deliveriesProjection{env: e}})
	s.events.live, s.ledger.live = s, s
	s.ledger.pace = ledgerPace
	if m := opt.Metrics; m != nil {
		s.position = m.Gauge("projection_position", "Sequence up to which a projection has applied its stream.", "projection")
		s.stopped = m.Gauge("projection_stopped", "1 while a projection stands still before an event it cannot apply.", "projection")
		s.applied = m.Counter("projection_events_total", "Events handed to the projections of a stream.", "stream")
	}
	return s, nil
}

func newEnv(opt Options) (*env, error) {
	if opt.DB == nil || opt.JS == nil {
		return nil, fault.New(fault.Internal, "projections need a database and a log")
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "event catalog")
	}
	codec, err := rows.NewCodec()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "row codec")
	}
	return &env{db: opt.DB, layout: opt.Layout, store: events.NewStore(opt.JS, events.StoreOptions{}), catalog: catalog, codec: codec,
		log: opt.Log, run: strings.ToLower(nuid.Next()), limits: defaultLimits()}, nil
}

// Run projects until ctx ends, whatever engines come and go. A damaged log stops its
// projections, visibly, and not the service.
func (s *Service) Run(ctx context.Context) error {
	defer s.sweep(context.WithoutCancel(ctx))
	ears, err := s.openEars() // first, so that a call for a pause while this service begins is heard
	if err != nil {
		return err
	}
	defer ears.close()
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return s.listen(ctx, ears) })
	all.Go(func() error {
		if err := persist(ctx, s.env.log, "read positions", func() error { return s.begin(ctx) }); err != nil {
			return err
		}
		if err := s.offer(ears); err != nil {
			return err
		}
		for _, l := range []*loop{s.events, s.ledger} {
			all.Go(func() error { return s.keep(ctx, l) })
		}
		return nil
	})
	return stopped(ctx, all.Wait())
}

func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// keep runs a loop; when its log turns out damaged, or positions cannot be stored, it
// shows that and stands still. An error is that it cannot even be shown.
func (s *Service) keep(ctx context.Context, l *loop) error {
	err := l.run(ctx, 0)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	what := "the projections of a stream stop"
	if fault.Is(err, fault.Corrupt) {
		what = "the log is damaged: its projections stop"
	}
	s.env.log.Error(what, "stream", l.stream, "error", err)
	if err := s.halt(ctx, l, err); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// halt stops all projections of a loop, for a reason that lies in the log.
func (s *Service) halt(ctx context.Context, l *loop, why error) error {
	select {
	case l.gate <- struct{}{}:
		defer func() { <-l.gate }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l.damage = why
	return s.stepped(ctx, l, nil)
}

// sweep drops what this run has staged; after a crash it goes by age.
func (s *Service) sweep(ctx context.Context) {
	if err := s.events.stager.closeRun(ctx); err != nil {
		s.env.log.Debug("staged rows stay until they are old", "error", err)
	}
}

// standing is the freezes' condition: sets and orders stand right before seq. Users do not matter to a segment;
// who looks their addresses up later waits until they stand where the others do.
func (l *loop) standing(seq uint64) string {
	for _, r := range l.runners {
		if r.name() != Sets && r.name() != Orders {
			continue
		}
		if r.stopped != nil {
			return "the projection " + r.name() + " has stopped"
		}
		if r.pos != seq-1 {
			return "the projection " + r.name() + " was further on already"
		}
	}
	return ""
}
