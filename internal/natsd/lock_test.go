package natsd_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"muster/internal/natsd"
)

// hold takes the lock of a store as another process would.
func hold(t *testing.T, dir string) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "muster.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// onWord calls fn once something is logged that holds a word.
type onWord struct {
	word string
	once sync.Once
	fn   func()
}

func (o *onWord) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(o.word)) {
		o.once.Do(o.fn)
	}
	return len(p), nil
}

// A process that was killed may hold its lock for a moment longer.
func TestStartWaitsForAStoreThatIsAboutToBeFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := hold(t, dir)
	log := slog.New(slog.NewTextHandler(&onWord{word: "waiting", fn: func() { _ = other.Close() }}, nil))
	start(t, natsd.Options{StoreDir: dir, Addr: "127.0.0.1:0", Log: log})
}

func TestWaitingForAStoreEndsWithTheContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hold(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	log := slog.New(slog.NewTextHandler(&onWord{word: "waiting", fn: cancel}, nil))
	if s, err := natsd.Start(ctx, natsd.Options{StoreDir: dir, Addr: "127.0.0.1:0", Log: log}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", s, err)
	}
}
