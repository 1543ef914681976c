package gateway_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"muster/events"
)

// rawRequest sends bytes as they are and closes its side for writing.
func (h *house) rawRequest(text string) string {
	h.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	must(h.t, err)
	defer c.Close()
	must(h.t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(c, strings.ReplaceAll(text, "KEY", h.key))
	must(h.t, err)
	must(h.t, c.(*net.TCPConn).CloseWrite())
	b, err := io.ReadAll(c)
	must(h.t, err)
	return string(b)
}

func TestABodyCutOffHalfWayCountsForNothing(t *testing.T) {
	h := open(t)
	group := h.shop()
	head := "POST /v1/shop/groups/" + group + "/members HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Type: text/plain\r\n"
	half := strings.Repeat("1\n", 20_000)
	for name, request := range map[string]string{
		"fixed length, long":     head + "Content-Length: 100000\r\n\r\n" + half,
		"chunked, inside":        head + "Transfer-Encoding: chunked\r\n\r\nffff\r\n" + half,
		"chunked, between":       head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n\r\n",
		"chunked, in the size":   head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n\r\n4",
		"chunked, before CRLF":   head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n",
		"chunked, in the end":    head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n\r\n0\r\n",
		"json, fixed length":     strings.Replace(head, "text/plain", "application/json", 1) + "Content-Length: 100000\r\n\r\n{\"users\":[" + strings.Repeat("1,", 10_000),
		"a command, half a body": "POST /v1/shop/groups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n{\"name\":\"a\",\"kind\":\"ids\"}      \r\n",
	} {
		answer := h.rawRequest(request)
		if name == "chunked, in the end" { // all data is there: either answer will do
			continue
		}
		if !strings.HasPrefix(answer, "HTTP/1.1 400") || !strings.Contains(answer, "cut off") {
			t.Errorf("%s: %q", name, answer)
		}
	}
	if short := h.rawRequest(head + "Content-Length: 100\r\n\r\n1\n2\n"); !strings.HasPrefix(short, "HTTP/1.1 400") {
		t.Errorf("short: %q", short)
	}
	whole := h.rawRequest(head + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1\n2\n\r\n0\r\n\r\n")
	if !strings.HasPrefix(whole, "HTTP/1.1 202") {
		t.Errorf("whole: %q", whole)
	}
	eventually(t, "the whole one counts", func() bool { return h.want(200, "GET", "/v1/shop/groups/"+group, "")["count"] == 2.0 })
	if l := h.want(200, "GET", "/v1/shop/groups", "")["items"].([]any); len(l) != 1 {
		t.Errorf("half a body made a group: %v", l)
	}
}

func TestALargeUploadStreams(t *testing.T) {
	h := open(t)
	group := h.shop()
	r, w := io.Pipe()
	go func() {
		z := gzip.NewWriter(w)
		for i := range 500_000 {
			fmt.Fprintf(z, "%d\n", i)
		}
		_ = z.Close()
		_ = w.Close()
	}()
	a := h.stream("POST", "/v1/shop/groups/"+group+"/members?wait=30s", r, "Content-Type", "text/plain", "Content-Encoding", "gzip")
	if a.status != 200 || a.json(t)["accepted"] != 500_000.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := h.call("GET", "/v1/shop/groups/"+group+"/members.csv", ""); bytes.Count(a.body, []byte("\n")) != 500_001 {
		t.Errorf("the export has %d lines", bytes.Count(a.body, []byte("\n")))
	}
}

// endless is a line that never ends; it stops with the connection.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '7'
	}
	return len(p), nil
}

func TestAnEndlessLineIsAnsweredAndCut(t *testing.T) {
	h := open(t)
	group := h.shop()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", h.url+"/v1/shop/groups/"+group+"/members", io.LimitReader(endless{}, 10<<30))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+h.key)
	req.Header.Set("Content-Type", "text/plain")
	res, err := h.http.Do(req)
	if err != nil { // the client was still sending when the connection ended
		if !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	if res.StatusCode != 413 || !strings.Contains(string(b), `"line":1`) {
		t.Errorf("%d %s", res.StatusCode, b)
	}
}

func TestLiveEvents(t *testing.T) {
	h := open(t)
	group := h.shop()
	read := func(last string) (*bufio.Scanner, func()) {
		req, err := http.NewRequest("GET", h.url+"/v1/shop/stream", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+h.key)
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		res, err := h.http.Do(req)
		must(t, err)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("%d %v", res.StatusCode, res.Header)
		}
		return bufio.NewScanner(res.Body), func() { _ = res.Body.Close() }
	}
	find := func(s *bufio.Scanner, what string) bool {
		for s.Scan() {
			if strings.Contains(s.Text(), what) {
				return true
			}
		}
		return false
	}
	sc, done := read("1")
	if !find(sc, "group.created") {
		t.Error("no group.created from the past")
	}
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n", lines...)
	if !find(sc, "group.members_changed") {
		t.Error("no group.members_changed, live")
	}
	done()
	sc, done = read("")
	defer done()
	if !find(sc, "hello") {
		t.Error("no greeting")
	}
	h.problem(404, "not_found", "GET", "/v1/nowhere/stream", "")
	h.problem(400, "invalid", "GET", "/v1/shop/stream", "", "Last-Event-ID", "x")
	// A stop ends live streams.
	h.stop()
	for sc.Scan() {
		_ = sc.Text()
	}
}

func TestEnginesAway(t *testing.T) {
	t.Parallel()
	h := open(t)
	group := h.shop()
	must(t, h.db.Close())
	h.problem(503, "unavailable", "GET", "/v1/shop/groups/"+group, "")
	h.problem(503, "unavailable", "POST", "/v1/shop/segments:count", `{"where":"tag(1)"}`)
	h.want(202, "POST", "/v1/shop/groups", `{"name":"a","kind":"ids"}`)
	h.want(202, "POST", "/v1/shop/groups/"+group+"/members", "1\n2\n", lines...)
	h.want(202, "POST", "/v1/shop/groups?wait=200ms", `{"name":"b","kind":"ids"}`)
	if e, err := h.nats.Store.Last(context.Background(), events.EventSubject("shop", "group", group)); err != nil || e.Type == "" {
		t.Errorf("%v %v", e, err)
	}
	h.nats.Stop()
	h.problem(503, "unavailable", "POST", "/v1/shop/groups", `{"name":"c","kind":"ids"}`)
	h.problem(503, "unavailable", "POST", "/v1/shop/groups/"+group+"/members", "1\n", lines...)
	h.nats.Restart()
	eventually(t, "commands are taken again", func() bool { return h.call("POST", "/v1/shop/groups", `{"name":"d","kind":"ids"}`).status == 202 })
}
