package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"muster/internal/clickhouse/chdb"
	"muster/internal/fault"
)

// Server is an HTTP server over one open engine.
type Server struct {
	eng  *chdb.Engine
	log  *slog.Logger
	http *http.Server
	ln   net.Listener

	version, timezone string        // what the engine says of itself
	tag               atomic.Uint64 // numbers running statements, so one can be killed
	cancelAll         context.CancelFunc
	served            chan error

	killMu sync.Mutex
	killer *chdb.Conn // kept apart, so that cancelling works when the pool is busy
}

// Listen serves eng on addr ("127.0.0.1:8123"; port 0 picks a free one) until
// Stop. It owns eng from here on: Stop closes it, and so does an error here.
func Listen(eng *chdb.Engine, addr string, log *slog.Logger) (*Server, error) {
	s := &Server{eng: eng, log: log, served: make(chan error, 1)}
	if err := s.start(addr); err != nil {
		if s.killer != nil {
			eng.Release(s.killer)
		}
		eng.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(addr string) (err error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || !isLoopback(host) {
		return fault.Field("clickhouse", "%q is not a loopback address: the embedded engine has no passwords and listens on loopback only", addr)
	}
	if s.killer, err = s.eng.Acquire(context.Background()); err != nil {
		return err
	}
	out, err := s.killer.Exec("SELECT version(), timezone()", "TSV")
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(out), &s.version, &s.timezone); err != nil {
		return fmt.Errorf("read the engine's version: %w", err)
	}
	if s.ln, err = net.Listen("tcp", addr); err != nil {
		return fault.Wrap(fault.Unavailable, err, "listen for ClickHouse clients")
	}
	base, cancel := context.WithCancel(context.Background())
	s.cancelAll = cancel
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.route),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() { s.served <- s.http.Serve(s.ln) }()
	return nil
}

// Addr is the address listened on, "127.0.0.1:8123".
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Stop refuses new statements, lets running ones finish, cancels those still
// running when ctx ends, and closes the engine. Rows already acknowledged are
// on disk whatever happens here.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	s.cancelAll()
	if err != nil {
		s.log.Warn("cancelling ClickHouse statements that did not finish in time", "error", err)
		// Cancelled statements return soon; their handlers must be gone before the engine is.
		err = s.http.Shutdown(context.Background())
	}
	if serveErr := <-s.served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	s.eng.Release(s.killer)
	s.eng.Close()
	return err
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if why := refuse(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	switch r.URL.Path {
	case "/ping", "/replicas_status":
		_, _ = w.Write([]byte("Ok.\n"))
	case "/":
		if r.Method == http.MethodGet && r.URL.Query().Get("query") == "" {
			_, _ = w.Write([]byte("Ok.\n"))
			return
		}
		s.statement(w, r)
	default:
		http.NotFound(w, r)
	}
}

// refuse says why a request may come from a web page and not from a client of
// ours; "" when it may not. A page of any origin can make a browser send
// requests to loopback, and after DNS rebinding even read the answers.
func refuse(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	switch {
	case r.Header.Get("Origin") != "":
		return "requests from web pages are refused"
	case r.Header.Get("Sec-Fetch-Site") != "" && r.Header.Get("Sec-Fetch-Site") != "none":
		return "requests from web pages are refused"
	case !isLoopback(host):
		return "the Host header must name loopback"
	}
	return ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	if len(host) > 1 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
