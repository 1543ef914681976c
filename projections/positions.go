package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// PositionSubject is where positions are announced on core NATS after every batch,
// as a Positions in JSON. Whoever waits for a sequence listens here; the table
// positions is the truth.
const PositionSubject = "muster.position"

// Positions is the announcement.
type Positions struct {
	Runner      string           `json:"runner"` // which service; they may stand apart
	Stream      string           `json:"stream"`
	Projections map[string]State `json:"projections"`
}

// State is how far a projection has come.
type State struct {
	Seq     uint64 `json:"seq"`
	Stopped string `json:"stopped,omitempty"` // why it stands still
}

type positionRow struct {
	Projection string    `ch:"projection"`
	Seq        uint64    `ch:"seq"`
	At         time.Time `ch:"at"`
}

type faultRow struct {
	Projection string    `ch:"projection"`
	Rev        uint64    `ch:"rev"`
	Seq        uint64    `ch:"seq"`
	Error      string    `ch:"error"`
	Cleared    uint8     `ch:"cleared"`
	At         time.Time `ch:"at"`
}

// begin reads the positions, sweeps leftovers of rebuilds away, and announces.
func (s *Service) begin(ctx context.Context) error {
	if err := s.dropLeftovers(ctx); err != nil {
		return err
	}
	at, err := current(ctx, s.env.db, "SELECT projection, seq, at FROM positions FINAL", func(r *positionRow) string { return r.Projection })
	if err != nil {
		return err
	}
	faults, err := current(ctx, s.env.db, "SELECT projection, rev, seq, error, cleared, at FROM faults FINAL WHERE cleared = 0", func(r *faultRow) string { return r.Projection })
	if err != nil {
		return err
	}
	for _, l := range []*loop{s.events, s.ledger} {
		for _, r := range l.runners {
			if p := at[r.name()]; p != nil {
				r.pos = p.Seq
			}
			r.faulted = faults[r.name()] != nil
		}
		s.announce(l)
	}
	return nil
}

// stepped stores and announces how far the projections of a loop have come. b is nil
// when only their state has changed.
func (s *Service) stepped(ctx context.Context, l *loop, b *batch) error {
	for _, r := range l.runners {
		if r.stopped == nil {
			r.stopped = l.damage
		}
	}
	err := persist(ctx, l.log, "store positions", func() error { return s.storePositions(ctx, l) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		err = persist(ctx, l.log, "store faults", func() error { return s.storeFaults(ctx, l) })
	}
	if err != nil { // the tables themselves refuse: nothing can be shown but in the log
		return fault.New(fault.Internal, "cannot store how far the projections have come: %s", brief(err))
	}
	if s.applied != nil && b != nil {
		s.applied.WithLabelValues(l.stream).Add(float64(len(b.events)))
	}
	s.announce(l)
	return ctx.Err()
}

func (s *Service) storePositions(ctx context.Context, l *loop) error {
	cols := columns{"projection", "String", "seq", "UInt64", "at", "DateTime64(3, 'UTC')"}
	return insert(ctx, s.env.db, "positions", cols, func(b clickhouse.Batch) error {
		for _, r := range l.runners {
			if s.known(r.name()).Seq == r.pos {
				continue
			}
			if err := b.Append(r.name(), r.pos, time.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) storeFaults(ctx context.Context, l *loop) error {
	cols := columns{"projection", "String", "rev", "UInt64", "seq", "UInt64", "error", "String", "cleared", "UInt8", "at", "DateTime64(3, 'UTC')"}
	was := map[*runner]bool{}
	err := insert(ctx, s.env.db, "faults", cols, func(b clickhouse.Batch) error {
		for _, r := range l.runners {
			// A fault of an earlier run is over once this one got past its event.
			if now := r.stopped != nil; now != r.faulted {
				msg := ""
				if now {
					msg = r.stopped.Error()
				}
				at := time.Now().UTC()
				if err := b.Append(r.name(), uint64(at.UnixNano()), r.pos+1, msg, boolByte(!now), at); err != nil {
					return err
				}
				was[r] = now
			}
		}
		return nil
	})
	if err == nil {
		for r, now := range was {
			r.faulted = now
		}
	}
	return err
}

func (s *Service) known(name string) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state[name]
}

// State says how far this service's projections have come.
func (s *Service) State() map[string]State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.state)
}

// announce publishes positions that are stored.
func (s *Service) announce(l *loop) {
	msg := Positions{Runner: s.env.run, Stream: l.stream, Projections: map[string]State{}}
	s.mu.Lock()
	for _, r := range l.runners {
		st := State{Seq: r.pos}
		if r.stopped != nil {
			st.Stopped = r.stopped.Error()
		}
		s.state[r.name()], msg.Projections[r.name()] = st, st
		if s.position != nil {
			s.position.WithLabelValues(r.name()).Set(float64(r.pos))
			s.stopped.WithLabelValues(r.name()).Set(float64(boolByte(r.stopped != nil)))
		}
	}
	s.mu.Unlock()
	data, err := json.Marshal(msg)
	if err == nil {
		err = s.opt.JS.Conn().Publish(PositionSubject, data)
	}
	if err != nil { // who waits looks at the table, too
		s.env.log.Debug("cannot announce positions", "error", fmt.Sprint(err))
	}
}
