package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"muster/channels/sandbox"
	"muster/internal/config"
	"muster/internal/lifecycle"
	"muster/internal/telemetry"
)

func upCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run everything in one process on this machine, with both engines embedded",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runProcess(cmd, config.Up)
		},
	}
	addProcessFlags(cmd, config.Up)
	return cmd
}

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run chosen roles against a NATS and a ClickHouse cluster",
		Long: "Run chosen roles against a NATS and a ClickHouse cluster.\n\nWithout the role gateway, --http answers /healthz, /readyz and /metrics, without a key, and nothing else:" +
			"\nlet only those reach it who may read metrics. Where --http is not set and its default is taken, nothing is answered.",
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runProcess(cmd, config.Serve)
		},
	}
	addProcessFlags(cmd, config.Serve)
	return cmd
}

// runProcess loads the configuration, opens the engines and runs the roles until the context ends.
func runProcess(cmd *cobra.Command, mode config.Mode) (err error) {
	cfg, err := loadConfig(cmd, mode)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stderr, cfg.Log.Level, cfg.Log.Format)
	ctx := cmd.Context()
	p := &process{cfg: cfg, mode: mode, log: log, metrics: telemetry.NewMetrics(version)}
	if p.engines, err = openEngines(ctx, cfg, log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if mode == config.Up { // only now: the data directory is ours
		if err := p.clearEndpoints(); err != nil {
			return err
		}
	}
	if err := p.listen(ctx); err != nil {
		return err
	}
	services, err := p.services(ctx)
	if err != nil {
		return err
	}
	group := lifecycle.New(log, services...)
	if err := group.Start(ctx); err != nil {
		return err
	}
	if err := p.announce(ctx, cmd); err != nil {
		return errors.Join(err, group.Stop())
	}
	select {
	case <-ctx.Done():
	case <-group.Failed():
	}
	log.Info("stopping")
	return errors.Join(group.Failure(), group.Stop())
}

// process is one running muster: engines, listeners and what the roles share.
type process struct {
	*engines
	cfg     *config.Config
	mode    config.Mode
	log     *slog.Logger
	metrics *telemetry.Metrics

	http, sandboxAt net.Listener // nil where this process has none
	sandbox         *sandbox.Sandbox
}

// listen takes the addresses before anything runs, so that a taken one is an error at once.
func (p *process) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if p.cfg.Has(config.Gateway) {
		if p.http, err = lc.Listen(ctx, "tcp", p.cfg.HTTP.Listen); err != nil {
			return fmt.Errorf("http.listen: %w", err)
		}
	}
	if p.cfg.Sandbox.Enabled {
		if p.sandboxAt, err = lc.Listen(ctx, "tcp", p.cfg.Sandbox.Listen); err != nil {
			return fmt.Errorf("sandbox.listen: %w", err)
		}
		dir := filepath.Join(p.cfg.Data, "sandbox")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		p.sandbox, err = sandbox.New(sandbox.Options{File: filepath.Join(dir, "messages.ndjson"), Log: p.log})
	}
	return err
}

func (p *process) close() error {
	var errs []error
	for _, l := range []net.Listener{p.http, p.sandboxAt} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, p.engines.close())...)
}

func (p *process) endpointsFile() string { return filepath.Join(p.cfg.Data, "endpoints.json") }

// clearEndpoints forgets where a process before this one answered.
func (p *process) clearEndpoints() error {
	if err := os.Remove(p.endpointsFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

// announce tells where the process answers, now that it does: in endpoints.json for up, and on standard output.
func (p *process) announce(ctx context.Context, cmd *cobra.Command) error {
	at := endpoints{}
	if p.http != nil {
		at.HTTP = "http://" + p.http.Addr().String()
	}
	if p.nats != nil {
		at.NATS = p.nats.URL()
	}
	if p.engine != nil {
		at.ClickHouse = "http://" + p.engine.Addr()
	}
	if p.sandboxAt != nil {
		at.Sandbox = "http://" + p.sandboxAt.Addr().String()
	}
	if p.mode == config.Up {
		if err := p.firstStart(ctx); err != nil {
			return err
		}
		b, err := json.MarshalIndent(at, "", "  ")
		if err != nil {
			return err
		}
		pid := fmt.Appendln(nil, os.Getpid())
		if err := writeAtomically(filepath.Join(p.cfg.Data, "muster.pid"), pid, 0o644); err != nil {
			return err
		}
		if err := writeAtomically(p.endpointsFile(), append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	fmt.Fprintln(out, "Muster is ready")
	for _, e := range []struct{ what, at string }{
		{"console and API", at.HTTP}, {"API docs", docsOf(at.HTTP)}, {"NATS", at.NATS}, {"ClickHouse", at.ClickHouse}, {"WeChat sandbox", at.Sandbox},
	} {
		if e.at != "" {
			fmt.Fprintf(out, "  %-15s %s\n", e.what, e.at)
		}
	}
	if p.mode == config.Up {
		fmt.Fprintf(out, "  %-15s %s\n", "admin key", p.adminKeyFile())
	}
	return nil
}

func docsOf(http string) string {
	if http == "" {
		return ""
	}
	return http + "/docs"
}

// writeAtomically leaves either the old file or the whole new one, also when the power is cut: a rename may reach the
// disk before the content does, and the directory last of all.
func writeAtomically(name string, content []byte, mode os.FileMode) error {
	tmp := name + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
