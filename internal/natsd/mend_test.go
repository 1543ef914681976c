package natsd_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sys/unix"

	"muster/internal/natsd"
)

// A full disk refuses messages; once there is room again the server takes them, at the same
// address, over the same connections, and holds all that it acknowledged.
func TestAFullDiskIsMendedWithoutARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	s := start(t, natsd.Options{StoreDir: filepath.Join(dir, "nats"), Addr: "127.0.0.1:0"})
	url := s.URL()
	nc, err := s.Connect("inside", quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}}); err != nil {
		t.Fatal(err)
	}
	publish := func(size int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := js.Publish(ctx, "s", make([]byte, size))
		return err
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 50<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	acked := uint64(0)
	for publish(1<<20) == nil {
		if acked++; acked > 64 {
			t.Fatal("the disk does not fill up")
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); publish(10) != nil; {
		if time.Now().After(deadline) {
			t.Fatal("no writes after there is room again")
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	st, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if n := st.CachedInfo().State.Msgs; n < acked+1 || s.URL() != url {
		t.Errorf("%d messages at %s; %d were acknowledged at %s", n, s.URL(), acked+1, url)
	}
}
