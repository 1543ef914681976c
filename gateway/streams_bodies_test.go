package gateway_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// What is only read takes no body: nobody would read it, and who watches the connection would wait for its end.
func TestAStreamTakesNoBody(t *testing.T) {
	h := open(t)
	group := h.shop()
	for _, path := range []string{"/v1/shop/stream", "/v1/shop/groups/" + group + "/members.csv"} {
		head := "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + h.key + "\r\n"
		for name, rest := range map[string]string{
			"half a body":   "Content-Length: 50000\r\n\r\n" + strings.Repeat("x", 9000),
			"a small one":   "Content-Length: 5\r\n\r\nhello",
			"half a chunk":  "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + strings.Repeat("x", 9000),
			"a whole chunk": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		} {
			t.Run(path+" "+name, func(t *testing.T) {
				h.raw(t, strings.NewReader(head+rest)).problem(t, 400, "invalid")
			})
		}
	}
	if a := h.raw(t, strings.NewReader("GET /v1/shop/groups/"+group+"/members.csv HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer "+h.key+"\r\n\r\n")); a.status != 200 {
		t.Errorf("an empty body: %d %s", a.status, a.body)
	}
}

// A client that goes on sending while it is told of events is not listened to for ever.
func TestAStreamEndsWhenItsClientSendsMuch(t *testing.T) {
	h := open(t)
	h.shop()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(c, "GET /v1/shop/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+h.key+"\r\n\r\n")
	must(t, err)
	r := bufio.NewReader(c)
	for line := ""; !strings.Contains(line, "hello"); {
		line, err = r.ReadString('\n')
		must(t, err)
	}
	_, _ = io.Copy(c, strings.NewReader(strings.Repeat("x", 1<<20))) // the end may come before all is sent
	if _, err = io.Copy(io.Discard, r); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the stream goes on")
	}
}
