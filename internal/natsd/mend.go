package natsd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"muster/internal/fault"
)

const (
	watchEvery = time.Second
	probeBytes = 16 << 20 // twice the largest message: less space is not worth a start
)

// watch starts the server anew once its disk takes writes again. After one failed
// write, of a full disk say, the server refuses every further write to that stream until
// it is started again, however much space there is by then. What it acknowledged is on the
// disk; connections come back by themselves.
func (s *Server) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		reason := writeError(s.current())
		if reason == "" {
			told = false
			continue
		}
		if !told {
			told = true
			s.log.Error("NATS cannot write; it is started anew once the disk has room", "reason", reason)
		}
		if probe(s.dir) != nil {
			continue
		}
		if err := s.again(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("NATS does not start again; trying on", "error", err)
		}
	}
}

// writeError says why a server takes no more writes; "" if it does take them.
func writeError(srv *server.Server) string {
	if !srv.Running() { // an attempt to start it anew failed
		return "it does not run"
	}
	health := srv.Healthz(&server.HealthzOptions{Details: true})
	for _, e := range health.Errors {
		if strings.Contains(e.Error, "write error") {
			return e.Error
		}
	}
	return ""
}

// again replaces the server by a new one over the same store, at the same address.
func (s *Server) again(ctx context.Context) error {
	old := s.current()
	old.Shutdown()
	old.WaitForShutdown()
	conf, err := configure(s.opt)
	if err != nil {
		return err
	}
	if err := s.run(ctx, conf); err != nil {
		srv := s.current()
		srv.Shutdown()
		srv.WaitForShutdown()
		return fault.Wrap(fault.Unavailable, err, "start the embedded NATS server anew")
	}
	s.log.Info("NATS is started anew and writes again", "url", s.URL())
	return nil
}

// probe finds out whether a directory's disk takes writes.
func probe(dir string) (err error) {
	f, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, 1<<20)
	for range probeBytes / len(block) {
		if _, err := f.Write(block); err != nil {
			return fmt.Errorf("probe: %w", err)
		}
	}
	return f.Sync()
}
