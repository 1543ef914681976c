package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"muster/events"
	"muster/internal/fault"
)

// memory is a store in memory with the promises of events.Store at this seam: TestSeam
// holds both to them.
type memory struct {
	mu  sync.Mutex
	seq uint64
	all map[events.Subject][]events.Event
}

func newMemory() *memory { return &memory{all: map[events.Subject][]events.Event{}} }

func (m *memory) Each(_ context.Context, s events.Subject, after uint64, fn func(events.Event) error) (events.Version, error) {
	m.mu.Lock()
	list := slices.Clone(m.all[s])
	m.mu.Unlock()
	var v events.Version
	for _, e := range list {
		if e.Seq <= after {
			continue
		}
		if err := fn(e); err != nil {
			return v, err
		}
		v = e.At()
	}
	return v, nil
}

func (m *memory) Last(_ context.Context, s events.Subject) (events.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.all[s]); n > 0 {
		return m.all[s][n-1], nil
	}
	return events.Event{}, fault.New(fault.NotFound, "nothing")
}

func (m *memory) Append(_ context.Context, appends []events.Append) ([]events.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := func(s events.Subject) events.Version {
		if n := len(m.all[s]); n > 0 {
			return m.all[s][n-1].At()
		}
		return events.Version{}
	}
	for _, a := range appends {
		if have := at(a.Subject); have.Seq != a.Expected.Seq {
			return nil, &events.ConflictError{Subject: a.Subject, Expected: a.Expected.Seq, Actual: have.Seq}
		}
	}
	var versions []events.Version
	for _, a := range appends {
		for _, e := range a.Events {
			m.seq++
			e.Subject, e.Seq, e.PrevHash, e.Hash = a.Subject, m.seq, at(a.Subject).Hash, "hash"+strconv.FormatUint(m.seq, 10)
			m.all[a.Subject] = append(m.all[a.Subject], e)
		}
		versions = append(versions, at(a.Subject))
	}
	return versions, nil
}

// stage is one product line to try commands in.
type stage struct {
	t       testing.TB
	ctx     context.Context
	store   Store
	catalog *events.Catalog
	service *Service
	cache   *cache
	seq     uint64
	asked   map[uint64]events.StoredCommand
}

func catalogOf(t testing.TB) *events.Catalog {
	t.Helper()
	c, err := events.NewCatalog(events.All())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newStage(t testing.TB, store Store) *stage {
	b := &stage{t: t, ctx: t.Context(), store: store, catalog: catalogOf(t), seq: 100, asked: map[uint64]events.StoredCommand{}}
	b.service = NewService(Options{Store: store, Catalog: b.catalog, Log: slog.New(slog.DiscardHandler)})
	b.service.commandAt = func(_ context.Context, seq uint64) (events.StoredCommand, error) {
		if c, ok := b.asked[seq]; ok {
			return c, nil
		}
		return events.StoredCommand{}, fault.New(fault.NotFound, "nothing")
	}
	b.service.answeredUpTo = func(context.Context) (uint64, error) { return b.seq, nil }
	b.cache = newCache(cacheWeight)
	return b
}

var now = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// given appends payloads to a subject of demo; a chunk stands for a binary event.
func (b *stage) given(aggregate, id string, payloads ...any) {
	b.t.Helper()
	biz := "demo"
	if aggregate == aggKey || aggregate == aggSettings {
		biz = events.SystemScope
	}
	s := events.EventSubject(biz, aggregate, id)
	for _, p := range payloads {
		var v events.Version
		if last, err := b.store.Last(b.ctx, s); err == nil {
			v = last.At()
		}
		e, ok := p.(events.Event)
		if !ok {
			var err error
			if e, err = b.catalog.Encode(p); err != nil {
				b.t.Fatal(err)
			}
		}
		if _, err := b.store.Append(b.ctx, []events.Append{{Subject: s, Expected: v, Events: []events.Event{e}}}); err != nil {
			b.t.Fatal(err)
		}
	}
}

func chunk(t events.Type, part, count uint64) events.Event {
	return events.Event{Type: t, Version: 1, Encoding: events.EncodingRoaring64, Part: part, Count: count, Data: []byte{0}}
}

// ask makes the next command.
func (b *stage) ask(typ, id string, payload any) events.StoredCommand {
	b.t.Helper()
	biz := "demo"
	if s, ok := lookup(typ); ok && s.system {
		biz = events.SystemScope
	}
	c, err := Build(Request{ID: id, Biz: biz, Type: typ, Payload: payload, Actor: "k1", Time: now})
	if err != nil {
		b.t.Fatal(err)
	}
	b.seq++
	stored := events.StoredCommand{Command: c, Seq: b.seq}
	b.asked[b.seq] = stored
	return stored
}

func (b *stage) handle(c events.StoredCommand) error {
	o, err := b.service.read(c)
	if err != nil {
		return err
	}
	return b.service.handle(b.ctx, b.cache, o)
}

// do handles a new command and returns the answer: the payloads of the events that
// name it.
func (b *stage) do(typ, id string, payload any) []any {
	b.t.Helper()
	c := b.ask(typ, id, payload)
	if err := b.handle(c); err != nil {
		b.t.Fatalf("%s: %v", typ, err)
	}
	o, _ := b.service.read(c)
	return b.answers(o.subject, c.ID)
}

func (b *stage) answers(s events.Subject, commandID string) []any {
	b.t.Helper()
	var list []any
	for _, e := range b.log(s) {
		if e.CommandID == commandID && answers(e.Type) {
			p, err := b.catalog.Decode(e)
			if err != nil {
				b.t.Fatal(err)
			}
			list = append(list, reflect.ValueOf(p).Elem().Interface())
		}
	}
	return list
}

func (b *stage) log(s events.Subject) []events.Event {
	b.t.Helper()
	var list []events.Event
	if _, err := b.store.Each(b.ctx, s, 0, func(e events.Event) error { list = append(list, e); return nil }); err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *stage) hash(aggregate, id string) string {
	b.t.Helper()
	e, err := b.store.Last(b.ctx, events.EventSubject("demo", aggregate, id))
	if err != nil {
		b.t.Fatal(err)
	}
	return e.Hash
}

// then compares an answer with what it should be.
func then(t testing.TB, got []any, want ...any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %s\nwant %s", show(got), show(want))
	}
}

func show(list []any) string {
	var s string
	for _, p := range list {
		j, _ := json.Marshal(p)
		s += fmt.Sprintf("%T%s ", p, j)
	}
	return s
}

// refused asserts a refusal with a code that blames a field.
func refused(t testing.TB, got []any, code fault.Code, field string) {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("got %s, want one refusal", show(got))
	}
	r, ok := got[0].(events.CommandRefused)
	if !ok || r.Code != string(code) || r.Field != field || r.Reason == "" {
		t.Fatalf("got %s, want refusal %s of %q", show(got), code, field)
	}
}

// ignored asserts a noop.
func ignored(t testing.TB, got []any, typ string) {
	t.Helper()
	if len(got) != 1 {
		t.Fatalf("got %s, want one noop", show(got))
	}
	if n, ok := got[0].(events.CommandNoop); !ok || n.Command != typ || n.Reason == "" {
		t.Fatalf("got %s, want a noop", show(got))
	}
}

// demo is a stage with the product line demo in it.
func demo(t testing.TB) *stage {
	b := newStage(t, newMemory())
	b.given(aggBiz, "demo", events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
	return b
}

func ptr[T any](v T) *T { return &v }
