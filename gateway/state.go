package gateway

import (
	"context"
	"sync"
	"time"

	"muster/events"
	"muster/internal/fault"
)

// state is what the gateway keeps in memory of the log: keys, product lines and
// settings. All of it is small, and read with every request.
type state struct {
	catalog *events.Catalog

	mu       sync.RWMutex
	keys     map[string]keyState
	bizzes   map[string]bizState
	settings events.Settings
	seq      uint64        // of the last event applied
	blind    bool          // no event comes any more: a key may have been revoked unseen
	moved    chan struct{} // closed when seq moves, or no more comes
}

type keyState struct {
	events.KeyCreated
	CreatedAt time.Time
	Revoked   bool
	Seq       uint64
}

type bizState struct {
	events.BizDefined
	Location *time.Location
	Seq      uint64
	Created  time.Time
	Updated  time.Time
}

func newState(c *events.Catalog) *state {
	return &state{catalog: c, keys: map[string]keyState{}, bizzes: map[string]bizState{}, settings: events.DefaultSettings(), moved: make(chan struct{})}
}

// stateFilters are the subjects that state follows.
func stateFilters() []string {
	return []string{"evt._.key.*", "evt._.settings.*", "evt.*.biz.*"}
}

// apply takes one event. Events it has no use for, such as refusals, move seq alone.
func (s *state) apply(e events.Event) error {
	payload, err := s.catalog.Decode(e)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch p := payload.(type) {
	case *events.KeyCreated:
		s.keys[p.ID] = keyState{KeyCreated: *p, CreatedAt: e.Time, Seq: e.Seq}
	case *events.KeyRevoked:
		k := s.keys[e.Subject.ID]
		k.Revoked, k.Seq = true, e.Seq
		s.keys[e.Subject.ID] = k
	case *events.SettingsChanged:
		s.settings = p.Settings
	case *events.BizDefined:
		old, known := s.bizzes[e.Subject.Biz]
		b := bizState{BizDefined: *p, Location: time.UTC, Seq: e.Seq, Created: e.Time, Updated: e.Time}
		if known {
			b.Created = old.Created
		}
		if loc, err := time.LoadLocation(p.Timezone); err == nil {
			b.Location = loc
		}
		s.bizzes[e.Subject.Biz] = b
	}
	s.seq = e.Seq
	close(s.moved)
	s.moved = make(chan struct{})
	return nil
}

// goBlind says that the log cannot be followed any further.
func (s *state) goBlind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blind = true
	close(s.moved)
	s.moved = make(chan struct{})
}

func (s *state) isBlind() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.blind
}

// await waits until the event with a sequence was applied.
func (s *state) await(ctx context.Context, seq uint64) error {
	for {
		s.mu.RLock()
		at, moved := s.seq, s.moved
		s.mu.RUnlock()
		if at >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// key finds a key that may be used.
func (s *state) key(id string) (keyState, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.keys[id]
	return k, ok && !k.Revoked
}

// lapsed waits until a key may be used no more, or ctx ends: false.
func (s *state) lapsed(ctx context.Context, id string) bool {
	for {
		s.mu.RLock()
		k, ok := s.keys[id]
		blind, moved := s.blind, s.moved
		s.mu.RUnlock()
		if blind || !ok || k.Revoked {
			return true
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

// anyKey finds a key, revoked or not.
func (s *state) anyKey(id string) (keyState, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.keys[id]
	return k, ok
}

func (s *state) allKeys() []keyState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]keyState, 0, len(s.keys))
	for _, k := range s.keys {
		all = append(all, k)
	}
	return all
}

// biz finds a product line.
func (s *state) biz(token string) (bizState, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.bizzes[token]
	if !ok {
		return b, &fault.Error{Code: fault.NotFound, Field: "biz", Msg: "there is no such product line"}
	}
	return b, nil
}

func (s *state) allBizzes() map[string]bizState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]bizState, len(s.bizzes))
	for k, v := range s.bizzes {
		all[k] = v
	}
	return all
}

func (s *state) current() events.Settings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.settings
}
