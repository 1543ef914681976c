package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"testing"

	"muster/gateway"
	"muster/internal/telemetry"
)

// The console is typed from a file: what the server says of itself. MUSTER_UPDATE=1 writes it anew.
func TestTheConsolesDocumentIsTheServers(t *testing.T) {
	const file = "../console/openapi.json"
	g := gateway.New(gateway.Options{Version: "dev", Metrics: telemetry.NewMetrics("dev"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	raw, err := json.Marshal(g.OpenAPI())
	must(t, err)
	var want bytes.Buffer
	must(t, json.Indent(&want, raw, "", "  "))
	want.WriteByte('\n')
	if os.Getenv("MUSTER_UPDATE") == "1" {
		must(t, os.WriteFile(file, want.Bytes(), 0o600))
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the server says (%v): MUSTER_UPDATE=1 go test ./gateway -run TestTheConsolesDocument", file, err)
	}
}
