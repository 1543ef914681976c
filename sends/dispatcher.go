package sends

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// dispatch hands a frozen campaign's ranges to the senders, a bounded number at a time, and closes the books when
// every range's ledger is complete. All it knows it reads from the log, so it may be repeated from the start, and
// two at once do nothing twice: SENDS refuses a range that it holds, and a complete ledger is left alone.
type dispatch struct {
	s        *Service
	c        campaign
	channel  channels.Channel
	fields   []string
	done     <-chan struct{}              // something of this campaign was finished
	inFlight map[uint64]*roaring64.Bitmap // ranges in SENDS, by number
	books    events.Books                 // of the ranges that are complete
}

// dispatch returns when the campaign's completion is commanded, or errPaused.
func (s *Service) dispatch(ctx context.Context, c campaign) error {
	d := &dispatch{s: s, c: c, inFlight: make(map[uint64]*roaring64.Bitmap)}
	ch, layout, err := s.compile(c)
	var missing *noChannelError
	if errors.As(err, &missing) {
		return err
	}
	if err != nil {
		s.log.Error("a campaign's template cannot be used", "campaign", c.key.id, "error", err)
		return err
	}
	d.channel, d.fields = ch, layout.Fields()
	var forget func()
	d.done, forget = s.signals.listen(c.key)
	defer forget()

	_, err = s.opt.Log.Each(ctx, c.key.audience(), 0, func(e events.Event) error {
		if e.Type != events.TypeAudienceRange {
			return nil
		}
		users, err := decodeUsers(e.Data)
		if err != nil {
			return fault.Wrap(fault.Corrupt, err, "read the audience")
		}
		return d.hand(ctx, e.Part, users)
	})
	if err == nil {
		err = d.finish(ctx)
	}
	if err != nil {
		return err
	}
	if d.books.Audience != c.frozen.Audience {
		return fault.New(fault.Corrupt, "campaign %d: the ranges hold %d users, the audience %d", c.key.id, d.books.Audience, c.frozen.Audience)
	}
	return s.command(ctx, d.c, commands.CompleteCampaignType, commands.RecordCompletion{Campaign: c.key.id, Books: d.books})
}

// hand brings one range on its way, as soon as the campaign runs and there is room.
func (d *dispatch) hand(ctx context.Context, rng uint64, users *roaring64.Bitmap) error {
	if done, err := d.count(ctx, rng, users); done || err != nil {
		return err
	}
	for {
		c, changed, err := d.s.control.get(ctx, d.c.key)
		switch {
		case err != nil:
			return err
		case c.status == closed:
			return errClosed
		case c.status == paused:
			return errPaused
		case c.status == cancelled:
			return d.cancel(ctx, rng, users)
		case c.status == sending && len(d.inFlight) < d.s.opt.InFlight:
			return d.publish(ctx, rng, users)
		}
		if err := d.wait(ctx, changed); err != nil {
			return err
		}
	}
}

// finish waits until the ranges that are handed out are finished, as long as the campaign is not paused.
func (d *dispatch) finish(ctx context.Context) error {
	for len(d.inFlight) > 0 {
		c, changed, err := d.s.control.get(ctx, d.c.key)
		switch {
		case err != nil:
			return err
		case c.status == closed:
			return errClosed
		case c.status == paused:
			return errPaused
		}
		if err := d.wait(ctx, changed); err != nil {
			return err
		}
	}
	return nil
}

var (
	errClosed = errors.New("the campaign is closed")
	// errPaused lets a paused campaign go, which may stay so for weeks, so that it keeps no other from its turn.
	errPaused = errors.New("the campaign is paused")
)

// count adds a range's books when its ledger is complete.
func (d *dispatch) count(ctx context.Context, rng uint64, users *roaring64.Bitmap) (bool, error) {
	r, err := loadRange(ctx, d.s.opt.Log, d.c.key.ledger(rng), users)
	if err != nil || !r.Done() {
		return false, err
	}
	b := r.Books()
	d.books.Audience += b.Audience
	d.books.Sent += b.Sent
	d.books.Failed += b.Failed
	d.books.Skipped += b.Skipped
	d.books.Unknown += b.Unknown
	return true, nil
}

