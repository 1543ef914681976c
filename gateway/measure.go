package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics is what the gateway counts with; *telemetry.Metrics is one.
type Metrics interface {
	Counter(name, help string, labels ...string) *prometheus.CounterVec
	Durations(name, help string, labels ...string) *prometheus.HistogramVec
	Handler() http.Handler
}

// measure counts requests. Its zero value counts nothing.
type measure struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMeasure(m Metrics) measure {
	if m == nil {
		return measure{}
	}
	return measure{
		requests: m.Counter("http_requests_total", "Requests answered.", "method", "path", "status"),
		seconds:  m.Durations("http_request_seconds", "Time until the answer is ready.", "method", "path"),
	}
}

// request counts one request. path is the route's pattern, never what was asked for:
// label values must not be a client's to choose.
func (m measure) request(method, path string, status int, took time.Duration) {
	if m.requests == nil {
		return
	}
	m.requests.WithLabelValues(method, path, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, path).Observe(took.Seconds())
}
