package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the muster under test: MUSTER_BIN, which the Makefile sets, or one built here once.
var binary = sync.OnceValues(func() (string, error) {
	if b := os.Getenv("MUSTER_BIN"); b != "" {
		return filepath.Abs(b)
	}
	dir, err := os.MkdirTemp("", "muster-e2e-")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "muster")
	cmd := exec.Command("go", "build", "-o", out, "../cmd/muster")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(b))
	}
	return out, nil
})

// server is one running `muster up`.
type server struct {
	*client
	t         testing.TB
	dir       string
	env       []string // beside this process's own
	cmd       *exec.Cmd
	done      chan struct{}
	endpoints struct{ HTTP, NATS, ClickHouse, Sandbox string }
}

// readyWithin bounds a start; it is only there so that a hang fails with the log.
const readyWithin = 2 * time.Minute

// start runs `muster up` on free ports over dir and returns once it is ready.
func start(t testing.TB, dir string, args ...string) *server {
	t.Helper()
	s := &server{t: t, dir: dir}
	s.launch(args...)
	return s
}

// launch runs the server for the rest of the test.
func (s *server) launch(args ...string) {
	s.t.Helper()
	s.run(args...)
	s.t.Cleanup(func() {
		s.kill()
		if s.t.Failed() {
			s.showLog()
		}
	})
}

func (s *server) run(args ...string) {
	s.t.Helper()
	bin, err := binary()
	if err != nil {
		s.t.Fatalf("build muster: %v", err)
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(bin, append([]string{"up", "--data", s.dir, "--http", "127.0.0.1:0", "--nats", "127.0.0.1:0",
		"--clickhouse", "127.0.0.1:0", "--sandbox", "127.0.0.1:0"}, args...)...)
	s.cmd.Env = append(append(os.Environ(), "MUSTER_CHDB_LIB="+engineLibrary()), s.env...)
	s.cmd.Stderr = log
	s.awaitStart()
	s.readEndpoints()
}

// serve runs `muster serve` with the given arguments; it has no doors of its own.
func (s *server) serve(args ...string) {
	s.t.Helper()
	bin, err := binary()
	if err != nil {
		s.t.Fatalf("build muster: %v", err)
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(bin, append([]string{"serve", "--data", s.dir}, args...)...)
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stderr = log
	s.awaitStart()
	s.t.Cleanup(s.kill)
}

// awaitStart starts the command and returns once it says that it is ready.
func (s *server) awaitStart() {
	s.t.Helper()
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready := make(chan bool, 1)
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() {
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			if strings.HasPrefix(sc.Text(), "Muster is ready") {
				ready <- true
			}
		}
		_ = cmd.Wait()
		close(done)
	}()
	select {
	case <-ready:
	case <-done:
		s.showLog()
		s.t.Fatalf("muster up ended before it was ready: %v", cmd.ProcessState)
	case <-time.After(readyWithin):
		s.showLog()
		s.t.Fatal("muster up is not ready")
	}
}

func (s *server) readEndpoints() {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "endpoints.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(b, &s.endpoints); err != nil {
		s.t.Fatalf("endpoints.json: %v", err)
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "admin.key"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.client = &client{t: s.t, base: s.endpoints.HTTP, key: strings.TrimSpace(string(key))}
}

// kill ends the process as a power cut would, and waits for it to be gone.
func (s *server) kill() {
	if s.cmd == nil || s.done == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
}

// stop ends the process in order and returns its exit code.
func (s *server) stop() int {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(readyWithin):
		s.showLog()
		s.t.Fatal("muster did not stop")
	}
	return s.cmd.ProcessState.ExitCode()
}

// awaitReady returns once the server says that both engines are there.
func (s *server) awaitReady() {
	s.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(readyWithin); ; {
		a, err := s.try("GET", "/readyz", nil)
		if err == nil && a.Status == 200 {
			return
		}
		select {
		case <-deadline:
			s.t.Fatalf("the server is not ready: %d %v %s", a.Status, err, clip(a.Body))
		case <-tick.C:
		}
	}
}

// restart starts the same data directory again.
func (s *server) restart(args ...string) {
	s.t.Helper()
	s.run(args...)
}

func (s *server) logFile() string { return filepath.Join(s.dir, "..", filepath.Base(s.dir)+".log") }

func (s *server) showLog() {
	b, _ := os.ReadFile(s.logFile())
	if len(b) > 8<<10 {
		b = b[len(b)-8<<10:]
	}
	s.t.Logf("the log's end:\n%s", b)
}

// engineLibrary finds the engine that npm ci left in the repository.
func engineLibrary() string {
	if l := os.Getenv("MUSTER_CHDB_LIB"); l != "" {
		return l
	}
	found, _ := filepath.Glob("../node_modules/@chdb/lib-*/libchdb.so")
	if len(found) == 0 {
		return ""
	}
	abs, _ := filepath.Abs(found[0])
	return abs
}
