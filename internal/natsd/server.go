package natsd

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"muster/internal/fault"
)

//go:embed nats.conf
var embeddedConf string

// Options say how the embedded server differs from its configuration file.
type Options struct {
	ConfigFile string // "" takes the nats.conf that is compiled in
	StoreDir   string // where streams are kept; "" takes that of the file
	Addr       string // host:port; port 0 picks a free one; "" takes that of the file
	Log        *slog.Logger
}

// Server is a running embedded NATS server. It starts its server anew when that can
// write no more although its disk can.
type Server struct {
	opt  Options
	dir  string // of the store
	lock *os.File
	log  *slog.Logger
	stop context.CancelFunc // ends the watch
	wg   sync.WaitGroup

	mu  sync.Mutex
	srv *server.Server
}

const readyWithin = 2 * time.Minute // large stores are scanned after a crash

// Start starts a server and returns when it takes connections. It recovers every
// stream before that. An end of ctx while it starts, a taken port, a broken
// configuration or a store that another process goes on using is an error.
func Start(ctx context.Context, opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	conf, err := configure(opt)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lock, err := lockDir(ctx, conf.StoreDir, opt.Log)
	if err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{opt: opt, dir: conf.StoreDir, lock: lock, log: opt.Log, stop: stop}
	if err := s.run(ctx, conf); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Unavailable, err, "start the embedded NATS server"), s.Shutdown())
	}
	s.opt.Addr = s.Addr() // a server started anew is found at the same place
	s.wg.Go(func() { s.watch(watching) })
	opt.Log.Info("NATS is ready", "url", s.URL(), "store", conf.StoreDir)
	return s, nil
}

// configure reads the file and applies the options.
func configure(opt Options) (*server.Options, error) {
	conf := &server.Options{}
	var err error
	if opt.ConfigFile != "" {
		err = conf.ProcessConfigFile(opt.ConfigFile)
	} else {
		err = conf.ProcessConfigString(embeddedConf)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "read the NATS configuration")
	}
	if opt.StoreDir != "" {
		conf.StoreDir = opt.StoreDir
	}
	if opt.Addr != "" {
		host, port, err := net.SplitHostPort(opt.Addr)
		if err != nil {
			return nil, fault.Field("nats", "%q is not host:port", opt.Addr)
		}
		if conf.Port, err = strconv.Atoi(port); err != nil {
			return nil, fault.Field("nats", "%q is not a port", port)
		}
		conf.Host = host
		if conf.Port == 0 {
			conf.Port = server.RANDOM_PORT
		}
	}
	if !conf.JetStream || conf.StoreDir == "" {
		return nil, fault.New(fault.Invalid, "the NATS configuration needs jetstream with a store_dir")
	}
	conf.NoSigs = true
	return conf, nil
}

// run starts the server; what it calls fatal comes back as the error.
func (s *Server) run(ctx context.Context, conf *server.Options) error {
	srv, err := server.NewServer(conf)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.srv = srv
	s.mu.Unlock()
	log := &serverLog{log: s.log, fatal: make(chan string, 1)}
	srv.SetLoggerV2(log, false, false, false)
	started := make(chan struct{})
	go func() { // Start returns once everything listens, or after a fatal error
		defer close(started)
		srv.Start()
	}()
	timeout := time.NewTimer(readyWithin)
	defer timeout.Stop()
	select {
	case <-started:
	case <-ctx.Done():
		err = ctx.Err()
	case <-timeout.C:
		err = fmt.Errorf("not ready after %s", readyWithin)
	case msg := <-log.fatal:
		err = errors.New(msg)
	}
	if err == nil && !srv.Running() {
		err = errors.New("the server stopped at once")
	}
	if err == nil && !srv.ReadyForConnections(time.Second) {
		err = fmt.Errorf("cannot listen on %s", net.JoinHostPort(conf.Host, strconv.Itoa(conf.Port)))
	}
	select {
	case msg := <-log.fatal:
		return errors.New(msg)
	default:
		return err
	}
}

func (s *Server) current() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.srv
}

// URL is where clients connect.
func (s *Server) URL() string { return s.current().ClientURL() }

// Addr is host:port of URL.
func (s *Server) Addr() string { return s.current().Addr().String() }

// InProcessConn implements nats.InProcessConnProvider.
func (s *Server) InProcessConn() (net.Conn, error) { return s.current().InProcessConn() }

// Connect makes an in-process connection: no socket, lowest latency. For reading
// whole streams use Connect with URL: TCP is faster there.
func (s *Server) Connect(name string, log *slog.Logger) (*nats.Conn, error) {
	return connect("", name, log, nats.InProcessServer(s))
}

// Shutdown stops the server, waits until all is written, and frees the store. It
// may be called twice.
func (s *Server) Shutdown() error {
	s.stop()
	s.wg.Wait()
	if srv := s.current(); srv != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
	if s.lock == nil {
		return nil
	}
	err := s.lock.Close()
	s.lock = nil
	return err
}
