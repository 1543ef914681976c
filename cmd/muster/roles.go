package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/channels/webhook"
	"muster/channels/wechat"
	"muster/commands"
	"muster/console"
	"muster/events"
	"muster/events/rows"
	"muster/gateway"
	"muster/imports"
	"muster/internal/config"
	"muster/internal/fault"
	"muster/internal/lifecycle"
	"muster/internal/natsd"
	"muster/policies"
	"muster/projections"
	"muster/projections/queries"
	"muster/sends"
	"muster/sources"
)

// shared is what roles have in common.
type shared struct {
	catalog  *events.Catalog
	codec    *rows.Codec
	store    *events.Store
	ingester *imports.Ingester
	queries  *queries.Queries
}

// services makes the services of the process's roles, in the order they start.
func (p *process) services(ctx context.Context) ([]lifecycle.Service, error) {
	s, err := p.share()
	if err != nil {
		return nil, err
	}
	list := []lifecycle.Service{{Name: "queries", Run: func(ctx context.Context) error {
		<-ctx.Done()
		s.queries.Close()
		return nil
	}}}
	list = append(list, lifecycle.Service{Name: "metrics", Run: func(ctx context.Context) error { return observe(ctx, p.js, p.metrics) }})
	if !p.cfg.Has(config.Gateway) {
		probes, err := p.probes(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, probes...)
	}
	if p.sandbox != nil {
		list = append(list, lifecycle.Service{Name: "sandbox", Run: func(ctx context.Context) error { return p.sandbox.Serve(ctx, p.sandboxAt) }})
	}
	for _, role := range []struct {
		role config.Role
		make func(*shared) ([]lifecycle.Service, error)
	}{
		{config.Projections, p.projections}, {config.Commands, p.commands}, {config.Policies, p.policies},
		{config.Sends, p.sends}, {config.Gateway, p.gateway},
	} {
		if !p.cfg.Has(role.role) {
			continue
		}
		made, err := role.make(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", role.role, err)
		}
		list = append(list, made...)
	}
	for i := range list {
		list[i].StopTimeout = stopTimeout
	}
	return list, ctx.Err()
}

// stopTimeout is longer than what the services give the work in hand by themselves (10 s), so that
// the last of it is written before the engines go.
const stopTimeout = 15 * time.Second

func (p *process) share() (*shared, error) {
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		return nil, err
	}
	codec, err := rows.NewCodec()
	if err != nil {
		return nil, err
	}
	store := events.NewStore(p.js, events.StoreOptions{})
	q, err := queries.New(queries.Options{DB: p.db, Store: store, NATS: p.nc, Log: p.log})
	if err != nil {
		return nil, err
	}
	return &shared{catalog: catalog, codec: codec, store: store, queries: q, ingester: imports.New(store, catalog, codec, p.log)}, nil
}

// connect makes a connection of its own for a role: NATS does not bring a connection what it publishes itself.
func (p *process) connect(name string) (*nats.Conn, jetstream.JetStream, error) {
	var nc *nats.Conn
	var err error
	if p.nats != nil {
		nc, err = p.nats.Connect(name, p.log)
	} else {
		nc, err = natsd.Connect(p.cfg.NATS.URL.Reveal(), name, p.log, p.natsOptions()...)
	}
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
	}
	return nc, js, err
}

func (p *process) projections(*shared) ([]lifecycle.Service, error) {
	nc, js, err := p.connect("projections")
	if err != nil {
		return nil, err
	}
	s, err := projections.New(projections.Options{DB: p.db, Layout: p.layout, JS: js, Log: p.log, Metrics: p.metrics})
	if err != nil {
		nc.Close()
		return nil, err
	}
	return []lifecycle.Service{{Name: "projections", Run: closing(nc, s.Run)}}, nil
}

// closing runs a service and closes its connection afterwards.
func closing(nc *nats.Conn, run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		defer nc.Close()
		return run(ctx)
	}
}

func (p *process) commands(s *shared) ([]lifecycle.Service, error) {
	service := commands.NewService(commands.Options{JS: p.js, Store: s.store, Catalog: s.catalog, Log: p.log})
	return []lifecycle.Service{{Name: "commands", Run: service.Run}}, nil
}

