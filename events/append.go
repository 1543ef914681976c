package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"muster/internal/fault"
)

// Append is what one decision adds to one aggregate.
type Append struct {
	Subject  Subject
	Expected Version // of the aggregate as it was loaded; zero: it must not exist
	Events   []Event // at least one; filled in with ids, times, hashes and sequences
}

// Append makes one decision durable: all events of all subjects, in the order
// given, or none. All subjects belong to one stream, each named once; at most
// MaxAppend events. It returns the new version of each subject.
//
// A *ConflictError (fault.Conflict) says that a subject is not at its expected
// version: nothing was written. When an ack is lost, the store looks what is
// stored and tries again until it knows, for at most StoreOptions.GiveUp; with
// events that have ids already (given, or filled in by an earlier call) that makes
// calling Append again with the same slice safe after any error. fault.Unavailable
// says that it could not find out, or that the server kept only the beginning of a batch
// because its disk was full or it died: load again then, and decide what is missing.
func (s *Store) Append(ctx context.Context, appends []Append) ([]Version, error) {
	d, err := s.prepare(ctx, appends)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.giveUp)
	defer cancel()
	wait := 2 * time.Millisecond
	for {
		ack, err := s.send(ctx, d)
		if err == nil {
			return d.stored(ack.Seq), nil
		}
		if permanent(err) {
			return nil, err
		}
		versions, serr := s.settle(ctx, d)
		if versions != nil {
			return versions, nil
		}
		var conflict *ConflictError
		if errors.As(serr, &conflict) || fault.Is(serr, fault.Corrupt) || fault.Is(serr, fault.Unavailable) {
			return nil, serr
		}
		if !pause(ctx, wait) {
			return nil, fault.Wrap(fault.Unavailable, errors.Join(err, serr, ctx.Err()), "append to "+d.first().String())
		}
		wait = min(2*wait, 250*time.Millisecond)
	}
}

// decision is an append made ready: sealed events and their messages.
type decision struct {
	appends []Append
	stream  string
	events  []*Event // of all appends, in order
	msgs    []*nats.Msg
}

func (d *decision) first() Subject { return d.appends[0].Subject }

// stored fills in the sequences when the last message got seq last. A batch gets
// neighbouring sequences.
func (d *decision) stored(last uint64) []Version {
	first := last - uint64(len(d.events)) + 1
	for i, e := range d.events {
		e.Seq = first + uint64(i)
	}
	versions := make([]Version, len(d.appends))
	for i, a := range d.appends {
		versions[i] = a.Events[len(a.Events)-1].At()
	}
	return versions
}

// prepare validates, fills in, seals and encodes.
func (s *Store) prepare(ctx context.Context, appends []Append) (*decision, error) {
	if len(appends) == 0 {
		return nil, fault.New(fault.Invalid, "nothing to append")
	}
	d := &decision{appends: appends, stream: appends[0].Subject.Stream}
	seen := make(map[Subject]bool, len(appends))
	for i := range appends {
		a := &appends[i]
		if err := a.Subject.Validate(); err != nil {
			return nil, err
		}
		switch {
		case a.Subject.Stream != d.stream:
			return nil, fault.New(fault.Invalid, "one append cannot span the streams %s and %s", d.stream, a.Subject.Stream)
		case seen[a.Subject]:
			return nil, fault.New(fault.Invalid, "%s is named twice in one append", a.Subject)
		case len(a.Events) == 0:
			return nil, fault.New(fault.Invalid, "no event for %s", a.Subject)
		}
		seen[a.Subject] = true
		if err := s.seal(ctx, a); err != nil {
			return nil, err
		}
		for j := range a.Events {
			m := message(&a.Events[j])
			if j == 0 {
				m.Header[headerExpectLastSubj] = []string{strconv.FormatUint(a.Expected.Seq, 10)}
			}
			if limit := s.rpc.nc.MaxPayload(); limit > 0 && int64(m.Size()) > limit {
				return nil, fault.New(fault.TooLarge, "event %s of %d bytes is over the server's limit of %d", a.Events[j].Type, m.Size(), limit)
			}
			d.events = append(d.events, &a.Events[j])
			d.msgs = append(d.msgs, m)
		}
	}
	if len(d.events) > MaxAppend {
		return nil, fault.New(fault.TooLarge, "%d events in one append, at most %d", len(d.events), MaxAppend)
	}
	return d, nil
}

