package policies

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"go.uber.org/goleak"

	"muster/commands"
	"muster/events"
	"muster/events/natstest"
	"muster/events/rows"
	"muster/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a NATS server with the command handlers running.
type house struct {
	*natstest.NATS
	t   testing.TB
	opt Options
}

func newHouse(t testing.TB) *house {
	t.Helper()
	n := natstest.New(t)
	catalog, err := events.NewCatalog(events.All())
	if err != nil {
		t.Fatal(err)
	}
	codec, err := rows.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{NATS: n, t: t, opt: Options{JS: n.JS, Store: n.Store, Catalog: catalog, Codec: codec, Log: natstest.Quiet(), AckWait: 2 * time.Second}}
	h.run(commands.NewService(commands.Options{JS: n.JS, Store: n.Store, Catalog: catalog, Log: natstest.Quiet()}).Run)
	h.send(commands.DefineBizType, "", commands.DefineBiz{Name: "Demo", Timezone: "UTC"})
	h.awaitType("evt.demo.biz.demo", events.TypeBizDefined) // what comes after it does not wait for it for ever
	return h
}

// run runs a service until the test ends, or the function returned is called.
func (h *house) run(service func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("a service ended with %v", err)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

func (h *house) send(typ, id string, payload any) uint64 {
	h.t.Helper()
	c, _, err := commands.Send(h.t.Context(), h.JS, commands.Request{ID: id, Biz: "demo", Type: typ, Payload: payload, Actor: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return c.Seq
}

// await waits for an event on a subject that is wanted.
func (h *house) await(subject string, wanted func(events.Event) bool) events.Event {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	var got events.Event
	found := errors.New("found")
	var seen []string
	err := events.Follow(ctx, h.JS, events.FollowOptions{Filters: []string{subject}, Log: natstest.Quiet()}, func(e events.Event) error {
		seen = append(seen, string(e.Type)+string(e.Data))
		if wanted(e) {
			got = e
			return found
		}
		return nil
	})
	if !errors.Is(err, found) {
		h.t.Fatalf("%s: %v; seen %q", subject, err, seen)
	}
	return got
}

func (h *house) awaitType(subject string, typ events.Type) events.Event {
	h.t.Helper()
	return h.await(subject, func(e events.Event) bool { return e.Type == typ })
}

func decode[P any](h *house, e events.Event) P {
	h.t.Helper()
	p, err := h.opt.Catalog.Decode(e)
	if err != nil {
		h.t.Fatal(err)
	}
	return *p.(*P)
}

func groupName(id uint64) string { return "evt.demo.group." + strconv.FormatUint(id, 10) }

// phonebook knows the user of a phone: half of it, for even phones; 7 belongs to two users.
type phonebook struct {
	mu    sync.Mutex
	fails int // answers that fail first
	min   uint64
}

func (p *phonebook) Resolve(_ context.Context, _ string, phones []uint64, minSeq uint64) (map[uint64][]uint64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails > 0 {
		p.fails--
		return nil, fault.New(fault.Unavailable, "the engine is away")
	}
	p.min = max(p.min, minSeq)
	found := map[uint64][]uint64{}
	for _, phone := range phones {
		if phone%2 == 0 {
			found[phone] = []uint64{phone * 10}
		}
	}
	found[7] = []uint64{71, 72}
	return found, nil
}

// phoneUpload appends an upload of phones, one chunk for each list.
func (h *house) phoneUpload(id string, group uint64, chunks ...[]uint64) commands.UploadSummary {
	h.t.Helper()
	s := uploadSubject("demo", id)
	started, err := h.opt.Catalog.Encode(events.UploadStarted{Target: events.TargetGroup, GroupID: group, Content: events.TypeUploadPhones, Source: "http"})
	if err != nil {
		h.t.Fatal(err)
	}
	list := []events.Event{started}
	var n uint64
	for i, phones := range chunks {
		data, err := h.opt.Codec.EncodePhones(phones)
		if err != nil {
			h.t.Fatal(err)
		}
		n += uint64(len(phones))
		list = append(list, events.Event{Type: events.TypeUploadPhones, Version: 1, Encoding: events.EncodingCSVZstd,
			CommandID: id, Count: uint64(len(phones)), Part: uint64(i + 1), Data: data})
	}
	var at events.Version
	if last, err := h.Store.Last(h.t.Context(), s); err == nil {
		at = last.At()
	}
	v, err := h.Store.Append(h.t.Context(), []events.Append{{Subject: s, Expected: at, Events: list}})
	if err != nil {
		h.t.Fatal(err)
	}
	return commands.UploadSummary{UploadID: id, Rows: n, Accepted: n, Chunks: uint64(len(chunks)), Hash: v[0].Hash}
}

// members reads the users and the unmatched phones of an upload's last start.
func (h *house) members(id string) (users, unmatched []uint64) {
	h.t.Helper()
	all := roaring64.New()
	_, err := h.Store.Each(h.t.Context(), uploadSubject("demo", id), 0, func(e events.Event) error {
		switch e.Type {
		case events.TypeUploadStarted:
			all, unmatched = roaring64.New(), nil
		case events.TypeUploadIDs:
			b := roaring64.New()
			if err := b.UnmarshalBinary(e.Data); err != nil {
				return err
			}
			all.Or(b)
		case events.TypeUploadUnmatched:
			return h.opt.Codec.DecodePhones(e.Data, func(p uint64) error { unmatched = append(unmatched, p); return nil })
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all.ToArray(), unmatched
}

func TestResolvePhones(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	book := &phonebook{fails: 2}
	for range 2 { // two processes
		h.run(NewResolve(h.opt, book).Run)
	}
	group := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "phones", Kind: "ids", Identity: "phone"})
	h.phoneUpload("c1", group, []uint64{1000}) // begun, then begun again
	sum := h.phoneUpload("c1", group, []uint64{2, 3, 4, 4}, []uint64{5, 7})
	h.send(commands.ChangeMembersType, "c1", commands.ChangeMembers{Group: group, Op: events.OpAdd, Upload: sum})

	e := h.awaitType(groupName(group), events.TypeGroupMembersChanged)
	changed := decode[events.GroupMembersChanged](h, e)
	users, unmatched := h.members(changed.UploadID)
	if !slices.Equal(users, []uint64{20, 40, 71, 72}) || !slices.Equal(unmatched, []uint64{3, 5}) {
		t.Fatalf("users %v, unmatched %v", users, unmatched)
	}
	if changed.Version != 1 || changed.Users != 4 || changed.Unmatched != 2 || changed.PhonesUploadID != "c1" || e.Correlation != "c1" || e.Actor != ResolveName {
		t.Fatalf("got %+v, correlation %q, actor %q", changed, e.Correlation, e.Actor)
	}
	if book.min == 0 {
		t.Fatal("the read model was not asked to hold the request")
	}
	h.awaitType("evt.demo.upload."+changed.UploadID, events.TypeUploadCompleted)
}

func TestResolveGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	group := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "phones", Kind: "ids", Identity: "phone"})
	sum := h.phoneUpload("c1", group, []uint64{2, 3})
	h.send(commands.ChangeMembersType, "c1", commands.ChangeMembers{Group: group, Op: events.OpAdd, Upload: sum})
	cause := h.awaitType(groupName(group), events.TypeGroupResolveRequested)

	// A process wrote a part of the resolved upload and died.
	id := commands.DerivedID("r", cause.ID, ResolveName)
	p := NewResolve(h.opt, &phonebook{})
	w := p.openResolved(&cause, id, commands.Attempt{UploadID: id}, group)
	if err := errors.Join(w.begin(t.Context()), w.addUsers(t.Context(), roaring64.BitmapOf(999)), w.flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	h.run(p.Run)
	changed := decode[events.GroupMembersChanged](h, h.awaitType(groupName(group), events.TypeGroupMembersChanged))
	if users, _ := h.members(changed.UploadID); changed.UploadID != id+"-2" || changed.Users != 1 || !slices.Equal(users, []uint64{20}) {
		t.Fatalf("got %+v with users %v", changed, users)
	}
	// It died after that, before the ack: the event comes again and nothing happens.
	before, err := h.Store.Last(t.Context(), uploadSubject("demo", changed.UploadID))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.resolve(t.Context(), cause); err != nil {
		t.Fatal(err)
	}
	if after, err := h.Store.Last(t.Context(), uploadSubject("demo", changed.UploadID)); err != nil || after.Seq != before.Seq {
		t.Fatalf("the upload went on from %d to %d: %v", before.Seq, after.Seq, err)
	}
}

func TestLargeChunksAreSplit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := NewResolve(h.opt, &phonebook{})
	cause := events.Event{ID: "e", Subject: events.EventSubject("demo", "group", "1")}
	w := p.openResolved(&cause, "big", commands.Attempt{UploadID: "big"}, 1)
	users := roaring64.New()
	for i := range uint64(40_000) { // worst case: every user in a container of its own
		users.Add(i << 32)
	}
	if err := errors.Join(w.begin(t.Context()), w.addUsers(t.Context(), users), w.flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.members("big"); len(got) != 40_000 || w.part < 2 || w.users != 40_000 {
		t.Fatalf("%d users in %d parts, counted %d", len(got), w.part, w.users)
	}
}

// folder is a local source with one allowed file of the users 1, 2 and 3.
type folder struct {
	h     *house
	mu    sync.Mutex
	reads int
	err   error
}

func (f *folder) Ingest(ctx context.Context, req IngestRequest) (commands.UploadSummary, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.err != nil {
		return commands.UploadSummary{}, f.err
	}
	if req.Path != "in/a.csv" || req.Identity != "user_id" || req.Column != "uid" {
		return commands.UploadSummary{}, &fault.Error{Code: fault.NotFound, Msg: "there is no file " + req.Path, Err: errors.New("a secret")}
	}
	attempt, err := commands.NextAttempt(ctx, f.h.Store, req.Biz, req.CommandID)
	if err != nil {
		return commands.UploadSummary{}, err
	}
	s := uploadSubject(req.Biz, attempt.UploadID)
	started, err := f.h.opt.Catalog.Encode(events.UploadStarted{Target: events.TargetGroup, GroupID: req.Group, Content: events.TypeUploadIDs, Source: "local"})
	if err != nil {
		return commands.UploadSummary{}, err
	}
	data, err := roaring64.BitmapOf(1, 2, 3).ToBytes()
	if err != nil {
		return commands.UploadSummary{}, err
	}
	v, err := f.h.Store.Append(ctx, []events.Append{{Subject: s, Expected: attempt.At, Events: []events.Event{started,
		{Type: events.TypeUploadIDs, Version: 1, Encoding: events.EncodingRoaring64, Count: 3, Part: 1, Data: data}}}})
	if err != nil {
		return commands.UploadSummary{}, err
	}
	return commands.UploadSummary{UploadID: attempt.UploadID, Rows: 3, Accepted: 3, Chunks: 1, Hash: v[0].Hash}, nil
}

func localGroup(path string) commands.CreateGroup {
	return commands.CreateGroup{Name: "file", Kind: "file", Subkind: "local", Content: json.RawMessage(fmt.Sprintf(`{"path":%q,"column":"uid"}`, path))}
}

func TestLocalFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src := &folder{h: h}
	for range 2 {
		h.run(NewLocal(h.opt, src).Run)
	}
	group := h.send(commands.CreateGroupType, "create", localGroup("in/a.csv"))
	e := h.awaitType(groupName(group), events.TypeGroupMembersChanged)
	if c := decode[events.GroupMembersChanged](h, e); c.Version != 1 || c.Op != events.OpReplace || c.Users != 3 || e.Correlation != "create" {
		t.Fatalf("got %+v, correlation %q", c, e.Correlation)
	}
	h.send(commands.RebuildGroupType, "", commands.RebuildGroup{Group: group})
	h.await(groupName(group), func(e events.Event) bool {
		return e.Type == events.TypeGroupMembersChanged && decode[events.GroupMembersChanged](h, e).Version == 2
	})

	gone := h.send(commands.CreateGroupType, "", localGroup("/srv/private/customer-4711/b.csv"))
	failed := decode[events.GroupFailed](h, h.awaitType(groupName(gone), events.TypeGroupFailed))
	if failed.Reason != "there is no file b.csv" {
		t.Fatalf("reason %q", failed.Reason)
	}
	// Groups of other kinds are left alone.
	other := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "ids", Kind: "ids"})
	h.awaitType(groupName(other), events.TypeGroupCreated)
}

func TestLocalFileIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src := &folder{h: h, err: fault.New(fault.Unavailable, "the disk is away")}
	stop := h.run(NewLocal(h.opt, src).Run)
	group := h.send(commands.CreateGroupType, "", localGroup("in/a.csv"))
	h.awaitType(groupName(group), events.TypeGroupCreated)
	stop()
	src.mu.Lock()
	src.err = nil
	src.mu.Unlock()
	h.run(NewLocal(h.opt, src).Run)
	h.awaitType(groupName(group), events.TypeGroupMembersChanged)
}

func TestExpiredGroupsAreArchived(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	soon, far := time.Now().Add(300*time.Millisecond), time.Now().Add(time.Hour)
	one := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "soon", Kind: "ids", ExpiresAt: &soon})
	two := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "far", Kind: "ids", ExpiresAt: &far})
	three := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "archived", Kind: "ids", ExpiresAt: &soon})
	h.send(commands.ArchiveGroupType, "", commands.ArchiveGroup{Group: three})
	h.awaitType(groupName(three), events.TypeGroupArchived)
	for range 2 {
		h.run(NewExpire(h.opt).Run)
	}
	e := h.awaitType(groupName(one), events.TypeGroupArchived)
	if decode[events.GroupArchived](h, e).Reason != "expired" || e.Actor != ExpireName {
		t.Fatalf("got %s by %s", e.Data, e.Actor)
	}
	// A clock that runs ahead sees the other one expire too.
	ahead := h.opt
	ahead.Clock = func() time.Time { return time.Now().Add(2 * time.Hour) }
	h.run(NewExpire(ahead).Run)
	h.awaitType(groupName(two), events.TypeGroupArchived)
	for _, g := range []uint64{one, two, three} {
		archived := 0
		list, _, err := h.Store.Load(t.Context(), events.EventSubject("demo", "group", strconv.FormatUint(g, 10)), 0)
		for _, e := range list {
			if e.Type == events.TypeGroupArchived || e.Type == events.TypeCommandNoop {
				archived++
			}
		}
		if err != nil || archived != 1 {
			t.Fatalf("group %d was archived %d times: %v", g, archived, err)
		}
	}
}
