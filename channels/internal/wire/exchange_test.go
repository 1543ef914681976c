package wire_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/channels/internal/wire"
)

// TestTheEndOfAContextHangsUp ends the context of one of two requests under way to a server that does not answer:
// it fails as one that may have been taken, the other gets its answer, and no further one leaves.
func TestTheEndOfAContextHangsUp(t *testing.T) {
	var asked atomic.Int64
	arrived, answer := make(chan string, 2), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		arrived <- r.Header.Get("Who")
		select {
		case <-answer:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	c := wire.New(strings.TrimPrefix(srv.URL, "http://"), wire.Options{Timeout: time.Hour})
	defer c.Close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	hungUp, waits := wire.Acquire(ctx), wire.Acquire(t.Context())
	defer hungUp.Release()
	defer waits.Release()
	post := func(x *wire.Exchange, who string) <-chan error {
		done := make(chan error, 1)
		x.Header("Who", who)
		go func() {
			_, _, err := c.Post(x, srv.URL+"/", []byte("{}"))
			done <- err
		}()
		return done
	}
	first, second := post(hungUp, "first"), post(waits, "second")
	for range 2 {
		<-arrived
	}
	end()
	if err := <-first; err == nil || wire.NotSent(err) {
		t.Fatalf("the request that was hung up on ended with %v", err)
	}
	if err := <-post(hungUp, "third"); !wire.NotSent(err) {
		t.Fatalf("a request after the end ended with %v", err)
	}
	close(answer)
	if err := <-second; err != nil {
		t.Fatalf("the other request ended with %v", err)
	}
	if n := asked.Load(); n != 2 {
		t.Fatalf("the server was asked %d times", n)
	}
}

// TestConnectionsAreReused posts again on the connection of the last answer, unless the server ends it.
func TestConnectionsAreReused(t *testing.T) {
	peers := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peers[r.RemoteAddr]++
		if r.Header.Get("Last") == "yes" {
			w.Header().Set("Connection", "close")
		}
	}))
	defer srv.Close()
	c := wire.New(strings.TrimPrefix(srv.URL, "http://"), wire.Options{})
	defer c.Close()
	x := wire.Acquire(t.Context())
	defer x.Release()
	for _, last := range []string{"no", "no", "yes", "no"} {
		x.Header("Last", last)
		if status, _, err := c.Post(x, srv.URL+"/", []byte("{}")); err != nil || status != 200 {
			t.Fatalf("status %d, %v", status, err)
		}
	}
	if len(peers) != 2 {
		t.Fatalf("it came from %v", peers)
	}
}