func (p *process) policies(s *shared) ([]lifecycle.Service, error) {
	files, err := sources.NewLocal(p.cfg.Files.Allow)
	if err != nil {
		return nil, err
	}
	local := imports.NewLocal(s.ingester, files, s.settings, int64(p.cfg.Limits.Upload), int(p.cfg.Limits.Line))
	opt := policies.Options{JS: p.js, Store: s.store, Catalog: s.catalog, Codec: s.codec, Log: p.log}
	return []lifecycle.Service{
		{Name: policies.ResolveName, Run: policies.NewResolve(opt, s.queries).Run},
		{Name: policies.LocalName, Run: policies.NewLocal(opt, local).Run},
		{Name: policies.ExpireName, Run: policies.NewExpire(opt).Run},
	}, nil
}

func (p *process) sends(s *shared) ([]lifecycle.Service, error) {
	ways, err := p.channels()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "muster"
	}
	nc, js, err := p.connect("sends")
	if err != nil {
		return nil, err
	}
	service, err := sends.New(sends.Options{JS: js, Log: s.store, Channels: ways, Freezes: sendReads{s.queries}, Addresses: sendReads{s.queries},
		Logger: p.log, Metrics: p.metrics, Name: fmt.Sprintf("%s-%d", host, os.Getpid())})
	if err != nil {
		nc.Close()
		return nil, err
	}
	return []lifecycle.Service{{Name: "sends", Run: closing(nc, service.Run)}}, nil
}

// channels are the ways out that are configured; with the sandbox, WeChat is the sandbox.
func (p *process) channels() ([]channels.Channel, error) {
	w := p.cfg.Channels.WeChat
	opt := wechat.Options{BaseURL: w.BaseURL.Reveal(), AppID: w.AppID, Secret: w.Secret.Reveal()}
	if p.sandboxAt != nil {
		opt = wechat.Options{BaseURL: "http://" + p.sandboxAt.Addr().String(), AppID: "sandbox", Secret: "sandbox"}
	}
	var ways []channels.Channel
	if opt.AppID != "" {
		opt.Log = p.log
		ch, err := wechat.New(opt)
		if err != nil {
			return nil, err
		}
		ways = append(ways, ch)
	}
	hook, err := webhook.New(webhook.Options{Allow: p.cfg.Channels.Webhook.Allow, Private: p.cfg.Channels.Webhook.Private,
		Secret: p.cfg.Channels.Webhook.Secret.Reveal()})
	if err != nil {
		return nil, err
	}
	return append(ways, hook), nil
}

func (p *process) gateway(s *shared) ([]lifecycle.Service, error) {
	again := gateway.NewRemoteRebuilds(p.nc, p.log)
	page, err := console.Handler()
	if err != nil {
		return nil, err
	}
	g := gateway.New(gateway.Options{
		JS: p.js, Store: s.store, Catalog: s.catalog, Ingester: s.ingester, Log: p.log, Metrics: p.metrics, Version: version,
		Queries: gateway.NewReadModel(s.queries, p.head, again.Rebuilding), Rebuilds: again, Checks: p.checks(), Console: page,
		MaxBody: int64(p.cfg.Limits.Body), MaxUpload: int64(p.cfg.Limits.Upload), MaxRecord: int(p.cfg.Limits.Line), MaxUploads: p.cfg.Limits.Uploads,
	})
	return []lifecycle.Service{
		{Name: "rebuilds", Run: func(ctx context.Context) error {
			<-ctx.Done()
			again.Close()
			return nil
		}},
		{Name: "gateway", Ready: g.Ready(), Run: func(ctx context.Context) error { return g.Run(ctx, p.http) }},
	}, nil
}

// checks are what must be well for the process to be ready.
func (p *process) checks() []gateway.Check {
	return []gateway.Check{
		{Name: "nats", Fn: func(context.Context) error {
			if !p.nc.IsConnected() {
				return errors.New("NATS is away")
			}
			return nil
		}},
		{Name: "clickhouse", Fn: p.db.Ping},
	}
}

// settings are the runtime settings as the log has them now.
func (s *shared) settings(ctx context.Context) (events.Settings, error) {
	now := events.DefaultSettings()
	_, err := s.store.Each(ctx, events.EventSubject(events.SystemScope, "settings", "global"), 0, func(e events.Event) error {
		if e.Type != events.TypeSettingsChanged {
			return nil
		}
		v, err := s.catalog.Decode(e)
		if changed, ok := v.(*events.SettingsChanged); ok {
			now = changed.Settings
		}
		return err
	})
	return now, err
}

// head is the last sequence of a stream.
func (p *process) head(ctx context.Context, stream string) (uint64, error) {
	s, err := p.js.Stream(ctx, stream)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "look at stream "+stream)
	}
	return s.CachedInfo().State.LastSeq, nil
}
