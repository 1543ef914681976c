package clickhouse_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/internal/clickhouse"
)

// heard listens to a log for a text.
type heard struct {
	text string
	yes  chan struct{}
}

func (h *heard) Write(line []byte) (int, error) {
	if strings.Contains(string(line), h.text) {
		select {
		case h.yes <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

// A child that hangs while it starts is given up, and another one is started.
func TestAChildThatHangsAtItsStartIsReplaced(t *testing.T) {
	t.Parallel()
	signs := t.TempDir()
	hang := filepath.Join(signs, "hang")
	sign := func() {
		if err := os.WriteFile(hang, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sign()
	back := &heard{text: "engine is back", yes: make(chan struct{}, 1)}
	s := startServer(t, t.TempDir(), func(o *clickhouse.Options) {
		o.Env = []string{childEnv + "=hangs once", hangEnv + "=" + signs}
		o.StartWithin = 3 * time.Second
		o.Log = slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), back), nil))
	})
	if _, err := os.Stat(hang); err == nil {
		t.Error("no child hung at first")
	}
	sign()
	first := s.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-back.yes:
	case <-time.After(60 * time.Second):
		t.Fatal("the engine does not come back")
	}
	if err := open(t, s, "default").Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if pid := s.PID(); pid == first {
		t.Error("the first child was not killed")
	}
	if _, err := os.Stat(hang); err == nil {
		t.Error("no child hung")
	}
}
