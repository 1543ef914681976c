package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"go.uber.org/goleak"

	"muster/events"
	"muster/events/natstest"
	"muster/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a real NATS server to run services on.
type server struct {
	*natstest.NATS
	t       testing.TB
	catalog *events.Catalog
}

func newServer(t testing.TB) *server {
	return &server{NATS: natstest.New(t), t: t, catalog: catalogOf(t)}
}

// run runs a service until the test ends, or the function returned is called.
func (s *server) run(store Store) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	service := NewService(Options{JS: s.JS, Store: store, Catalog: s.catalog, Log: natstest.Quiet(), AckWait: time.Second})
	go func() { done <- service.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("the service ended with %v", err)
		}
	})
	s.t.Cleanup(stop)
	return stop
}

func (s *server) send(typ, id string, payload any) events.StoredCommand {
	s.t.Helper()
	c, _, err := Send(s.t.Context(), s.JS, Request{ID: id, Biz: "demo", Type: typ, Payload: payload, Actor: "k1"})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// await follows a subject until enough says so, and returns what it saw.
func (s *server) await(subject string, enough func([]events.Event) bool) []events.Event {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	var seen []events.Event
	done := errors.New("done")
	err := events.Follow(ctx, s.JS, events.FollowOptions{Filters: []string{subject}, Log: natstest.Quiet()}, func(e events.Event) error {
		if seen = append(seen, e); enough(seen) {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		s.t.Fatalf("%s: %v after %d events", subject, err, len(seen))
	}
	return seen
}

func (s *server) awaitOne(subject string, t events.Type) events.Event {
	s.t.Helper()
	all := s.await(subject, func(seen []events.Event) bool { return seen[len(seen)-1].Type == t })
	return all[len(all)-1]
}

// upload puts a small upload of user ids into the log.
func (s *server) upload(id string, group uint64, users ...uint64) UploadSummary {
	s.t.Helper()
	return s.uploads(group, map[string][]uint64{id: users})[id]
}

// uploads puts many small ones into it at once, and returns their summaries.
func (s *server) uploads(group uint64, users map[string][]uint64) map[string]UploadSummary {
	s.t.Helper()
	var appends []events.Append
	for id, list := range users {
		started, err := s.catalog.Encode(events.UploadStarted{Target: events.TargetGroup, GroupID: group, Content: events.TypeUploadIDs, Source: "http"})
		if err != nil {
			s.t.Fatal(err)
		}
		data, err := roaring64.BitmapOf(list...).ToBytes()
		if err != nil {
			s.t.Fatal(err)
		}
		appends = append(appends, events.Append{Subject: events.EventSubject("demo", aggUpload, id), Events: []events.Event{started,
			{Type: events.TypeUploadIDs, Version: 1, Encoding: events.EncodingRoaring64, CommandID: id, Count: uint64(len(list)), Part: 1, Data: data}}})
	}
	versions, err := s.Store.Append(s.t.Context(), appends)
	if err != nil {
		s.t.Fatal(err)
	}
	sums := map[string]UploadSummary{}
	for i, a := range appends {
		n := uint64(len(users[a.Subject.ID]))
		sums[a.Subject.ID] = UploadSummary{UploadID: a.Subject.ID, Rows: n, Accepted: n, Chunks: 1, Hash: versions[i].Hash}
	}
	return sums
}

// Two services, one of them killed in the middle and started again, answer 200
// commands to one group: every version once, without holes.
func TestManyServicesOneGroup(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(s.Store)
	kill := s.run(s.Store)
	s.send(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: "UTC"})
	s.awaitOne("evt.demo.biz.demo", events.TypeBizDefined)
	group := s.send(CreateGroupType, "", CreateGroup{Name: "g", Kind: "ids"}).Seq

	const n = 200
	users := map[string][]uint64{}
	for i := range n {
		users[fmt.Sprintf("add-%d", i)] = []uint64{uint64(i + 1)}
	}
	for id, sum := range s.uploads(group, users) {
		s.send(ChangeMembersType, id, ChangeMembers{Group: group, Op: events.OpAdd, Upload: sum})
	}
	restarted := false
	seen := s.await(groupSubject("demo", group).String(), func(seen []events.Event) bool {
		if len(seen) > n/3 && !restarted {
			restarted = true
			kill()
			s.run(s.Store)
		}
		return len(seen) == n+1
	})
	answered := map[string]bool{}
	for i, e := range seen[1:] {
		p, err := s.catalog.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		c, ok := p.(*events.GroupMembersChanged)
		if !ok || c.Version != uint64(i+1) || answered[e.CommandID] || c.UploadID != e.CommandID {
			t.Fatalf("event %d: %s %s, answered before: %v", i+1, e.Type, e.Data, answered[e.CommandID])
		}
		answered[e.CommandID] = true
	}
	if last, err := s.Store.Last(t.Context(), groupSubject("demo", group)); err != nil || last.Seq != seen[n].Seq {
		t.Fatalf("there is more than %d answers: %v", n, err)
	}
}

// unsure fails each aggregate's first append before it, and its second one after it.
type unsure struct {
	*events.Store
	mu   sync.Mutex
	seen map[events.Subject]int // appends tried
}

func (u *unsure) Append(ctx context.Context, appends []events.Append) ([]events.Version, error) {
	u.mu.Lock()
	s := appends[len(appends)-1].Subject
	u.seen[s]++
	n := u.seen[s]
	u.mu.Unlock()
	if n == 1 {
		return nil, fault.New(fault.Unavailable, "the store is away")
	}
	v, err := u.Store.Append(ctx, appends)
	if n == 2 && err == nil {
		return nil, fault.New(fault.Unavailable, "the ack was lost")
	}
	return v, err
}

func TestRedeliveryAnswersOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(&unsure{Store: s.Store, seen: map[events.Subject]int{}})
	s.send(DefineBizType, "biz", DefineBiz{Name: "Demo", Timezone: "UTC"})
	s.awaitOne("evt.demo.biz.demo", events.TypeBizDefined)
	group := s.send(CreateGroupType, "create", CreateGroup{Name: "g", Kind: "ids"}).Seq
	s.send(ChangeMembersType, "add", ChangeMembers{Group: group, Op: events.OpAdd, Upload: s.upload("add", group, 1)})
	s.awaitOne(groupSubject("demo", group).String(), events.TypeGroupMembersChanged)
	s.send(ArchiveGroupType, "archive", ArchiveGroup{Group: group})
	s.send(ArchiveGroupType, "archive", ArchiveGroup{Group: group}) // a double click
	s.awaitOne(groupSubject("demo", group).String(), events.TypeGroupArchived)
	s.drained()
	list, _, err := s.Store.Load(t.Context(), groupSubject("demo", group), 0)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d events, want 3: %v", len(list), err)
	}
}

