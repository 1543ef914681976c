package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/gateway"
	"muster/internal/config"
	"muster/internal/lifecycle"
	"muster/internal/telemetry"
)

// observeEvery is how old what the metrics say of the streams may be.
const observeEvery = 5 * time.Second

// observe keeps the metrics of streams and their durable consumers: what is stored, and what waits.
func observe(ctx context.Context, js jetstream.JetStream, m *telemetry.Metrics) error {
	last := m.Gauge("stream_last_sequence", "Sequence of the newest message of a stream.", "stream")
	bytes := m.Gauge("stream_bytes", "Bytes a stream takes on disk.", "stream")
	pending := m.Gauge("consumer_pending", "Messages a durable consumer has not been given yet.", "stream", "consumer")
	unacked := m.Gauge("consumer_unacked", "Messages a durable consumer was given and has not acknowledged.", "stream", "consumer")
	tick := time.NewTicker(observeEvery)
	defer tick.Stop()
	for {
		for _, name := range []string{events.StreamCommands, events.StreamEvents, events.StreamSends, events.StreamLedger} {
			s, err := js.Stream(ctx, name)
			if err != nil {
				continue // NATS is away: the figures stay as they were, and /readyz says so
			}
			state := s.CachedInfo().State
			last.WithLabelValues(name).Set(float64(state.LastSeq))
			bytes.WithLabelValues(name).Set(float64(state.Bytes))
			consumers := s.ListConsumers(ctx)
			for c := range consumers.Info() {
				if c.Config.Durable != "" {
					pending.WithLabelValues(name, c.Name).Set(float64(c.NumPending))
					unacked.WithLabelValues(name, c.Name).Set(float64(c.NumAckPending))
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// probes answers what watches the processes: of those with the gateway's role, the gateway does. Processes
// beside each other that were given no address go without.
func (p *process) probes(ctx context.Context) ([]lifecycle.Service, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", p.cfg.HTTP.Listen)
	if errors.Is(err, syscall.EADDRINUSE) && p.cfg.HTTP.Listen == config.Default(p.mode).HTTP.Listen {
		p.log.Warn("no /healthz and no /metrics here: the address is taken; choose another with --http", "address", p.cfg.HTTP.Listen)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("http.listen: %w", err)
	}
	p.log.Info("health and metrics", "url", "http://"+l.Addr().String())
	return []lifecycle.Service{{Name: "probes", Run: func(ctx context.Context) error {
		return serveProbes(ctx, l, probeHandler(p.checks(), p.metrics.Handler()))
	}}}, nil
}

const probeTimeout = 2 * time.Second

func probeHandler(checks []gateway.Check, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeHealth(w, gateway.Health{Status: "ok"}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
		defer cancel()
		h := gateway.Health{Status: "ok", Checks: map[string]string{}}
		for _, c := range checks {
			h.Checks[c.Name] = "ok"
			if c.Fn(ctx) != nil {
				h.Status, h.Checks[c.Name] = "unavailable", "unavailable"
			}
		}
		writeHealth(w, h)
	})
	return mux
}

func writeHealth(w http.ResponseWriter, h gateway.Health) {
	w.Header().Set("Content-Type", "application/json")
	if h.Status != "ok" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(h) // who asked is gone
}

// serveProbes serves until ctx ends; probes in hand are cut off.
func serveProbes(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
