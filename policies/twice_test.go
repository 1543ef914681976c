package policies

import (
	"context"
	"testing"

	"muster/commands"
	"muster/events"
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
			t.Parallel()
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
