package verify

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/projections"
)

// doubt is a disagreement between tables that may only be work half done: a batch reaches one table
// after the other, and no question can be asked between two batches.
type doubt struct {
	finding func() Finding
	users   *roaring64.Bitmap // who it is about; nil: nobody in particular, or not asked
	by      uint64            // by how much
}

// looks is how often tables are compared before what disagreed each time is no work half done. Users who
// change all the time would have to be caught half done at every look, and others are so at one look only.
const looks = 10

// compare asks the read model whether its tables agree. While nothing moves, what it sees is so. While
// events are applied it looks again, each time after the projections went past whatever they were
// at, and keeps what disagrees about the same users, or by as much, every time.
func (v *verifier) compare(ctx context.Context) error {
	var doubts []string
	var seen map[string]doubt
	for n := range looks {
		before, err := v.standing(ctx)
		if err != nil {
			return err
		}
		l := &look{v: v, users: n > 0, doubts: map[string]doubt{}}
		for _, ask := range []func(context.Context) error{l.tags, l.sets, l.groups} {
			if err := ask(ctx); err != nil {
				return err
			}
		}
		doubts, seen = l.held(doubts, seen, n == 0)
		if len(doubts) == 0 {
			return nil
		}
		still, err := v.stoodStill(ctx, before)
		if err != nil {
			return err
		}
		if still {
			break
		}
		if n < looks-1 {
			if err := v.await(ctx); err != nil {
				return err
			}
		}
	}
	for _, key := range doubts {
		f := seen[key].finding()
		v.find(f.Check, f.Biz, "%s", f.Detail)
	}
	return nil
}

// look is one comparison of all tables.
type look struct {
	v      *verifier
	users  bool // ask who disagrees, too
	order  []string
	doubts map[string]doubt
}

func (l *look) doubt(key string, d doubt) {
	l.order, l.doubts[key] = append(l.order, key), d
}

// held is what was in doubt at every look so far.
func (l *look) held(order []string, before map[string]doubt, first bool) ([]string, map[string]doubt) {
	if first {
		return l.order, l.doubts
	}
	var held []string
	for _, key := range order {
		now, ok := l.doubts[key]
		was := before[key]
		switch {
		case !ok:
			continue
		case now.users == nil && now.by != was.by:
			continue
		case now.users != nil && was.users != nil:
			if now.users.And(was.users); now.users.IsEmpty() {
				continue
			}
		}
		held = append(held, key)
	}
	return held, l.doubts
}

// standing is where the read model stands.
type standing struct {
	at      map[string]uint64
	stopped map[string]bool // at a fault
}

func (v *verifier) standing(ctx context.Context) (standing, error) {
	s := standing{at: map[string]uint64{}, stopped: map[string]bool{}}
	err := v.rows(ctx, "SELECT projection, seq FROM positions FINAL", func(r *clickhouse.Rows) error {
		var name string
		var seq uint64
		err := r.Scan(&name, &seq)
		s.at[name] = seq
		return err
	})
	if err != nil {
		return s, err
	}
	return s, v.rows(ctx, "SELECT projection FROM faults FINAL WHERE cleared = 0", func(r *clickhouse.Rows) error {
		var name string
		err := r.Scan(&name)
		s.stopped[name] = true
		return err
	})
}

// events is how far those have come that go on at all; false when none does.
func (s standing) events() (least uint64, ok bool) {
	for _, name := range projections.EventNames() {
		if s.stopped[name] {
			continue
		}
		if at := s.at[name]; !ok || at < least {
			least, ok = at, true
		}
	}
	return least, ok
}

// passed says whether all that goes on has come that far.
func (s standing) passed(events, ledger uint64) bool {
	at, goes := s.events()
	return (!goes || at >= events) && (s.stopped[projections.Deliveries] || s.at[projections.Deliveries] >= ledger)
}

func (s standing) equal(o standing) bool {
	for _, name := range append(projections.EventNames(), projections.Deliveries) {
		if s.at[name] != o.at[name] || s.stopped[name] != o.stopped[name] {
			return false
		}
	}
	return true
}

// stoodStill says that nothing was applied to the tables since before, and that nothing was half done.
func (v *verifier) stoodStill(ctx context.Context, before standing) (bool, error) {
	after, err := v.standing(ctx)
	if err != nil || !after.equal(before) {
		return false, err
	}
	head, err := v.head(ctx, events.StreamEvents)
	if err != nil {
		return false, err
	}
	at, goes := after.events()
	return v.idle || !goes || at >= head, nil
}

func (v *verifier) head(ctx context.Context, stream string) (uint64, error) {
	s, err := v.JS.Stream(ctx, stream)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "read "+stream)
	}
	return s.CachedInfo().State.LastSeq, nil
}

// await waits until the read model has gone past what both streams hold now.
func (v *verifier) await(ctx context.Context) error {
	e, err := v.head(ctx, events.StreamEvents)
	if err != nil {
		return err
	}
	l, err := v.head(ctx, events.StreamLedger)
	if err != nil {
		return err
	}
	return v.reach(ctx, e, l)
}

const (
	silence = 15 * time.Second // without a word of any service: nobody projects
	stuck   = 10 * time.Minute // without a step forward: nobody will
)

// reach waits for the read model to come so far, as long as somebody works on it. A projection that
// stands at a fault is not waited for.
func (v *verifier) reach(ctx context.Context, e, l uint64) error {
	sub, err := v.JS.Conn().SubscribeSync(projections.PositionSubject)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "listen to the projections")
	}
	defer func() { _ = sub.Unsubscribe() }()
	heard, moved := time.Now(), time.Now()
	var was standing
	for {
		now, err := v.standing(ctx)
		if err != nil || now.passed(e, l) {
			return err
		}
		if !now.equal(was) {
			was, moved, heard = now, time.Now(), time.Now()
		}
		if v.idle || time.Since(heard) > silence || time.Since(moved) > stuck {
			if at, goes := now.events(); !v.idle && goes && at < e {
				v.find("projections", "", "the read model stands at event %d of %d and does not go on", at, e)
			}
			if at := now.at[projections.Deliveries]; !v.idle && !now.stopped[projections.Deliveries] && at < l {
				v.find("projections", "", "the read model stands at ledger event %d of %d and does not go on", at, l)
			}
			v.idle = true
			return nil
		}
		v.Progress("waiting for the read model", now.at[projections.Sets], e)
		_, err = sub.NextMsg(time.Second)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			heard = time.Now()
		case !errors.Is(err, nats.ErrTimeout):
			return fault.Wrap(fault.Unavailable, err, "listen to the projections")
		}
	}
}
