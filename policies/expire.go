package policies

import (
	"container/heap"
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// Expire archives groups: whenever a group's expires_at has passed, then
// group.archive. Every process keeps the whole schedule in memory, folded from the
// groups' events; the command's id makes them one.
type Expire struct {
	Options

	mu       sync.Mutex
	caughtUp bool
	due      schedule
	open     map[events.Subject]struct{} // scheduled and not archived
	wake     chan struct{}
}

// NewExpire makes the policy; Run starts it.
func NewExpire(opt Options) *Expire {
	return &Expire{Options: opt, open: map[events.Subject]struct{}{}, wake: make(chan struct{}, 1)}
}

// Run works until ctx ends.
func (p *Expire) Run(ctx context.Context) error {
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := events.Follow(both, p.JS, events.FollowOptions{
			Filters: []string{groupEvents}, Log: p.Log, CaughtUp: func() { p.signal(true) },
		}, p.fold)
		return events.StandStill(both, p.Log, ExpireName, err)
	})
	g.Go(func() error { return p.watch(both) })
	if err := g.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// fold keeps the schedule.
func (p *Expire) fold(e events.Event) error {
	if e.Type != events.TypeGroupCreated && e.Type != events.TypeGroupArchived {
		return nil
	}
	payload, err := p.Catalog.Decode(e)
	if err != nil {
		return err
	}
	p.mu.Lock()
	switch g := payload.(type) {
	case *events.GroupCreated:
		if g.ExpiresAt != nil {
			e.Data = nil // only who and why are needed again
			heap.Push(&p.due, expiry{at: *g.ExpiresAt, group: e.Subject, cause: e})
			p.open[e.Subject] = struct{}{}
		}
	case *events.GroupArchived:
		delete(p.open, e.Subject)
	}
	p.mu.Unlock()
	p.signal(false)
	return nil
}

// signal wakes the watcher to look at the schedule again.
func (p *Expire) signal(caughtUp bool) {
	p.mu.Lock()
	p.caughtUp = p.caughtUp || caughtUp
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// watch commands what is due. It begins when the schedule is complete, so that a
// start does not archive again what was archived long ago.
func (p *Expire) watch(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		next, wait := p.next()
		if next != nil {
			if err := p.archive(ctx, next); err != nil {
				p.Log.Warn("an expired group could not be archived, trying again", "group", next.group.String(), "error", err)
				p.put(*next)
				wait = time.Second
			} else {
				continue
			}
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-p.wake:
		}
	}
}

// next takes the group that expired first; nil and how long to wait when none has.
func (p *Expire) next() (*expiry, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.caughtUp && len(p.due) > 0 {
		if _, open := p.open[p.due[0].group]; !open {
			heap.Pop(&p.due)
			continue
		}
		if wait := p.due[0].at.Sub(p.now()); wait > 0 {
			return nil, min(wait, time.Hour) // clocks are set, laptops sleep
		}
		x := heap.Pop(&p.due).(expiry)
		return &x, 0
	}
	return nil, time.Hour
}

func (p *Expire) put(x expiry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	heap.Push(&p.due, x)
}

func (p *Expire) archive(ctx context.Context, x *expiry) error {
	group, err := strconv.ParseUint(x.group.ID, 10, 64)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "read the group's id")
	}
	return p.command(ctx, ExpireName, commands.DerivedID("x", x.cause.ID, ExpireName), &x.cause,
		commands.ArchiveGroupType, commands.ArchiveGroup{Group: group, Reason: "expired"})
}

// expiry is one group that will expire.
type expiry struct {
	at    time.Time
	group events.Subject
	cause events.Event // its creation
}

// schedule is a heap: the group that expires first is at 0.
type schedule []expiry

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].at.Before(s[j].at) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push and Pop are container/heap's.
func (s *schedule) Push(x any) { *s = append(*s, x.(expiry)) }

// Pop takes the last element.
func (s *schedule) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}