// drained waits until the consumer has nothing left to deliver or to be acked.
func (s *server) drained() {
	s.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond) // the server tells of no ack
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		c, err := s.JS.Consumer(s.t.Context(), events.StreamCommands, Consumer)
		if err == nil {
			if i, err := c.Info(s.t.Context()); err == nil && i.NumPending == 0 && i.NumAckPending == 0 {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatal("commands are still under way")
		}
	}
}

// What nobody can understand is refused where people look, and does not come again.
func TestPoisonIsRefusedVisibly(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(s.Store)
	publish := func(c events.Command) uint64 {
		t.Helper()
		c.Biz, c.Time = "demo", time.Now()
		seq, _, err := events.PublishCommand(t.Context(), s.JS, c)
		if err != nil {
			t.Fatal(err)
		}
		return seq
	}
	unknown := publish(events.Command{ID: "p1", Family: FamilyGroup, Type: "group.explode", Data: []byte(`{}`)})
	broken := publish(events.Command{ID: "p2", Family: FamilyGroup, Type: CreateGroupType, Data: []byte(`{"name":`)})
	field := publish(events.Command{ID: "p3", Family: FamilyCampaign, Type: CreateCampaignType, Data: []byte(`{"surprise":1}`)})
	publish(events.Command{ID: "p4", Family: FamilySync, Type: CompleteImportType, Data: []byte(`[]`)})
	publish(events.Command{ID: "p5", Family: FamilyAdmin, Type: CreateKeyType, Data: []byte(`{}`)}) // not in the system scope
	if err := s.Conn.Publish("cmd.demo.admin.p6", []byte("no envelope")); err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]fault.Code{
		groupSubject("demo", unknown).String():  fault.Unsupported,
		groupSubject("demo", broken).String():   fault.Invalid,
		campaignSubject("demo", field).String(): fault.Invalid,
		"evt.demo.upload.p4":                    fault.Invalid,
	} {
		var r events.CommandRefused
		e := s.awaitOne(subject, events.TypeCommandRefused)
		if err := json.Unmarshal(e.Data, &r); err != nil || r.Code != string(want) {
			t.Fatalf("%s: %s, want %s", subject, e.Data, want)
		}
	}
	got := s.await("evt.demo.biz.demo", func(seen []events.Event) bool { return len(seen) == 2 })
	ids := []string{got[0].CommandID, got[1].CommandID}
	slices.Sort(ids)
	if !slices.Equal(ids, []string{"p5", "p6"}) {
		t.Fatalf("refused %v", ids)
	}
	s.drained()
}

// Commands wait for NATS, and go on by themselves when it is back.
func TestServiceOutlivesNATS(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.run(s.Store)
	s.send(DefineBizType, "one", DefineBiz{Name: "Demo", Timezone: "UTC"})
	s.awaitOne("evt.demo.biz.demo", events.TypeBizDefined)
	s.Restart()
	s.send(DefineBizType, "two", DefineBiz{Name: "Demo 2", Timezone: "UTC"})
	s.await("evt.demo.biz.demo", func(seen []events.Event) bool { return len(seen) == 2 })
}

// Commands sent in one breath wait for what those before them define.
func TestCommandsInOneBreath(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.send(DefineBizType, "", DefineBiz{Name: "Demo", Timezone: "UTC"})
	group := s.send(CreateGroupType, "", CreateGroup{Name: "g", Kind: "ids"}).Seq
	s.send(DefineTemplateType, "", DefineTemplate{Template: wechat(map[string]string{"thing1": "x"})})
	campaign := s.send(CreateCampaignType, "", CreateCampaign{Name: "c", Template: "ready", Where: json.RawMessage(fmt.Sprintf(`{"group":%d}`, group))}).Seq
	s.send(LaunchCampaignType, "", CampaignRef{campaign})
	s.run(s.Store)
	s.run(s.Store)
	seen := s.await(campaignSubject("demo", campaign).String(), func(seen []events.Event) bool { return len(seen) == 2 })
	if seen[0].Type != events.TypeCampaignCreated || seen[1].Type != events.TypeCampaignLaunched {
		t.Fatalf("got %s %s, %s %s", seen[0].Type, seen[0].Data, seen[1].Type, seen[1].Data)
	}
}
