package gateway_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestSilentClientsDoNotHoldUpTheEnd: at the end of the gateway one client is in the
// middle of an upload and says nothing more, another takes nothing of its stream.
func TestSilentClientsDoNotHoldUpTheEnd(t *testing.T) {
	h := open(t)
	if a := h.call("PUT", "/v1/shop?wait=30s", `{"name":"Shop","timezone":"UTC"}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	dial := func(request string) net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		must(t, err)
		t.Cleanup(func() { _ = c.Close() })
		_, err = fmt.Fprintf(c, request, h.key)
		must(t, err)
		return c
	}
	upload := dial("POST /v1/shop/users:import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\nuser_id\n1\n2\n")
	stream := dial("GET /v1/shop/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n")
	var first [1]byte
	_, err := io.ReadFull(stream, first[:])
	must(t, err)
	// The upload was let in once one that is let in after it is answered.
	if a := h.call("GET", "/v1", ""); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	began := time.Now()
	h.stop()
	for _, c := range []net.Conn{upload, stream} {
		must(t, c.SetReadDeadline(began.Add(8*time.Second)))
		answer, err := io.ReadAll(c)
		if err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatalf("still open %s after the stop", time.Since(began))
		}
		if c == upload && !strings.HasPrefix(string(answer), "HTTP/1.1 503 ") {
			t.Errorf("the upload that the stop ended was answered with %q", answer)
		}
	}
}

func TestAnExportThatAStopEndsIsCut(t *testing.T) {
	h := open(t, func(o *options) { o.Queries = half{o.Queries} })
	csv := h.follow("/v1/shop/groups/"+h.shop()+"/members.csv", h.key)
	h.stop()
	if ended, whole := rest(csv); !ended || whole {
		t.Errorf("ended: %t, as if it were whole: %t", ended, whole)
	}
}
