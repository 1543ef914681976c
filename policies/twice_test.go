package policies

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"muster/commands"
	"muster/events"
	"muster/internal/durable"
	"muster/internal/fault"
)

// stalling is a store whose next append is done, and then holds its caller up until it is let go.
type stalling struct {
	Store
	done    chan struct{}
	release chan struct{}
}

func newStalling(s Store) *stalling {
	return &stalling{Store: s, done: make(chan struct{}, 1), release: make(chan struct{})}
}

func (s *stalling) Append(ctx context.Context, appends []events.Append) ([]events.Version, error) {
	v, err := s.Store.Append(ctx, appends)
	s.done <- struct{}{}
	<-s.release
	return v, err
}

// TestTwoRunsOfOneResolve lets two processes work on one message: each has written its upload before either
// sends its command. Whoever is first, the phones are resolved once.
func TestTwoRunsOfOneResolve(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][2]int{"the first sends first": {0, 1}, "the second sends first": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			group := h.send(commands.CreateGroupType, "", commands.CreateGroup{Name: "phones", Kind: "ids", Identity: "phone"})
			sum := h.phoneUpload("c1", group, []uint64{2, 3})
			h.send(commands.ChangeMembersType, "c1", commands.ChangeMembers{Group: group, Op: events.OpAdd, Upload: sum})
			cause := h.awaitType(groupName(group), events.TypeGroupResolveRequested)
			var stores [2]*stalling
			var ended [2]chan error
			for i := range stores {
				stores[i], ended[i] = newStalling(h.Store), make(chan error, 1)
				opt := h.opt
				opt.Store = stores[i]
				go func() { ended[i] <- NewResolve(opt, &phonebook{}).resolve(t.Context(), cause) }()
				<-stores[i].done
			}
			for _, i := range order {
				close(stores[i].release)
				if err := <-ended[i]; err != nil {
					t.Fatal(err)
				}
				h.await("evt.demo.group.*", func(e events.Event) bool { // what the first sent is answered
					return e.CommandID == commands.DerivedID("r", cause.ID, ResolveName)
				})
			}
			changed := decode[events.GroupMembersChanged](h, h.awaitType(groupName(group), events.TypeGroupMembersChanged))
			if users, unmatched := h.members(changed.UploadID); changed.Version != 1 || len(users) != 1 || users[0] != 20 || len(unmatched) != 1 {
				t.Fatalf("got %+v with users %v and unmatched %v", changed, users, unmatched)
			}
		})
	}
}

// slow reads as another source does, and then holds its caller up until it is let go.
type slow struct {
	LocalSource
	done, release chan struct{}
}

func newSlow(s LocalSource) *slow {
	return &slow{LocalSource: s, done: make(chan struct{}, 1), release: make(chan struct{})}
}

func (s *slow) Ingest(ctx context.Context, req IngestRequest) (commands.UploadSummary, error) {
	sum, err := s.LocalSource.Ingest(ctx, req)
	s.done <- struct{}{}
	<-s.release
	return sum, err
}

// TestTwoRunsOfOneFile lets two processes work on one message, of which one may find no file: the first that
// stores its command decides, the group is never stuck, and it can be rebuilt.
func TestTwoRunsOfOneFile(t *testing.T) {
	t.Parallel()
	gone := fault.New(fault.NotFound, "there is no such file")
	for name, c := range map[string]struct {
		order [2]int
		errs  [2]error
		first events.Type
	}{
		"the first first":             {[2]int{0, 1}, [2]error{}, events.TypeGroupMembersChanged},
		"the second first":            {[2]int{1, 0}, [2]error{}, events.TypeGroupMembersChanged},
		"a failure first":             {[2]int{0, 1}, [2]error{gone, nil}, events.TypeGroupFailed},
		"a failure after the success": {[2]int{1, 0}, [2]error{gone, nil}, events.TypeGroupMembersChanged},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			group := h.send(commands.CreateGroupType, "", localGroup("in/a.csv"))
			cause := h.awaitType(groupName(group), events.TypeGroupCreated)
			var sources [2]*slow
			var ended [2]chan error
			for i := range sources {
				sources[i], ended[i] = newSlow(&folder{h: h, err: c.errs[i]}), make(chan error, 1)
				go func() { ended[i] <- NewLocal(h.opt, sources[i]).read(t.Context(), cause, 1) }()
				<-sources[i].done
			}
			for n, i := range c.order {
				close(sources[i].release)
				if err := <-ended[i]; err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					h.awaitType(groupName(group), c.first)
				}
			}
			h.send(commands.RebuildGroupType, "again", commands.RebuildGroup{Group: group})
			answer := h.await(groupName(group), func(e events.Event) bool { return e.CommandID == "again" })
			if answer.Type != events.TypeGroupRebuildRequested {
				t.Fatalf("a rebuild is answered with %s %s", answer.Type, answer.Data)
			}
			answers := 0
			_, err := h.Store.Each(t.Context(), cause.Subject, cause.Seq, func(e events.Event) error {
				if e.CommandID == commands.DerivedID("f", cause.ID, LocalName) {
					answers++
				}
				return nil
			})
			if err != nil || answers != 1 {
				t.Fatalf("the file was answered for %d times: %v", answers, err)
			}
		})
	}
}

// TestALocalFileIsReadRarely looks at the pauses between tries of a file that cannot be read, and at what is not
// read at all: the file of a group that was archived meanwhile.
func TestALocalFileIsReadRarely(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	src := &folder{h: h, err: fault.New(fault.Unavailable, "the disk is away")}
	group := h.send(commands.CreateGroupType, "", localGroup("in/a.csv"))
	cause := h.awaitType(groupName(group), events.TypeGroupCreated)
	p := NewLocal(h.opt, src)
	longest := time.Second
	for tries := range uint64(30) {
		err := p.read(t.Context(), cause, tries+1)
		var later *durable.LaterError
		if !errors.As(err, &later) || later.Delay < longest/2 || later.Delay > longest {
			t.Fatalf("try %d: %v, want a pause of %s to %s", tries+1, err, longest/2, longest)
		}
		longest = min(2*longest, time.Hour)
	}
	if src.reads != 30 {
		t.Fatalf("%d reads", src.reads)
	}
	h.send(commands.ArchiveGroupType, "", commands.ArchiveGroup{Group: group})
	h.awaitType(groupName(group), events.TypeGroupArchived)
	if err := p.read(t.Context(), cause, 31); err != nil || src.reads != 30 {
		t.Fatalf("the file of an archived group: %v, %d reads", err, src.reads)
	}
}

// Whatever an error says, a group fails with it.
func TestAnyErrorIsAReason(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, msg := range map[string]string{"control": "a\nb\u0085c\x7f", "no utf-8": "a\xffb", "long": strings.Repeat("界", 5000), "empty": "", "spaces": " \n "} {
		src := &folder{h: h, err: fault.New(fault.Invalid, "%s", msg)}
		group := h.send(commands.CreateGroupType, "", localGroup("in/a.csv"))
		cause := h.awaitType(groupName(group), events.TypeGroupCreated)
		if err := NewLocal(h.opt, src).read(t.Context(), cause, 1); err != nil {
			t.Fatal(err)
		}
		answer := h.await(groupName(group), func(e events.Event) bool { return e.CommandID == commands.DerivedID("f", cause.ID, LocalName) })
		if answer.Type != events.TypeGroupFailed {
			t.Errorf("%s: %s %s", name, answer.Type, answer.Data)
		}
	}
}
