package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a `muster up` of its own, on free ports.
type server struct {
	binary, data string
	cmd          *exec.Cmd
	done         chan error
	key          string
	at           struct{ HTTP, NATS, ClickHouse, Sandbox string }
}

func startServer(ctx context.Context, binary, data string) (*server, error) {
	s := &server{binary: binary, data: data}
	_, err := s.start(ctx)
	return s, err
}

// start starts the process and says how long it took to be ready.
func (s *server) start(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	s.cmd = exec.Command(s.binary, "up", "--data", s.data, "--http", "127.0.0.1:0", "--nats", "127.0.0.1:0",
		"--clickhouse", "127.0.0.1:0", "--sandbox", "127.0.0.1:0")
	s.cmd.Stderr = os.Stderr
	s.cmd.Env = append(os.Environ(), "MUSTER_LOG_LEVEL=warn")
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	ready, done := make(chan struct{}, 1), make(chan error, 1)
	s.done = done
	go func() {
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			if strings.HasPrefix(sc.Text(), "Muster is ready") {
				ready <- struct{}{}
			}
		}
		done <- s.cmd.Wait()
	}()
	select {
	case <-ready:
	case err := <-done:
		return 0, fmt.Errorf("muster up ended before it was ready: %w", err)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	took := time.Since(began)
	b, err := os.ReadFile(filepath.Join(s.data, "endpoints.json"))
	if err != nil {
		return 0, err
	}
	if err := json.Unmarshal(b, &s.at); err != nil {
		return 0, err
	}
	key, err := os.ReadFile(filepath.Join(s.data, "admin.key"))
	s.key = strings.TrimSpace(string(key))
	return took, err
}

func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// object is a decoded JSON object.
type object = map[string]any

func (s *server) call(ctx context.Context, method, path string, body any) (object, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	return s.send(ctx, method, s.at.HTTP+path, r, "application/json")
}

func (s *server) send(ctx context.Context, method, url string, body io.Reader, contentType string) (object, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: status %d: %.300s", method, url, res.StatusCode, b)
	}
	out := object{}
	if len(b) > 0 && b[0] == '{' {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// sql runs a statement on the engine and returns its text output.
func (s *server) sql(ctx context.Context, query string, body io.Reader) (string, error) {
	url := s.at.ClickHouse + "/?database=muster"
	if body == nil {
		body = strings.NewReader(query)
	} else {
		url += "&query=" + strings.NewReplacer(" ", "%20", "\n", "%20", "+", "%2B").Replace(query)
	}
	res, err := http.Post(url, "text/plain", body)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("engine: %.300s", b)
	}
	return string(b), err
}

// await polls cond until it holds; the interval is short beside what is measured.
func await(ctx context.Context, cond func() (bool, error)) error {
	return awaitEvery(ctx, 20*time.Millisecond, cond)
}

// awaitEvery looks at most once in every.
func awaitEvery(ctx context.Context, every time.Duration, cond func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := cond()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// resetPeaks forgets the memory peaks so far (Linux only).
func (s *server) resetPeaks() {
	for _, pid := range s.pids() {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // without it peaks are since the start
	}
}

// peaks gives the peak resident MiB of muster and of the engine.
func (s *server) peaks() (muster, engine int64) {
	pids := s.pids()
	if len(pids) > 0 {
		muster = peakOf(pids[0])
	}
	for _, pid := range pids[min(1, len(pids)):] {
		engine += peakOf(pid)
	}
	return muster, engine
}

func peakOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb >> 10
		}
	}
	return 0
}

// pids lists muster and its children.
func (s *server) pids() []int {
	pids := []int{s.cmd.Process.Pid}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[0]))
	if err != nil {
		return pids
	}
	for _, f := range tasks {
		b, err := os.ReadFile(f)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		for _, child := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(child); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
