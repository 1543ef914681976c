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
	"runtime"
	"strconv"
	"strings"
	"sync"

	"muster/internal/fault"
)

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
