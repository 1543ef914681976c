package clickhouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
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
}

// Server keeps the embedded engine running in a child process: a crash of the
// engine is a restart, not the end of Muster. The child dies with its parent.
type Server struct {
	opt    Options
	addr   string
	cancel context.CancelFunc // asks the supervisor to stop
	done   chan struct{}      // closed when the child is gone for good
	stop   sync.Once

	mu       sync.Mutex
	child    *child // nil while there is none
	restarts int
	lastErr  error
}

// How long a restart waits: it doubles from the first to the last, and starts
// over once a child has lived for steady.
const (
	firstDelay = 100 * time.Millisecond
	lastDelay  = 10 * time.Second
	steady     = 30 * time.Second
)

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
	run, cancel := context.WithCancel(context.Background())
	s := &Server{opt: opt, addr: opt.Addr, cancel: cancel, done: make(chan struct{})}
	first, err := s.launch(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	s.set(first, nil)
	go s.supervise(run, first)
	return s, nil
}

// Addr is the address the engine listens on; it stays the same across restarts.
func (s *Server) Addr() string { return s.addr }

// DSN is what Open takes to reach one database of the engine.
func (s *Server) DSN(database string) string { return "http://" + s.addr + "/" + database }

// Status says whether the engine runs, how often it was restarted, and why it last died.
func (s *Server) Status() (up bool, restarts int, last error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.child != nil, s.restarts, s.lastErr
}

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
			s.set(nil, nil)
			return
		case <-c.gone:
		}
		s.set(nil, c.err)
		s.opt.Log.Error("the ClickHouse engine died; starting it again", "error", c.err)
		if time.Since(started) > steady {
			delay = firstDelay
		}
		if c = s.relaunch(run, &delay); c == nil {
			return
		}
		s.set(c, nil)
	}
}

// relaunch starts children, waiting longer and longer, until one answers; nil
// once the server is to stop.
func (s *Server) relaunch(run context.Context, delay *time.Duration) *child {
	for {
		timer := time.NewTimer(*delay)
		select {
		case <-run.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		*delay = min(*delay*2, lastDelay)
		s.mu.Lock()
		s.restarts++
		s.mu.Unlock()
		c, err := s.launch(run)
		if err == nil {
			s.opt.Log.Info("the ClickHouse engine is back", "pid", c.cmd.Process.Pid)
			return c
		}
		if run.Err() != nil {
			return nil
		}
		s.set(nil, err)
		s.opt.Log.Error("start the ClickHouse engine", "error", err, "again_in", *delay)
	}
}

func (s *Server) set(c *child, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.child = c
	if err != nil {
		s.lastErr = err
	}
}

// child is one process of the engine.
type child struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	gone  chan struct{} // closed when the process has ended and err is set
	err   error
}

// readyPrefix leads the line on which a child says that it answers.
const readyPrefix = "muster-clickhouse-ready "

// launch starts a child and waits for its ready line.
func (s *Server) launch(ctx context.Context) (*child, error) {
	args := append(append([]string(nil), s.opt.Args...),
		"--path", s.opt.Path, "--addr", s.addr, "--max-memory", strconv.FormatInt(s.opt.MaxMemory, 10))
	if s.opt.Library != "" {
		args = append(args, "--library", s.opt.Library)
	}
	cmd := exec.Command(s.opt.Binary, args...) //nolint:noctx // outlives the start's context; Stop and the supervisor end it
	cmd.Env = append(os.Environ(), s.opt.Env...)
	cmd.SysProcAttr = dieWithParent()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "start the ClickHouse engine")
	}
	ready, out := io.Pipe()
	tail := &tailLog{log: s.opt.Log}
	cmd.Stdout, cmd.Stderr = out, tail
	c := &child{cmd: cmd, stdin: stdin, gone: make(chan struct{})}
	started := make(chan error, 1)
	go c.run(started, out, tail)
	if err := <-started; err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "start the ClickHouse engine")
	}
	return c, s.await(ctx, c, ready)
}

// await reads the child's output until the ready line, and then on.
func (s *Server) await(ctx context.Context, c *child, out *io.PipeReader) error {
	addr := make(chan string, 1)
	go func() {
		defer close(addr)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if a, ok := strings.CutPrefix(lines.Text(), readyPrefix); ok {
				addr <- a
			} else {
				s.opt.Log.Info("ClickHouse engine", "says", lines.Text())
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case a, ok := <-addr:
		if ok {
			if s.addr != a { // the first start; later ones ask for what it chose
				s.addr = keepPort(s.addr, a)
			}
			return nil
		}
		<-c.gone
		return fault.Wrap(fault.Unavailable, c.err, "start the ClickHouse engine")
	case <-ctx.Done():
		_ = c.cmd.Process.Kill()
		<-c.gone
		return fault.Wrap(fault.Timeout, errors.Join(ctx.Err(), c.err), "start the ClickHouse engine")
	}
}

// keepPort is the address to use from now on: as asked for, with the port that was chosen.
func keepPort(asked, chosen string) string {
	if _, port, err := net.SplitHostPort(asked); err == nil && port != "0" {
		return asked
	}
	return chosen
}

// run is the child's whole life. The thread stays locked because on Linux the
// parent-death signal is that of the thread that started the child.
func (c *child) run(started chan<- error, out *io.PipeWriter, tail *tailLog) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := c.cmd.Start(); err != nil {
		_ = out.Close()
		started <- err
		return
	}
	started <- nil
	c.err = c.cmd.Wait()
	if last := tail.last(); last != "" {
		c.err = fmt.Errorf("%s (%w)", last, orExited(c.err))
	}
	c.err = orExited(c.err)
	_ = out.Close()
	_ = c.stdin.Close()
	close(c.gone)
}

func orExited(err error) error {
	if err == nil {
		return errors.New("exited")
	}
	return err
}

// tailLog passes the child's standard error on to the log and remembers its
// last line, which says why it died.
type tailLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	line string
}

func (t *tailLog) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			t.log.Warn("ClickHouse engine", "says", line)
			t.mu.Lock()
			t.line = line
			t.mu.Unlock()
		}
	}
	return len(b), nil
}

func (t *tailLog) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.line
}
