package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/config"
	"muster/internal/natsd"
	"muster/schemas"
)

// database is where the read model lives unless a DSN names another.
const database = "muster"

// inDatabase names Muster's database in a DSN that names none: what a server calls its
// default may be shared by all, and another process of Muster's looks here.
func inDatabase(dsn string) string {
	u, err := url.Parse(dsn)
	if dsn == "" || err != nil || strings.Trim(u.Path, "/") != "" || u.Query().Has("database") {
		return dsn
	}
	u.Path = "/" + database
	return u.String()
}

// engines are the two engines of a process, embedded or elsewhere, and its connections to them.
type engines struct {
	cfg    *config.Config
	log    *slog.Logger
	nats   *natsd.Server      // nil: by URL
	engine *clickhouse.Server // nil: by DSN
	nc     *nats.Conn
	js     jetstream.JetStream
	db     *clickhouse.DB
	layout clickhouse.Layout
	dsn    string
}

// openEngines starts what is embedded, connects, and brings streams and tables up to date.
// What was opened is closed again on an error.
func openEngines(ctx context.Context, cfg *config.Config, log *slog.Logger) (_ *engines, err error) {
	e := &engines{cfg: cfg, log: log, layout: clickhouse.Layout{Cluster: cfg.ClickHouse.Cluster}}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	if cfg.Memory.Go > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cfg.Memory.Go))
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := e.openNATS(ctx); err != nil {
		return nil, err
	}
	return e, e.openClickHouse(ctx)
}

func (e *engines) openNATS(ctx context.Context) (err error) {
	if e.cfg.NATS.Embedded() {
		if e.nats, err = natsd.Start(ctx, natsd.Options{ConfigFile: e.cfg.NATS.Config,
			StoreDir: filepath.Join(e.cfg.Data, "nats"), Addr: e.cfg.NATS.Listen, Log: e.log}); err != nil {
			return fmt.Errorf("start NATS: %w", err)
		}
		e.nc, err = e.nats.Connect("muster", e.log)
	} else {
		e.nc, err = natsd.Connect(e.cfg.NATS.URL.Reveal(), "muster", e.log, e.natsOptions()...)
	}
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	if e.js, err = jetstream.New(e.nc); err != nil {
		return fmt.Errorf("JetStream: %w", err)
	}
	changes, err := events.EnsureStreams(ctx, e.js, events.StreamsConfig{Replicas: e.cfg.NATS.Replicas})
	for _, c := range changes {
		e.log.Info("stream", "change", c.String())
	}
	if err != nil {
		return fmt.Errorf("streams: %w", err)
	}
	if e.nats == nil {
		return nil
	}
	taken, err := events.Reclaim(ctx, e.js)
	if len(taken) > 0 {
		e.log.Info("taking over what an earlier process left in hand", "consumers", taken)
	}
	return err
}

func (e *engines) natsOptions() (opts []nats.Option) {
	if e.cfg.NATS.Creds != "" {
		opts = append(opts, nats.UserCredentials(e.cfg.NATS.Creds))
	}
	return opts
}

func (e *engines) openClickHouse(ctx context.Context) (err error) {
	e.dsn = inDatabase(e.cfg.ClickHouse.DSN.Reveal())
	if e.cfg.ClickHouse.Embedded() {
		if e.engine, err = clickhouse.Start(ctx, clickhouse.Options{Path: filepath.Join(e.cfg.Data, "clickhouse"),
			Addr: e.cfg.ClickHouse.Listen, Args: []string{engineName}, Library: e.cfg.ClickHouse.Library,
			MaxMemory: int64(e.cfg.Memory.Engine), Log: e.log}); err != nil {
			return fmt.Errorf("start ClickHouse: %w", err)
		}
		e.dsn = e.engine.DSN(database)
	}
	if e.db, err = clickhouse.CreateDatabase(ctx, e.dsn, e.cfg.ClickHouse.Cluster); err != nil {
		return fmt.Errorf("connect to ClickHouse: %w", err)
	}
	var files fs.FS = schemas.SQL
	applied, err := clickhouse.Migrate(ctx, e.db, files, e.layout)
	if len(applied) > 0 {
		e.log.Info("migrations applied", "files", applied)
	}
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// engineStop bounds how long the engine may take to finish what it runs.
const engineStop = 10 * time.Second

// close ends everything in the reverse order; it may be called on what was opened half.
func (e *engines) close() error {
	var errs []error
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), engineStop)
		errs = append(errs, e.engine.Stop(ctx))
		cancel()
	}
	if e.nc != nil {
		e.nc.Close()
	}
	if e.nats != nil {
		errs = append(errs, e.nats.Shutdown())
	}
	return errors.Join(errs...)
}
