package projections

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"muster/internal/fault"
)

// RebuildRequest asks for a rebuild; no names mean all.
type RebuildRequest struct {
	Projections []string `json:"projections"`
}

// RebuildReply answers a RebuildRequest when the rebuild has ended.
type RebuildReply struct {
	Report *RebuildReport `json:"report,omitempty"`
	Code   fault.Code     `json:"code,omitempty"`
	Error  string         `json:"error,omitempty"`
}

// RebuildReport says what a rebuild did.
type RebuildReport struct {
	Projections []string      `json:"projections"`
	Events      uint64        `json:"events"`   // up to this sequence of EVENTS; 0 when none were read
	Ledger      uint64        `json:"ledger"`   // and of LEDGER
	Tables      []TableReport `json:"tables"`   // compared before they were exchanged
	TookMS      int64         `json:"took_ms"`  //
	PauseMS     int64         `json:"pause_ms"` // how long the live projections stood still
}

// TableReport compares a live table with the one made anew, both at the same sequence.
type TableReport struct {
	Table     string `json:"table"`
	Rows      uint64 `json:"rows"` // of the new one
	Differing uint64 `json:"differing"`
}

// RebuildNames checks names of projections and puts them in order; none, or "all",
// are all that can be rebuilt.
func RebuildNames(names ...string) ([]string, error) {
	all := append(slices.DeleteFunc(EventNames(), func(n string) bool { return n == Freezes }), Deliveries)
	if len(names) == 0 || slices.Contains(names, "all") {
		return all, nil
	}
	for _, n := range names {
		if !slices.Contains(all, n) {
			return nil, fault.Field("projection", "%q is none of %s", n, strings.Join(all, ", "))
		}
	}
	return slices.DeleteFunc(all, func(n string) bool { return !slices.Contains(names, n) }), nil
}

// Rebuild makes the tables of projections anew from the first event on, beside the
// live ones, which go on and keep answering; then compares the two at one position
// and exchanges them. The log is the truth: what differs is reported and replaced.
// One rebuild runs at a time. Run must be running.
func (s *Service) Rebuild(ctx context.Context, names ...string) (*RebuildReport, error) {
	list, err := RebuildNames(names...)
	if err != nil {
		return nil, err
	}
	if !s.rebuilds.TryLock() {
		return nil, fault.New(fault.Conflict, "a rebuild is under way already")
	}
	defer s.rebuilds.Unlock()
	s.rebuilding.Store(true)
	defer s.rebuilding.Store(false)
	start := time.Now()
	report := &RebuildReport{Projections: list}
	defer func() { report.TookMS = time.Since(start).Milliseconds() }()
	if elsewhere, _, err := s.census(ctx); err != nil {
		return nil, err
	} else if elsewhere { // into tables of the same names
		return nil, fault.New(fault.Conflict, "another service has a rebuild under way already")
	}
	for _, l := range []*loop{s.events, s.ledger} {
		at, err := s.rebuildLoop(ctx, l, list, report)
		if err != nil {
			return nil, err
		}
		if l == s.events {
			report.Events = at
		} else {
			report.Ledger = at
		}
	}
	return report, nil
}

// rebuildLoop rebuilds what of the names reads one stream.
func (s *Service) rebuildLoop(ctx context.Context, live *loop, names []string, report *RebuildReport) (uint64, error) {
	e := *s.env
	e.tables, e.run = tables{suffix: rebuildSuffix}, strings.ToLower(nuid.Next())
	all := eventProjections(&e)
	if live == s.ledger {
		all = []projection{&deliveriesProjection{env: &e}}
	}
	all = slices.DeleteFunc(all, func(p projection) bool { return !slices.Contains(names, p.name()) })
	if len(all) == 0 {
		return 0, nil
	}
	for _, p := range all {
		for _, t := range p.tables() {
			if err := e.db.CreateLike(ctx, e.layout, t+rebuildSuffix, t); err != nil {
				return 0, failedAt("make "+t+" anew", err, brief(err))
			}
		}
	}
	anew := newLoop(&e, live.js, live.stream, s.opt.Reader, all)
	defer func() {
		bg := context.WithoutCancel(ctx)
		if anew.stager != nil {
			_ = anew.stager.closeRun(bg)
		}
		for _, p := range all {
			for _, t := range p.tables() {
				_ = e.db.DropTable(bg, e.layout, e.copyOf(t+rebuildSuffix))
				_ = e.db.DropTable(bg, e.layout, t+rebuildSuffix)
			}
		}
	}()
	if err := anew.reach(ctx, s.liveAt(live)); err != nil {
		return 0, err
	}
	return s.exchange(ctx, live, anew, report)
}

// reach applies everything up to a sequence; a projection that stops on the way ends
// the rebuild.
func (l *loop) reach(ctx context.Context, seq uint64) error {
	if seq == 0 {
		return nil
	}
	if err := l.run(ctx, seq); err != nil {
		return err
	}
	for _, r := range l.runners {
		if r.stopped != nil {
			return failedAt("rebuild "+r.name(), r.stopped, r.stopped.Error()) // a poisonError, which is brief already
		}
	}
	return nil
}

