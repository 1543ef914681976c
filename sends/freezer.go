package sends

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

const (
	batchBytes  = 4 << 20 // of ranges in one append
	batchEvents = 200
)

// freeze writes a launched campaign's audience into the log and says so. It goes on where the audience's last
// event says it was left; that makes it safe to repeat, and harmless when two do it at once.
func (s *Service) freeze(ctx context.Context, c campaign) error {
	users, reason, err := s.opt.Freezes.AwaitFreeze(ctx, c.key.biz, c.key.id, c.launch)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "wait for the audience")
	}
	if _, _, err := s.compile(c); err != nil && reason == "" {
		var missing *noChannelError
		if errors.As(err, &missing) {
			return err // another process may have it, or this one after a restart
		}
		reason = err.Error() // nobody could ever be sent this
	}
	if reason != "" {
		// The command's id is fixed: if its reason were refused, the campaign could never fail.
		return s.command(ctx, c, commands.FailCampaignType, commands.FailCampaign{Campaign: c.key.id, Reason: commands.CleanReason(reason)})
	}
	for {
		done, err := s.writeAudience(ctx, c, users)
		var conflict *events.ConflictError
		if errors.As(err, &conflict) {
			continue // another freezer wrote: see what is there now
		}
		if err != nil {
			return err
		}
		return s.command(ctx, c, commands.RecordFreezeType, done)
	}
}

// writeAudience appends what is missing of an audience.
func (s *Service) writeAudience(ctx context.Context, c campaign, users uint64) (commands.RecordFreeze, error) {
	w := audienceWriter{log: s.opt.Log, c: c}
	var done commands.RecordFreeze
	if err := w.resume(ctx); err != nil {
		return done, err
	}
	cut := cutter{size: max(c.launched.RangeSize, 1), out: func(ids []uint64, encoded []byte) error {
		return w.add(ctx, ids, encoded)
	}}
	var total uint64
	resumed, from := w.part > 0, w.last // users up to from are in the log
	err := s.opt.Freezes.FrozenUsers(ctx, c.key.biz, c.key.id, 0, func(_ uint64, members *roaring64.Bitmap) error {
		total += members.GetCardinality()
		if !resumed || members.IsEmpty() || members.Minimum() > from {
			return cut.add(members)
		}
		rest := members.Clone()
		rest.RemoveRange(0, from)
		rest.Remove(from)
		return cut.add(rest)
	})
	if err == nil {
		err = cut.flush()
	}
	if err == nil {
		err = w.flush(ctx)
	}
	if err != nil {
		return done, err
	}
	if total != users {
		return done, fault.New(fault.Corrupt, "the frozen audience of campaign %d holds %d users, its mark says %d", c.key.id, total, users)
	}
	return commands.RecordFreeze{
		Campaign: c.key.id, Position: c.launch, Audience: total, Ranges: w.part, Hash: w.version.Hash,
	}, nil
}

// audienceWriter appends an audience's events in atomic batches.
type audienceWriter struct {
	log     Log
	c       campaign
	version events.Version
	part    uint64         // number of the last range
	last    uint64         // the highest user in it
	batch   []events.Event // waiting to be appended
	bytes   int
}

// resume looks where the audience was left.
func (w *audienceWriter) resume(ctx context.Context) error {
	e, err := w.log.Last(ctx, w.c.key.audience())
	if fault.Is(err, fault.NotFound) {
		data, err := json.Marshal(events.AudienceStarted{Campaign: w.c.key.id, Position: w.c.launch, RangeSize: w.c.launched.RangeSize})
		if err != nil {
			return fault.Wrap(fault.Internal, err, "open the audience")
		}
		w.batch = append(w.batch, w.event(events.Event{Type: events.TypeAudienceStarted, Data: data}))
		return nil
	}
	if err != nil {
		return err
	}
	w.version = e.At()
	if e.Type != events.TypeAudienceRange {
		return nil
	}
	users, err := decodeUsers(e.Data)
	if err != nil || users.IsEmpty() {
		return fault.New(fault.Corrupt, "the last range of campaign %d cannot be read", w.c.key.id)
	}
	w.part, w.last = e.Part, users.Maximum()
	return nil
}

func (w *audienceWriter) event(e events.Event) events.Event {
	e.Version, e.Actor, e.Correlation = 1, "sends", w.c.correlation
	return e
}

func (w *audienceWriter) add(ctx context.Context, users []uint64, encoded []byte) error {
	w.part++
	w.last = users[len(users)-1]
	w.batch = append(w.batch, w.event(events.Event{
		Type: events.TypeAudienceRange, Part: w.part, Count: uint64(len(users)),
		Encoding: events.EncodingRoaring64, Data: encoded,
	}))
	if w.bytes += len(encoded); w.bytes < batchBytes && len(w.batch) < batchEvents {
		return nil
	}
	return w.flush(ctx)
}

func (w *audienceWriter) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	v, err := w.log.Append(ctx, []events.Append{{Subject: w.c.key.audience(), Expected: w.version, Events: w.batch}})
	if err != nil {
		return err
	}
	w.version, w.batch, w.bytes = v[0], nil, 0
	return nil
}
