package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw writes a request byte by byte as it is given, and reads the answer as a client does
// that first sends all it has.
func (h *house) raw(t *testing.T, request io.Reader) answer {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	if _, err := io.Copy(c, request); err != nil {
		t.Fatalf("write: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return answer{res.StatusCode, res.Header, body}
}

// A request whose head nobody reads to its end is answered, however much of it comes.
func TestAHugeHeadIsAnswered(t *testing.T) {
	h := open(t)
	for _, size := range []int{20 << 10, 300 << 10, 8 << 20} {
		long := strings.Repeat("x", size)
		for name, request := range map[string]string{
			"idempotency key": "POST /v1/shop/groups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + h.key + "\r\nIdempotency-Key: " + long + "\r\n\r\n",
			"authorization":   "GET /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + long + "\r\n\r\n",
			"any header":      "GET /v1 HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Any: thing\r\n", size/14+1) + "\r\n",
			"path":            "GET /v1/" + long + " HTTP/1.1\r\nHost: x\r\n\r\n",
			"body behind it":  "PUT /v1/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nX-Any: " + long + "\r\n\r\n" + strings.Repeat("y", 1000000),
		} {
			t.Run(fmt.Sprintf("%s of %d KB", name, size>>10), func(t *testing.T) {
				p := h.raw(t, strings.NewReader(request)).problem(t, http.StatusRequestHeaderFieldsTooLarge, "too_large")
				if !strings.Contains(fmt.Sprint(p["detail"]), "headers") {
					t.Errorf("%v", p)
				}
			})
		}
	}
	t.Run("after another request", func(t *testing.T) {
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		must(t, err)
		defer c.Close()
		must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		r := bufio.NewReader(c)
		for _, want := range []struct {
			padding, status int
		}{{10, 200}, {8 << 20, 431}} {
			_, err := fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Any: %s\r\n\r\n", strings.Repeat("x", want.padding))
			must(t, err)
			res, err := http.ReadResponse(r, nil)
			must(t, err)
			if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != want.status {
				t.Fatalf("%d, want %d: %v", res.StatusCode, want.status, err)
			}
			must(t, res.Body.Close())
		}
	})
	t.Run("no HTTP", func(t *testing.T) {
		h.raw(t, strings.NewReader("\x16\x03\x01 hello\r\n\r\n"+strings.Repeat("z", 1<<20))).problem(t, 400, "invalid")
	})
	t.Run("idempotency key of 300 bytes", func(t *testing.T) {
		h.problem(400, "invalid", "POST", "/v1/shop/groups", `{"name":"a","kind":"ids"}`, "Content-Type", "application/json", "Idempotency-Key", strings.Repeat("x", 300))
	})
	h.want(200, "GET", "/v1", "") // and goes on
}
