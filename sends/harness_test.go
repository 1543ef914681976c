package sends_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/channels/sandbox"
	"muster/channels/wechat"
	"muster/commands"
	"muster/events"
	"muster/events/natstest"
	"muster/sends"
	"muster/sends/ledger"
)

const biz = "demo"

// house is one NATS server, one sandbox and one read model, which any number of sends processes share.
type house struct {
	t       testing.TB
	nats    *natstest.NATS
	sandbox *sandbox.Sandbox
	url     string
	model   *readModel
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, nats: natstest.New(t), model: &readModel{}}
	var err error
	h.sandbox, err = sandbox.New(sandbox.Options{File: filepath.Join(t.TempDir(), "messages"), Log: natstest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.url = "http://" + ln.Addr().String()
	h.background(func(ctx context.Context) error { return h.sandbox.Serve(ctx, ln) })
	h.background(h.campaigns)
	return h
}

// background runs fn until the test ends.
func (h *house) background(fn func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			h.t.Errorf("in the background: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	h.t.Cleanup(stop)
	return stop
}

// campaigns decides the commands that sends gives, as the campaign aggregate does.
func (h *house) campaigns(ctx context.Context) error {
	cons, err := h.nats.JS.CreateOrUpdateConsumer(ctx, events.StreamCommands, jetstream.ConsumerConfig{
		Durable: "campaigns", AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: "cmd.*.campaign.*",
	})
	if err != nil {
		return err
	}
	for {
		m, err := cons.Next(jetstream.FetchContext(ctx))
		if errors.Is(err, nats.ErrTimeout) {
			continue
		}
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		c, err := events.DecodeCommand(m.Subject(), meta.Sequence.Stream, m.Headers(), m.Data())
		if err != nil {
			return err
		}
		if err := h.decide(ctx, c); err != nil {
			return err
		}
		if err := m.Ack(); err != nil {
			return err
		}
	}
}

func (h *house) decide(ctx context.Context, c events.StoredCommand) error {
	switch c.Type {
	case commands.RecordFreezeType:
		var b commands.RecordFreeze
		if err := json.Unmarshal(c.Data, &b); err != nil {
			return err
		}
		return h.append(ctx, b.Campaign, events.TypeCampaignAudienceFrozen, events.CampaignAudienceFrozen{
			Position: b.Position, Audience: b.Audience, Ranges: b.Ranges, Hash: b.Hash})
	case commands.FailCampaignType:
		var b commands.FailCampaign
		if err := json.Unmarshal(c.Data, &b); err != nil {
			return err
		}
		return h.append(ctx, b.Campaign, events.TypeCampaignFailed, events.CampaignFailed{Reason: b.Reason})
	case commands.CompleteCampaignType:
		var b commands.RecordCompletion
		if err := json.Unmarshal(c.Data, &b); err != nil {
			return err
		}
		return h.append(ctx, b.Campaign, events.TypeCampaignCompleted, events.CampaignCompleted{Books: b.Books})
	}
	return fmt.Errorf("sends gave the command %s", c.Type)
}

func subject(id uint64) events.Subject {
	return events.EventSubject(biz, "campaign", strconv.FormatUint(id, 10))
}

// append adds an event to a campaign, whatever is there.
func (h *house) append(ctx context.Context, id uint64, t events.Type, payload any) error {
	data, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	_, at, err := h.nats.Store.Load(ctx, subject(id), 0)
	if err != nil {
		return err
	}
	_, err = h.nats.Store.Append(ctx, []events.Append{{Subject: subject(id), Expected: at, Events: []events.Event{{Type: t, Version: 1, Data: data}}}})
	return err
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func template() events.Template {
	return events.Template{ID: "ready", Channel: "wechat", ProviderTemplateID: "tmpl-1", Page: "pages/index",
		Data: map[string]string{"thing1": "Hello {{name}} of {{city}}", "number2": "{{user_id}}"}}
}

// launch launches a campaign to everyone of the read model.
func (h *house) launch(id uint64, rangeSize int, t events.Template) {
	h.t.Helper()
	h.must(h.append(context.Background(), id, events.TypeCampaignLaunched, events.CampaignLaunched{
		ID: id, Template: t, Where: json.RawMessage(`{"group":1}`), Variables: map[string]string{"city": "Wuhan"},
		Timezone: "Asia/Shanghai", RangeSize: rangeSize}))
}

// process is one running sends service with everything of its own, so that it can die alone.
type process struct {
	stop func() // gracefully
	kill func() // as kill -9 does: nothing of it reaches the outside any more
	log  *mortalLog
}

func (h *house) start(name string, change ...func(*sends.Options)) *process {
	h.t.Helper()
	nc := h.nats.Connect(nats.NoReconnect())
	js, err := jetstream.New(nc)
	h.must(err)
	wc, err := wechat.New(wechat.Options{BaseURL: h.url, AppID: "app", Secret: "secret", Timeout: 5 * time.Second})
	h.must(err)
	log := &mortalLog{Store: events.NewStore(js, events.StoreOptions{Attempt: time.Second, GiveUp: 3 * time.Second})}
	opt := sends.Options{
		JS: js, Log: log, Channels: []channels.Channel{mortalChannel{wc, log}}, Freezes: h.model, Addresses: h.model,
		Logger: natstest.Quiet(), Name: name, AckWait: time.Second, Recheck: 200 * time.Millisecond, RetryMin: 10 * time.Millisecond,
	}
	for _, c := range change {
		c(&opt)
	}
	svc, err := sends.New(opt)
	h.must(err)
	stop := h.background(func(ctx context.Context) error {
		err := svc.Run(ctx)
		if log.dead() {
			return nil
		}
		return err
	})
	h.t.Cleanup(wc.Close)
	p := &process{log: log, stop: stop}
	log.die = func() { nc.Close() }
	p.kill = func() { log.kill(); stop() }
	return p
}

// completed waits until a campaign is closed and returns its books.
func (h *house) completed(id uint64) events.Books {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	var books *events.Books
	err := events.Follow(ctx, h.nats.JS, events.FollowOptions{Filters: []string{subject(id).String()}, Log: natstest.Quiet()}, func(e events.Event) error {
		switch e.Type {
		case events.TypeCampaignFailed:
			h.t.Fatalf("the campaign failed: %s", e.Data)
		case events.TypeCampaignCompleted:
			var c events.CampaignCompleted
			if err := json.Unmarshal(e.Data, &c); err != nil {
				return err
			}
			books = &c.Books
			return context.Canceled
		}
		return nil
	})
	if books == nil {
		h.t.Fatalf("campaign %d was not completed: %v; books so far %+v", id, err, h.books(id))
	}
	if b := h.books(id); b != *books {
		h.t.Logf("the ledger says %+v, the completion %+v", b, *books)
	}
	return h.books(id)
}

// books folds a campaign's whole ledger anew, which also proves that it folds.
func (h *house) books(id uint64) events.Books {
	h.t.Helper()
	var sum events.Books
	number := strconv.FormatUint(id, 10)
	_, err := h.nats.Store.Each(context.Background(), events.EventSubject(biz, "audience", number), 0, func(e events.Event) error {
		if e.Type != events.TypeAudienceRange {
			return nil
		}
		users := roaring64.New()
		if err := users.UnmarshalBinary(e.Data); err != nil {
			return err
		}
		r := ledger.New(users)
		_, err := h.nats.Store.Each(context.Background(), events.LedgerSubject(biz, number, strconv.FormatUint(e.Part, 10)), 0, r.Apply)
		b := r.Books()
		sum.Audience, sum.Sent, sum.Failed = sum.Audience+b.Audience, sum.Sent+b.Sent, sum.Failed+b.Failed
		sum.Skipped, sum.Unknown, sum.Pending = sum.Skipped+b.Skipped, sum.Unknown+b.Unknown, sum.Pending+b.Pending
		return err
	})
	h.must(err)
	return sum
}

// received counts the messages the sandbox holds by openid.
func (h *house) received() map[string]int {
	h.t.Helper()
	resp, err := http.Get(h.url + "/sandbox/messages")
	h.must(err)
	defer resp.Body.Close()
	got := make(map[string]int)
	sc := bufio.NewScanner(resp.Body)
	for sc.Scan() {
		var m struct {
			ToUser string `json:"touser"`
		}
		h.must(json.NewDecoder(bytes.NewReader(sc.Bytes())).Decode(&m))
		got[m.ToUser]++
	}
	h.must(sc.Err())
	http.DefaultClient.CloseIdleConnections()
	return got
}

// once proves that nobody got two messages, and returns how many got one.
func (h *house) once() uint64 {
	h.t.Helper()
	got := h.received()
	for user, n := range got {
		if n > 1 {
			h.t.Fatalf("%s got %d messages", user, n)
		}
	}
	return uint64(len(got))
}

// readModel stands for ClickHouse: the users, all of them in every campaign.
type readModel struct {
	mu      sync.Mutex
	users   *roaring64.Bitmap
	fault   string                        // of the segment
	address func(id uint64) sends.Address // default openID
}

func (m *readModel) fill(ids ...uint64) { m.users = roaring64.BitmapOf(ids...) }

func (m *readModel) fillTo(n uint64) {
	m.users = roaring64.New()
	m.users.AddRange(1, n+1)
}

func (m *readModel) AwaitFreeze(context.Context, string, uint64, uint64) (uint64, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault != "" {
		return 0, m.fault, nil
	}
	return m.users.GetCardinality(), "", nil
}

func (m *readModel) FrozenUsers(_ context.Context, _ string, _, first uint64, fn func(uint64, *roaring64.Bitmap) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	shard, members := uint64(0), roaring64.New()
	for it := m.users.Iterator(); it.HasNext(); {
		id := it.Next()
		if id>>16 != shard && !members.IsEmpty() {
			if shard >= first {
				if err := fn(shard, members); err != nil {
					return err
				}
			}
			members = roaring64.New()
		}
		shard = id >> 16
		members.Add(id)
	}
	if members.IsEmpty() {
		return nil
	}
	return fn(shard, members)
}

func (m *readModel) Addresses(_ context.Context, _ string, users *roaring64.Bitmap, _ []string, fn func(sends.Address) error) error {
	for it := users.Iterator(); it.HasNext(); {
		id := it.Next()
		a := sends.Address{UserID: id, OpenID: "o" + strconv.FormatUint(id, 10), Attributes: map[string]string{"name": "Ann"}}
		if m.address != nil {
			a = m.address(id)
		}
		if err := fn(a); err != nil {
			return err
		}
	}
	return nil
}
