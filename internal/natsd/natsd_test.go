package natsd_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"muster/internal/fault"
	"muster/internal/natsd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func start(t *testing.T, opt natsd.Options) *natsd.Server {
	t.Helper()
	if opt.Log == nil {
		opt.Log = quiet()
	}
	s, err := natsd.Start(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Shutdown() })
	return s
}

func TestServerKeepsStreamsOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for round := range 2 {
		s := start(t, natsd.Options{StoreDir: dir, Addr: "127.0.0.1:0"})
		tcp, err := natsd.Connect(s.URL(), "tcp", quiet())
		if err != nil {
			t.Fatal(err)
		}
		inside, err := s.Connect("inside", quiet())
		if err != nil {
			t.Fatal(err)
		}
		for _, nc := range []*nats.Conn{tcp, inside} {
			if nc.MaxPayload() != 8<<20 {
				t.Errorf("max payload %d", nc.MaxPayload())
			}
			js, err := jetstream.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				_, _ = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
				if _, err := js.Publish(t.Context(), "s", []byte("x")); err != nil {
					t.Fatal(err)
				}
				continue
			}
			st, err := js.Stream(t.Context(), "S")
			if err != nil || st.CachedInfo().State.Msgs != 2 {
				t.Fatalf("%v %v", st, err)
			}
		}
		tcp.Close()
		inside.Close()
		for range 2 { // a second stop is harmless
			if err := s.Shutdown(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	used := t.TempDir()
	start(t, natsd.Options{StoreDir: used, Addr: "127.0.0.1:0"})
	broken := filepath.Join(t.TempDir(), "broken.conf")
	noStream := filepath.Join(t.TempDir(), "core.conf")
	for path, text := range map[string]string{broken: "jetstream {", noStream: "listen: 127.0.0.1:4222"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		opt  natsd.Options
		code fault.Code
	}{
		"port taken":    {natsd.Options{StoreDir: t.TempDir(), Addr: taken.Addr().String()}, fault.Unavailable},
		"store in use":  {natsd.Options{StoreDir: used, Addr: "127.0.0.1:0"}, fault.Conflict},
		"no address":    {natsd.Options{StoreDir: t.TempDir(), Addr: "here"}, fault.Invalid},
		"no port":       {natsd.Options{StoreDir: t.TempDir(), Addr: "127.0.0.1:http"}, fault.Invalid},
		"no file":       {natsd.Options{ConfigFile: "/does/not/exist"}, fault.Invalid},
		"broken file":   {natsd.Options{ConfigFile: broken}, fault.Invalid},
		"no jetstream":  {natsd.Options{ConfigFile: noStream}, fault.Invalid},
		"store is file": {natsd.Options{StoreDir: broken, Addr: "127.0.0.1:0"}, fault.Invalid},
	} {
		c.opt.Log = quiet()
		if s, err := natsd.Start(context.Background(), c.opt); !fault.Is(err, c.code) {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := natsd.Start(ctx, natsd.Options{StoreDir: t.TempDir(), Addr: "127.0.0.1:0", Log: quiet()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := natsd.Connect("nats://127.0.0.1:1", "x", quiet()); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

func TestServerLogsIntoSlog(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	log := slog.New(slog.NewTextHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := start(t, natsd.Options{StoreDir: t.TempDir(), Addr: "127.0.0.1:0", Log: log})
	_ = s.Shutdown()
	if out := buf.String(); !strings.Contains(out, "from=nats") || !strings.Contains(out, "NATS is ready") {
		t.Fatal(out)
	}
}

// TestPlainServerTakesTheSameFile reads nats.conf the way the nats-server command
// does, starts that server, and finds the same promises.
func TestPlainServerTakesTheSameFile(t *testing.T) {
	t.Parallel()
	fs := flag.NewFlagSet("nats-server", flag.ContinueOnError)
	none := func() {}
	opts, err := server.ConfigureOptions(fs, []string{"-c", "../../nats.conf", "-a", "127.0.0.1", "-p", "-1"}, none, none, none)
	if err != nil {
		t.Fatal(err)
	}
	if !opts.JetStream || !opts.SyncAlways || opts.MaxPayload != 8<<20 || opts.Host != "127.0.0.1" {
		t.Fatalf("%+v", opts)
	}
	opts.NoSigs, opts.NoLog, opts.StoreDir = true, true, t.TempDir()
	srv, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	defer func() { srv.Shutdown(); srv.WaitForShutdown() }()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("not ready")
	}
	nc, err := natsd.Connect(srv.ClientURL(), "plain", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.AccountInfo(t.Context()); err != nil {
		t.Fatal(err)
	}
}
