package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"muster/gateway"
	"muster/internal/telemetry"
)

func TestProbes(t *testing.T) {
	var broken error
	h := probeHandler([]gateway.Check{{Name: "nats", Fn: func(context.Context) error { return broken }}}, telemetry.NewMetrics("v7").Handler())
	ask := func(path string, status int, holds string) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != status || !strings.Contains(w.Body.String(), holds) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ask("/healthz", 200, `"status":"ok"`)
	ask("/readyz", 200, `"nats":"ok"`)
	ask("/metrics", 200, `muster_build_info{version="v7"} 1`)
	ask("/v1", 404, "")
	broken = errors.New("secret address")
	ask("/readyz", 503, `{"status":"unavailable","checks":{"nats":"unavailable"}}`)
	ask("/healthz", 200, `"status":"ok"`)
}
