package natsd

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"muster/internal/fault"
)

const (
	lockWithin = 5 * time.Second // a killed process holds its locks until all its memory is freed
	lockEvery  = 20 * time.Millisecond
)

// lockDir makes the directory and locks it against other processes. The lock ends with the
// process, however that ends, but not in the same instant: who comes right behind it waits.
func lockDir(ctx context.Context, dir string, log *slog.Logger) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "make the NATS store directory")
	}
	f, err := os.OpenFile(filepath.Join(dir, "muster.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "lock the NATS store directory")
	}
	if err := lockFile(ctx, f, dir, log); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func lockFile(ctx context.Context, f *os.File, dir string, log *slog.Logger) error {
	try := func() error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
	err := try()
	if errors.Is(err, unix.EWOULDBLOCK) {
		log.Info("the NATS store is in use; waiting for it", "store", dir, "at_most", lockWithin)
	}
	tick, late := time.NewTicker(lockEvery), time.After(lockWithin)
	defer tick.Stop()
	for ; errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR); err = try() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fault.New(fault.Conflict, "the NATS store %s is used by another process", dir)
		}
	}
	return fault.Wrap(fault.Invalid, err, "lock the NATS store directory")
}
