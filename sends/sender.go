package sends

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"muster/channels"
	"muster/events"
	"muster/internal/fault"
	"muster/sends/ledger"
)

// work is one range in one sender's hands.
type work struct {
	s       *Service
	c       campaign
	rng     uint64
	channel channels.Channel
	layout  *channels.Layout
	ledger  *ledger.Range
	source  *source
}

// onRange sends one range.
func (s *Service) onRange(stop, hard context.Context, m jetstream.Msg) error {
	tokens := strings.Split(m.Subject(), ".")
	key, err := keyOf(tokens[1], tokens[2])
	rng, err2 := strconv.ParseUint(tokens[3], 10, 64)
	if err = errors.Join(err, err2); err != nil {
		return fault.Wrap(fault.Corrupt, err, "a message in SENDS that is no range")
	}
	c, _, err := s.control.get(hard, key)
	if err == nil && c.status == paused {
		err = errPaused
	}
	if err == nil {
		err = (&work{s: s, c: c, rng: rng}).run(stop, hard, m)
	}
	var conflict *events.ConflictError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errPaused):
		return later(s.opt.Recheck, err)
	case errors.As(err, &conflict):
		s.log.Warn("another sender works on this range; leaving it", "subject", m.Subject(), "error", err)
		return later(s.opt.AckWait, err)
	case stop.Err() != nil:
		return later(0, err)
	}
	return err
}

// run works the range off, from where its ledger says it was left. No error says that everyone in it has an outcome.
func (w *work) run(stop, hard context.Context, m jetstream.Msg) error {
	var err error
	if w.channel, w.layout, err = w.s.compile(w.c); err != nil {
		return err
	}
	if w.source, err = w.s.open(m, w.c.key.biz, w.layout.Fields()); err != nil {
		return err
	}
	if w.ledger, err = loadRange(hard, w.s.opt.Log, w.c.key.ledger(w.rng), w.source.users); err != nil {
		return err
	}
	if err := w.takeOver(stop, hard); err != nil {
		return err
	}
	w.source.begin(w.ledger.Remaining())
	for more := true; more; {
		c, _, err := w.s.control.get(hard, w.c.key)
		switch {
		case err != nil:
			return err
		case c.status == cancelled:
			more, err = false, w.s.settle(hard, w.c, w.rng, w.ledger, w.ledger.Cancelled())
		case stop.Err() != nil:
			return stop.Err()
		case c.status == paused:
			return errPaused
		default:
			more, err = w.batch(stop, hard)
		}
		if err != nil {
			return err
		}
	}
	if !w.ledger.Done() {
		return fault.New(fault.Internal, "the range ends with %d users pending", w.ledger.Books().Pending)
	}
	return nil
}

// takeOver settles what a silent predecessor left claimed. That fences it off: its next claim conflicts. Where the
// receiver recognises messages by their key, everything unknown is offered once more under the same key, unless the
// campaign was paused or cancelled meanwhile.
func (w *work) takeOver(stop, hard context.Context) error {
	if err := w.s.settle(hard, w.c, w.rng, w.ledger, w.ledger.Abandoned()); err != nil {
		return err
	}
	unknown := w.ledger.Unknown()
	if !w.channel.Idempotent() || unknown.IsEmpty() {
		return nil
	}
	w.source.begin(unknown)
	for halted := false; ; {
		c, _, err := w.s.control.get(hard, w.c.key)
		if err != nil || c.status != sending {
			return err
		}
		if halted { // and resumed already: not all of them were offered, so begin again
			return errPaused
		}
		to, _, err := w.source.take(hard, w.s.control.claimSize(), w.layout)
		if err != nil || len(to) == 0 || !waitRate(stop, w.s.control.limiter(w.channel.Name()), len(to)) {
			return err
		}
		hand := ledger.NewHand(0)
		if err := w.deliver(stop, hard, to, hand); err != nil {
			return err
		}
		if halted = !hand.Held.Empty() && !hand.Expired; halted && stop.Err() != nil {
			return stop.Err()
		}
	}
}

// batch claims some users, sends to them and records how each ended.
func (w *work) batch(stop, hard context.Context) (more bool, err error) {
	to, tally, err := w.source.take(hard, w.s.control.claimSize(), w.layout)
	if err != nil {
		return false, err
	}
	if len(to) == 0 { // nobody is left but those who cannot be sent to
		return false, w.s.settle(hard, w.c, w.rng, w.ledger, tally)
	}
	if !waitRate(stop, w.s.control.limiter(w.channel.Name()), len(to)) {
		return true, nil // nothing is claimed; run sees that it must stop
	}
	late, err := w.claim(hard, to)
	if err != nil {
		return false, err
	}
	hand := ledger.NewHand(w.ledger.Version().Seq)
	hand.Told = tally
	if late {
		giveBack(to, hand)
		err = w.record(hard, hand)
	} else {
		err = w.deliver(stop, hard, to, hand)
	}
	if err != nil {
		return false, err
	}
	if !hand.Held.Empty() && !hand.Expired { // given back: whoever goes on begins with them
		w.source.begin(w.ledger.Remaining())
	}
	return true, nil
}

// deliver offers claimed messages and records what became of them.
func (w *work) deliver(stop, hard context.Context, to []channels.Recipient, hand *ledger.Hand) error {
	w.offer(stop, hard, to, hand)
	return w.record(hard, hand)
}

// record records what became of a claim: outcomes, and who is given back, at once. Once the provider was called that
// is the truth, whoever wrote to the ledger meanwhile: after a conflict it is recorded over what became unknown, and
// the conflict is returned, since the range is someone else's now. So it is recorded even when the grace of a stop is
// over: what is not would be unknown for ever.
func (w *work) record(hard context.Context, hand *ledger.Hand) error {
	hand.Keyed = w.channel.Idempotent()
	last, done := outlive(hard, recordFor)
	defer done()
	var lost error
	for {
		list, err := w.ledger.Conclude(w.s.opt.Name, hand)
		if err == nil {
			err = w.s.append(last, w.c, w.rng, w.ledger, list...)
		}
		if err == nil {
			return lost
		}
		var conflict *events.ConflictError
		if errors.As(err, &conflict) {
			lost = err
			r, lerr := loadRange(last, w.s.opt.Log, w.c.key.ledger(w.rng), w.source.users)
			if lerr == nil {
				w.ledger = r
				continue
			}
			err = lerr
		}
		if !w.again(last, "cannot record outcomes", err) {
			return err
		}
	}
}

// recordFor is how long outcomes may still be recorded after the grace of a stop. Together they are shorter than what
// the process gives its services to stop.
const recordFor = 3 * time.Second

// outlive returns a context that ends d after ctx does.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		channels.Pause(longer, d)
		cancel()
	})
	return longer, func() { stop(); cancel() }
}