// cancel settles who remains of a range that no sender has.
func (d *dispatch) cancel(ctx context.Context, rng uint64, users *roaring64.Bitmap) error {
	stored, err := d.stored(ctx)
	if err != nil {
		return err
	}
	if stored[rng] { // a sender has it, and will see that it is cancelled
		d.inFlight[rng] = users
		return nil
	}
	for {
		r, err := loadRange(ctx, d.s.opt.Log, d.c.key.ledger(rng), users)
		if err != nil {
			return err
		}
		err = d.s.settle(ctx, d.c, rng, r, r.Cancelled())
		var conflict *events.ConflictError
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			return err
		}
		if r.Done() {
			_, err = d.count(ctx, rng, users)
			return err
		}
		return d.publish(ctx, rng, users) // claims without an outcome: a sender's business
	}
}

// publish stores one range in SENDS with all that a sender needs; without addresses when that is too much for one
// message, then the sender looks them up.
func (d *dispatch) publish(ctx context.Context, rng uint64, users *roaring64.Bitmap) error {
	found := make(map[uint64]Address, users.GetCardinality())
	err := d.s.opt.Addresses.Addresses(ctx, d.c.key.biz, users, d.fields, func(a Address) error {
		found[a.UserID] = a
		return nil
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "look up addresses")
	}
	data, err := d.s.payloads.encode(d.fields, recipients(users, d.fields, found))
	if err != nil {
		return err
	}
	encoding := events.EncodingCSVZstd
	if len(data) > maxPayload {
		if data, err = users.ToBytes(); err != nil {
			return fault.Wrap(fault.Internal, err, "encode a range")
		}
		encoding = events.EncodingRoaring64
	}
	msg := nats.NewMsg(events.SendSubject(d.c.key.biz, d.c.key.number(), strconv.FormatUint(rng, 10)))
	msg.Header.Set(events.HeaderType, "send.range")
	msg.Header.Set(events.HeaderVersion, "1")
	msg.Header.Set(events.HeaderEncoding, encoding)
	msg.Header.Set(events.HeaderCount, strconv.FormatUint(users.GetCardinality(), 10))
	msg.Header.Set(events.HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	msg.Header.Set(events.HeaderCorrelation, d.c.correlation)
	msg.Data = data
	if _, err := d.s.opt.JS.PublishMsg(ctx, msg); err != nil && !storedAlready(err) {
		return fault.Wrap(fault.Unavailable, err, "hand out a range")
	}
	d.inFlight[rng] = users
	return nil
}

// storedAlready says whether SENDS refused a range because it holds it.
func storedAlready(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == 10077
}

// wait waits until a range is finished, the campaign changes, or it is time to make up for a lost signal; then it
// counts what is finished.
func (d *dispatch) wait(ctx context.Context, changed <-chan struct{}) error {
	recheck := time.NewTimer(d.s.opt.Recheck)
	defer recheck.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-d.done:
	case <-recheck.C:
	}
	if len(d.inFlight) == 0 {
		return nil
	}
	stored, err := d.stored(ctx)
	if err != nil {
		return err
	}
	for rng, users := range d.inFlight {
		if stored[rng] {
			continue
		}
		done, err := d.count(ctx, rng, users)
		if err != nil {
			return err
		}
		if !done { // someone removed it from SENDS before its time
			d.s.log.Warn("a range left the queue unfinished; handing it out again", "campaign", d.c.key.id, "range", rng)
			if err := d.publish(ctx, rng, users); err != nil {
				return err
			}
			continue
		}
		delete(d.inFlight, rng)
	}
	return nil
}

// stored returns the campaign's ranges that SENDS holds.
func (d *dispatch) stored(ctx context.Context) (map[uint64]bool, error) {
	prefix := events.SendSubject(d.c.key.biz, d.c.key.number(), "")
	stream, err := d.s.opt.JS.Stream(ctx, events.StreamSends)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "look at SENDS")
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(prefix+"*"))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "look at SENDS")
	}
	stored := make(map[uint64]bool, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		if n, err := strconv.ParseUint(subject[len(prefix):], 10, 64); err == nil {
			stored[n] = true
		}
	}
	return stored, nil
}