// liveAt is how far a live loop has come, as it last announced.
func (s *Service) liveAt(l *loop) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var at uint64
	for _, r := range l.runners {
		at = max(at, s.state[r.name()].Seq)
	}
	return at
}

// exchange holds everyone still, reads the rest, compares, and swaps the tables. The
// positions stay what they are, for both stand at the same one.
func (s *Service) exchange(ctx context.Context, live, anew *loop, report *RebuildReport) (uint64, error) {
	if err := anew.reach(ctx, s.liveAt(live)); err != nil { // what came during the long first run
		return 0, err
	}
	pause, err := s.pauseAll(ctx, live)
	if err != nil {
		return 0, err
	}
	defer pause.end()
	began := time.Now()
	defer func() { report.PauseMS += time.Since(began).Milliseconds() }()
	at, err := s.standsAt(ctx, live)
	if err != nil {
		return 0, err
	}
	if err := anew.reach(ctx, at); err != nil {
		return 0, err
	}
	for _, r := range anew.runners {
		for _, t := range r.tables() {
			c, err := s.env.compare(ctx, t)
			if err != nil {
				return 0, failedAt("compare "+t, err, brief(err))
			}
			if c.Differing > 0 {
				s.env.log.Warn("a rebuilt table differs from the live one", "table", t, "differing", c.Differing)
			}
			report.Tables = append(report.Tables, c)
		}
	}
	if err := pause.unbroken(ctx, at); err != nil {
		return 0, err
	}
	for _, r := range anew.runners {
		for _, t := range r.tables() {
			if err := s.env.db.Exchange(ctx, s.env.layout, t, t+rebuildSuffix); err != nil {
				return 0, err
			}
		}
		for _, old := range live.runners {
			if old.name() == r.name() {
				old.pos, old.stopped = at, nil
			}
		}
	}
	return at, s.stepped(ctx, live, nil)
}

// standsAt is where the read model stands while everyone holds still: another service may be further on than this one.
func (s *Service) standsAt(ctx context.Context, l *loop) (uint64, error) {
	stored, err := s.storedAt(ctx, l)
	return max(stored, s.liveAt(l)), err
}

// storedAt is the highest position stored for a loop's projections, by whoever.
func (s *Service) storedAt(ctx context.Context, l *loop) (uint64, error) {
	at, err := current(ctx, s.env.db, "SELECT projection, seq, at FROM positions FINAL", func(r *positionRow) string { return r.Projection })
	var most uint64
	for _, r := range l.runners {
		if p := at[r.name()]; p != nil {
			most = max(most, p.Seq)
		}
	}
	return most, err
}

// failedAt says what a rebuild failed at and why, as far as it may be shown. It keeps the code.
func failedAt(doing string, err error, why string) error {
	return fault.New(fault.CodeOf(err), "%s: %s", doing, why)
}

// rebuildFor carries out a request that came over NATS.
func (s *Service) rebuildFor(ctx context.Context, m *nats.Msg) {
	var req RebuildRequest
	var reply RebuildReply
	var err error
	if len(m.Data) > 0 {
		err = fault.Wrap(fault.Invalid, json.Unmarshal(m.Data, &req), "read the request")
	}
	if err == nil {
		reply.Report, err = s.Rebuild(ctx, req.Projections...)
	}
	if ctx.Err() != nil && err != nil {
		err = fault.New(fault.Unavailable, "the service that was to rebuild it ends; what was live goes on")
	}
	if err != nil { // every viewer reads it
		reply.Code, reply.Error = fault.CodeOf(err), brief(err)
		s.env.log.Error("rebuild", "error", reply.Error)
	}
	data, err := json.Marshal(reply)
	if err == nil {
		err = m.Respond(data)
	}
	if err != nil {
		s.env.log.Debug("nobody waits for the rebuild", "error", err)
	}
}

// RequestRebuild has one of the running services rebuild, and waits for its report.
func RequestRebuild(ctx context.Context, nc *nats.Conn, names ...string) (*RebuildReport, error) {
	body, err := json.Marshal(RebuildRequest{Projections: names})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "ask for a rebuild")
	}
	m, err := nc.RequestWithContext(ctx, RebuildSubject, body)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "no projections are running that could rebuild")
	}
	var reply RebuildReply
	if err := json.Unmarshal(m.Data, &reply); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "read the answer of a rebuild")
	}
	if reply.Error != "" {
		return nil, fault.New(reply.Code, "%s", reply.Error)
	}
	return reply.Report, nil
}

// announceAgain repeats the positions, as a sign of life.
func (s *Service) announceAgain() {
	for _, l := range []*loop{s.events, s.ledger} {
		msg := Positions{Runner: s.env.run, Stream: l.stream, Projections: map[string]State{}}
		for _, r := range l.runners {
			msg.Projections[r.name()] = s.known(r.name())
		}
		if data, err := json.Marshal(msg); err == nil {
			_ = s.opt.JS.Conn().Publish(PositionSubject, data)
		}
	}
}
