package telemetry

import (
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const namespace = "muster"

// Metrics is the process's registry of metrics. Asking twice for a metric of the
// same name and labels gives the same one, so that two of a kind (senders, say) count together.
type Metrics struct{ registry *prometheus.Registry }

// NewMetrics makes a registry that holds the Go runtime's and the process's own
// metrics and muster_build_info.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Gauge("build_info", "The version that runs, always 1.", "version").WithLabelValues(version).Set(1)
	return m
}

// Handler serves the metrics to Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Registry is the underlying registry, for collectors of other libraries.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// Counter counts what happened: muster_<name>, which should end in _total.
func (m *Metrics) Counter(name, help string, labels ...string) *prometheus.CounterVec {
	return register(m, prometheus.NewCounterVec(
		prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels))
}

// Gauge shows what is: muster_<name>.
func (m *Metrics) Gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return register(m, prometheus.NewGaugeVec(
		prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels))
}

// Durations shows how long something takes, in seconds from 0.5 ms to 65 s by
// factors of two: muster_<name>, which should end in _seconds.
func (m *Metrics) Durations(name, help string, labels ...string) *prometheus.HistogramVec {
	return register(m, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help,
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 18),
	}, labels))
}

// register adds c, or returns the collector that is already there under its name.
// A name used for two kinds of metric is a mistake in the code and panics, as
// prometheus.MustRegister does.
func register[C prometheus.Collector](m *Metrics, c C) C {
	err := m.registry.Register(c)
	var have prometheus.AlreadyRegisteredError
	if errors.As(err, &have) {
		if same, ok := have.ExistingCollector.(C); ok {
			return same
		}
	}
	if err != nil {
		panic(err)
	}
	return c
}
