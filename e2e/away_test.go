package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// With a full disk nothing is acknowledged that is not kept; with room again work goes on
// by itself. Meanwhile and afterwards ClickHouse goes away: commands are still accepted,
// reads say so.
func TestDiskFullAndClickHouseAway(t *testing.T) {
	dir := t.TempDir()
	small := os.Geteuid() == 0 && syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m") == nil
	if small {
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
	s := start(t, filepath.Join(dir, "data"))
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "small", "kind": "ids"})
	group := "/v1/demo/groups/" + id(made)
	s.stream(200, "POST", group+"/members?wait=30s", strings.NewReader(seq(1, 1000)), "Content-Type", "text/plain")
	t.Run("a second process", s.second)
	t.Run("the disk is full", func(t *testing.T) {
		if !small {
			t.Skip("only root can mount a small file system")
		}
		s.fullDisk(t, dir, group)
	})
	t.Run("ClickHouse is away", func(t *testing.T) { s.engineAway(t) })
}

// While NATS is away everything says so, at once and without harm; when it is back work goes on.
func TestNATSAway(t *testing.T) {
	n := startNATS(t)
	t.Setenv("MUSTER_NATS_URL", n.url)
	s := start(t, t.TempDir())
	group := "/v1/demo/groups/" + id(s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "log", "kind": "ids"}))
	s.stream(200, "POST", group+"/members?wait=30s", strings.NewReader(seq(1, 10)), "Content-Type", "text/plain")
	n.kill()
	unavailable := func(method, path string, body string, contentType string) {
		t.Helper()
		begun := time.Now()
		a, err := s.try(method, path, strings.NewReader(body), "Content-Type", contentType)
		if err != nil || a.Status != 503 || !strings.Contains(string(a.Body), `"unavailable"`) {
			t.Errorf("%s %s while NATS is away: %d %s %v", method, path, a.Status, clip(a.Body), err)
		}
		if d := time.Since(begun); d > 10*time.Second {
			t.Errorf("%s %s took %s to say that NATS is away", method, path, d)
		}
	}
	unavailable("POST", "/v1/demo/groups", `{"name":"x","kind":"ids"}`, "application/json")
	unavailable("POST", group+"/members", seq(11, 20), "text/plain")
	unavailable("POST", "/v1/demo/users:import", "user_id\n1\n", "text/csv")
	if c := num(s.json(200, "GET", group, nil)["count"]); c != 10 {
		t.Errorf("the read model says %d while NATS is away", c)
	}
	n.run()
	s.awaitReady()
	s.eventually(t, func() bool {
		a, err := s.try("POST", group+"/members?wait=30s", strings.NewReader(seq(11, 20)), "Content-Type", "text/plain")
		return err == nil && a.Status == 200
	})
	if c := num(s.json(200, "GET", group, nil)["count"]); c != 20 {
		t.Errorf("%d members after NATS is back, want 20", c)
	}
}

// A second process over one data directory is refused and leaves the first alone.
func (s *server) second(t *testing.T) {
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bin, "up", "--data", s.dir, "--http", "127.0.0.1:0", "--nats", "127.0.0.1:0",
		"--clickhouse", "127.0.0.1:0", "--sandbox", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "used by another process") {
		t.Errorf("a second process: %v %s", err, clip(out))
	}
	s.readEndpoints()
	s.json(200, "GET", "/v1", nil)
}

// fullDisk fills the disk up, uploads until that fails, and makes room again.
func (s *server) fullDisk(t *testing.T, dir, group string) {
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	const rows = 20_000
	upload := func(i int) int {
		var b strings.Builder
		for row := range rows {
			fmt.Fprintln(&b, (i*rows+row)*9973+2000) // far apart: 20,000 ids take some 100 KB
		}
		a, err := s.try("POST", group+"/members", strings.NewReader(b.String()), "Content-Type", "text/plain", "Idempotency-Key", fmt.Sprint("upload-", i))
		if err != nil {
			t.Fatal(err)
		}
		return a.Status
	}
	acknowledged := 0
	for upload(acknowledged) == http.StatusAccepted {
		if acknowledged++; acknowledged > 100 {
			t.Fatal("the disk does not fill up")
		}
	}
	if a, err := s.try("GET", "/readyz", nil); err != nil || a.Status != http.StatusServiceUnavailable {
		t.Errorf("ready while nothing can be stored: %d %s %v", a.Status, clip(a.Body), err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, func() bool { return upload(acknowledged) == http.StatusAccepted })
	want := uint64(1000 + (acknowledged+1)*rows)
	s.eventually(t, func() bool { return num(s.json(200, "GET", group, nil)["count"]) == want })
	s.awaitReady()
}

// engineAway stops the engine, then kills it: what changes is accepted, what reads says unavailable, and all is done once it is back.
func (s *server) engineAway(t *testing.T) {
	made := s.json(200, "POST", "/v1/demo/groups?wait=30s", object{"name": "away", "kind": "ids"})
	group := "/v1/demo/groups/" + id(made)
	engine := engineOf(t, s.cmd.Process.Pid)
	signal := func(sig syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(engine, sig); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP) // it takes connections, and says nothing on them
	a, err := s.try("GET", group, nil)
	signal(syscall.SIGCONT)
	if err != nil || a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(string(a.Body), `"unavailable"`) {
		t.Errorf("a read while the engine is stopped: %d %s %v", a.Status, clip(a.Body), err)
	}
	s.json(200, "GET", group, nil)
	signal(syscall.SIGKILL)
	s.json(http.StatusAccepted, "POST", "/v1/demo/groups", object{"name": "meanwhile", "kind": "ids"})
	s.stream(http.StatusAccepted, "POST", group+"/members", strings.NewReader(seq(1, 10)), "Content-Type", "text/plain")
	if a, err := s.try("GET", group, nil); err != nil || a.Status != http.StatusOK && !strings.Contains(string(a.Body), `"unavailable"`) {
		t.Errorf("a read while the engine is away: %d %s %v", a.Status, clip(a.Body), err)
	}
	s.awaitReady()
	s.eventually(t, func() bool {
		a, err := s.try("GET", group, nil)
		return err == nil && a.Status == 200 && strings.Contains(string(a.Body), `"count":10,`)
	})
}

// eventually waits until something holds; how long is there only so that a hang fails.
func (s *server) eventually(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(readyWithin); !holds(); {
		select {
		case <-deadline:
			t.Fatal("it does not come to that")
		case <-tick.C:
		}
	}
}

// fill takes almost all the room of a disk.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var st syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(file), &st); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, int64(st.Bavail)*st.Bsize-1<<20); err != nil {
		t.Fatal(err)
	}
}
