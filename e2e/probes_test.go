package e2e

import (
	"net"
	"strings"
	"testing"
)

// A process without the gateway's role is watched like one that has it.
func TestProbesWithoutAGateway(t *testing.T) {
	s := start(t, t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	second := &server{t: t, dir: t.TempDir()}
	second.serve("--roles", "policies", "--http", address, "--nats", s.endpoints.NATS, "--clickhouse", s.endpoints.ClickHouse+"/muster")
	second.client = &client{t: t, base: "http://" + address}
	second.awaitReady()
	for path, holds := range map[string]string{"/healthz": `"status":"ok"`, "/metrics": "muster_build_info{"} {
		a, err := second.try("GET", path, nil)
		if err != nil || a.Status != 200 || !strings.Contains(string(a.Body), holds) {
			t.Errorf("%s: %d %v %s", path, a.Status, err, clip(a.Body))
		}
	}
	if code := second.stop(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
}
