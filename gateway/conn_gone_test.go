package gateway_test

import (
	"bufio"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// told keeps what is logged.
type told struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// streamsEnd waits until nobody writes a stream any more.
func streamsEnd(t *testing.T) {
	t.Helper()
	eventually(t, "the streams end, though nothing is written to them", func() bool {
		stacks := make([]byte, 8<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), ").streamBody.")
	})
}

// A client that goes away is no fault of anybody's, and its stream ends with it.
func TestAClientThatLeavesAStreamIsNoWarning(t *testing.T) {
	log := &told{}
	h := open(t, func(o *options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	h.shop()
	for range 5 {
		req, err := http.NewRequest("GET", h.url+"/v1/shop/stream", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+h.key)
		res, err := h.http.Do(req)
		must(t, err)
		if sc := bufio.NewScanner(res.Body); !sc.Scan() {
			t.Fatal("no greeting")
		}
		must(t, res.Body.Close())
	}
	streamsEnd(t)
	if s := log.String(); strings.Contains(s, "WARN") || strings.Contains(s, "cut") {
		t.Error(s)
	}
}
