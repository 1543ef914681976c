package clickhouse

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"muster/internal/clickhouse/chdb"
	"muster/internal/clickhouse/engine"
	"muster/internal/fault"
)

// stopWithin is how long a stopping child lets statements finish.
const stopWithin = 10 * time.Second

// RunEngine is the child process: it opens the data directory, serves it over
// HTTP, says so in one line on standard output, and stops when standard input
// ends or ctx does. Its arguments are those that Start gives it.
func RunEngine(ctx context.Context, args []string, log *slog.Logger) error {
	flags := flag.NewFlagSet("clickhouse-engine", flag.ContinueOnError)
	path := flags.String("path", "", "data directory")
	addr := flags.String("addr", "127.0.0.1:0", "loopback address to listen on")
	library := flags.String("library", "", "path of libchdb")
	memory := flags.Int64("max-memory", 0, "bytes the engine may use")
	if err := flags.Parse(args); err != nil {
		return fault.Wrap(fault.Invalid, err, "arguments of the engine")
	}
	if *path == "" {
		return fault.Field("path", "the engine needs a data directory")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // the parent closes our standard input to stop us, and dying does too
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	unlock, err := lockDir(ctx, *path)
	if err != nil {
		return err
	}
	defer unlock()
	eng, err := chdb.Open(chdb.Config{Library: *library, Path: *path, MaxMemory: *memory})
	if err != nil {
		return err
	}
	srv, err := engine.Listen(eng, *addr, log)
	if err != nil {
		return err
	}
	if _, err := fmt.Println(readyPrefix + srv.Addr()); err != nil {
		return err
	}
	<-ctx.Done()
	end, done := context.WithTimeout(context.Background(), stopWithin)
	defer done()
	return srv.Stop(end)
}

// lockDir waits until no other process holds the data directory: a child that
// was killed may still be dying while its successor starts.
func lockDir(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "make the ClickHouse data directory")
	}
	f, err := os.OpenFile(filepath.Join(path, "engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "lock the ClickHouse data directory")
	}
	locked := make(chan error, 1)
	go func() {
		for {
			err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
			if err != unix.EINTR {
				locked <- err
				return
			}
		}
	}()
	wait, cancel := context.WithTimeout(ctx, lockWithin)
	defer cancel()
	select {
	case err := <-locked:
		if err != nil {
			_ = f.Close()
			return nil, fault.Wrap(fault.Unavailable, err, "lock the ClickHouse data directory")
		}
		return func() { _ = f.Close() }, nil
	case <-wait.Done():
		return nil, fault.New(fault.Unavailable, "another process uses the ClickHouse data directory %s", path)
	}
}

// lockWithin is how long to wait for a dying predecessor before taking it for a living other.
const lockWithin = 15 * time.Second