// seal fills in what the events of one append lack and chains them.
func (s *Store) seal(ctx context.Context, a *Append) error {
	prev := a.Expected.Hash
	if a.Expected.Seq > 0 && prev == "" {
		e, err := s.rpc.leaderEvent(ctx, a.Subject.Stream, getRequest{Seq: a.Expected.Seq})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return fault.Wrap(fault.Unavailable, err, "read the version of "+a.Subject.String())
		}
		if e.Subject != a.Subject {
			return fault.New(fault.Invalid, "sequence %d is no event of %s", a.Expected.Seq, a.Subject)
		}
		prev = e.Hash
	}
	for i := range a.Events {
		e := &a.Events[i]
		e.Subject, e.Seq = a.Subject, 0
		if e.ID == "" {
			e.ID = s.newID()
		}
		if e.Time.IsZero() {
			e.Time = s.clock()
		}
		e.Time = e.Time.UTC().Round(0)
		if e.Encoding == "" {
			e.Encoding = EncodingJSON
		}
		if err := e.check(); err != nil {
			return err
		}
		e.seal(prev)
		prev = e.Hash
	}
	return nil
}

func message(e *Event) *nats.Msg {
	return &nats.Msg{Subject: e.Subject.String(), Header: e.header(), Data: e.Data}
}

// send publishes a decision once.
func (s *Store) send(ctx context.Context, d *decision) (pubAck, error) {
	if len(d.msgs) == 1 {
		return s.rpc.publish(ctx, d.msgs[0])
	}
	return s.rpc.publishBatch(ctx, d.msgs, s.newID())
}

// permanent says whether trying again cannot help and nothing was stored.
func permanent(err error) bool {
	switch apiCode(err) {
	case codeAtomicDisabled, codeBatchTooLarge, codeExceedsMaximum:
		return true
	}
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrConnectionClosed)
}

// settle asks the leader what became of a decision after an error. It returns the
// versions when the decision is stored, a *ConflictError when a subject has moved
// past the expected version, and neither when it is safe to send again.
func (s *Store) settle(ctx context.Context, d *decision) ([]Version, error) {
	a := d.appends[0]
	e, err := s.rpc.leaderEvent(ctx, d.stream, getRequest{Seq: a.Expected.Seq + 1, NextFor: a.Subject.String()})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil && e.ID == d.events[0].ID {
		return s.adopt(ctx, d, e.Seq)
	}
	for _, a := range d.appends {
		e, err := s.rpc.leaderEvent(ctx, d.stream, getRequest{LastFor: a.Subject.String()})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if e.Seq != a.Expected.Seq {
			return nil, &ConflictError{Subject: a.Subject, Expected: a.Expected.Seq, Actual: e.Seq}
		}
	}
	return nil, nil
}

// adopt reads back a decision whose first event is stored at first. What is stored
// counts: an earlier attempt may have had another time, and so other hashes. A batch of
// which only the beginning is stored is neither a success nor anybody's conflict.
func (s *Store) adopt(ctx context.Context, d *decision, first uint64) ([]Version, error) {
	for i, e := range d.events {
		stored, err := s.rpc.leaderEvent(ctx, d.stream, getRequest{Seq: first + uint64(i)})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if stored.ID != e.ID || stored.Subject != e.Subject {
			return nil, &fault.Error{Code: fault.Unavailable, Msg: "only a part of this could be stored; try again",
				Err: fmt.Errorf("%d of %d events are stored, from %s at %d on", i, len(d.events), d.first(), first)}
		}
		*e = stored
	}
	return d.stored(first + uint64(len(d.events)) - 1), nil
}

// pause waits, and says whether the caller still has time.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
