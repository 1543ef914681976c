package clickhouse

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"muster/internal/fault"
)

// Options say how to run the embedded engine.
type Options struct {
	Path      string   // data directory
	Addr      string   // loopback address; port 0 picks a free one, which then stays
	Binary    string   // program to run; "" means this one
	Args      []string // arguments before the engine's own, e.g. {"clickhouse-engine"}
	Env       []string // added to this process's environment
	Library   string   // path of libchdb; "" means chdb.Locate
	MaxMemory int64    // bytes the engine may use; 0 leaves it the engine's own limit
	Log       *slog.Logger

	// StartWithin is how long a child may take until it answers before it is given up and
	// another is started, which gets twice as long; 0: two minutes.
	StartWithin time.Duration
}

// Server keeps the embedded engine running in a child process: a crash of the
// engine is a restart, not the end of Muster. The child dies with its parent.
type Server struct {
	opt    Options
	addr   string
	cancel context.CancelFunc // asks the supervisor to stop
	done   chan struct{}      // closed when the child is gone for good
	stop   sync.Once

	mu    sync.Mutex
	child *child // nil while there is none
}

// How long a restart waits: it doubles from the first to the last, and starts
// over once a child has lived for steady.
const (
	firstDelay = 100 * time.Millisecond
	lastDelay  = 10 * time.Second
	steady     = 30 * time.Second
)

// startWithin is Options.StartWithin when it is 0: many times what an engine takes to
// open a large data directory.
const startWithin = 2 * time.Minute

// Start runs the engine and returns when it answers. The context bounds the
// start only. An error names what the engine said.
func Start(ctx context.Context, opt Options) (*Server, error) {
	if opt.Binary == "" {
		exe, err := os.Executable()
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "find the muster program")
		}
		opt.Binary = exe
	}
	path, err := filepath.Abs(opt.Path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the ClickHouse data directory")
	}
	opt.Path = path
	if opt.StartWithin == 0 {
		opt.StartWithin = startWithin
	}
	run, cancel := context.WithCancel(context.Background())
	s := &Server{opt: opt, addr: opt.Addr, cancel: cancel, done: make(chan struct{})}
	within := opt.StartWithin
	first, err := s.launchWithin(ctx, within)
	for fault.Is(err, fault.Timeout) && ctx.Err() == nil {
		opt.Log.Error("start the ClickHouse engine", "error", err)
		within *= 2
		first, err = s.launchWithin(ctx, within)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	s.set(first)
	go s.supervise(run, first)
	return s, nil
}

// Addr is the address the engine listens on; it stays the same across restarts.
func (s *Server) Addr() string { return s.addr }

// DSN is what Open takes to reach one database of the engine.
func (s *Server) DSN(database string) string { return "http://" + s.addr + "/" + database }

// PID is the child's process id; 0 while there is none.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.child == nil {
		return 0
	}
	return s.child.cmd.Process.Pid
}

// Stop lets running statements finish and ends the child; when ctx ends first
// it is killed, which loses nothing acknowledged. Stopping twice is fine.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(s.cancel)
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	if s.child != nil {
		_ = s.child.cmd.Process.Kill()
	}
	s.mu.Unlock()
	<-s.done
	return fault.Wrap(fault.Timeout, ctx.Err(), "stop the ClickHouse engine")
}

// supervise watches the child and starts another when it dies.
func (s *Server) supervise(run context.Context, c *child) {
	defer close(s.done)
	delay := firstDelay
	for {
		started := time.Now()
		select {
		case <-run.Done():
			_ = c.stdin.Close() // the child's sign to stop
			<-c.gone
			s.set(nil)
			return
		case <-c.gone:
		}
		s.set(nil)
		s.opt.Log.Error("the ClickHouse engine died; starting it again", "error", c.err)
		if time.Since(started) > steady {
			delay = firstDelay
		}
		if c = s.relaunch(run, &delay); c == nil {
			return
		}
		s.set(c)
	}
}

// launchWithin is launch, with fault.Timeout for a child that hangs; it is killed.
func (s *Server) launchWithin(ctx context.Context, d time.Duration) (*child, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return s.launch(ctx)
}

// relaunch starts children, waiting longer and longer, until one answers; nil
// once the server is to stop.
func (s *Server) relaunch(run context.Context, delay *time.Duration) *child {
	for within := s.opt.StartWithin; ; {
		timer := time.NewTimer(*delay)
		select {
		case <-run.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		*delay = min(*delay*2, lastDelay)
		c, err := s.launchWithin(run, within)
		if fault.Is(err, fault.Timeout) {
			within *= 2
		}
		if err == nil {
			s.opt.Log.Info("the ClickHouse engine is back", "pid", c.cmd.Process.Pid)
			return c
		}
		if run.Err() != nil {
			return nil
		}
		s.opt.Log.Error("start the ClickHouse engine", "error", err, "again_in", *delay)
	}
}

func (s *Server) set(c *child) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.child = c
}
