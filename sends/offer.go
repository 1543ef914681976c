package sends

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"muster/channels"
	"muster/events"
	"muster/sends/ledger"
)

const maxRetryPause = 5 * time.Second

// offer sends claimed messages and puts down in hand what became of them. Messages that the provider provably did
// not take are offered again with growing pauses; when RetryFor is over they have failed with the provider's code,
// which is the truth and lets an operator send them again. When the sender must stop or the campaign runs no more,
// nothing more is offered, even in the middle of the batch: those not taken and those whose turn had not come are
// left in hand as held, to be given back, and what is under way is waited for until hard ends.
func (w *work) offer(stop, hard context.Context, to []channels.Recipient, hand *ledger.Hand) {
	going, end := w.going(stop)
	defer end()
	b := channels.Batch{Campaign: w.c.key.number(), Layout: w.layout, To: to, Halt: going.Done()}
	results := make([]channels.Result, len(to))
	deadline := time.Now().Add(w.s.opt.RetryFor)
	for pause := w.s.opt.RetryMin; ; pause = min(2*pause, maxRetryPause) {
		clear(results)
		w.channel.Send(hard, b, results)
		b.To = sortOut(b.To, results, hand)
		if results = results[:len(b.To)]; len(results) == 0 || !w.askAgain(stop, hard, pause, len(results)) {
			return
		}
		if hand.Expired = time.Now().After(deadline); hand.Expired {
			return
		}
	}
}

// sortOut puts results down and returns who is to be asked again: nobody once the batch was halted.
func sortOut(to []channels.Recipient, results []channels.Result, hand *ledger.Hand) (again []channels.Recipient) {
	hand.Held = ledger.NewTally()
	halted := false
	for i, r := range results {
		user := to[i].UserID
		switch r.Verdict {
		case channels.Later:
			again = append(again, to[i])
			hand.Held.Add(user, events.Failed, r.Code, r.Reason+"; gave up asking again")
		case channels.Kept:
			halted = true
			hand.Held.Add(user, events.Failed, r.Code, r.Reason)
		case channels.Sent:
			hand.Told.Add(user, events.Sent, r.Code, r.Reason)
		case channels.Refused:
			hand.Told.Add(user, events.Failed, r.Code, r.Reason)
		default:
			hand.Told.Add(user, events.Unknown, r.Code, r.Reason)
		}
	}
	if halted {
		return nil
	}
	return again
}

// going returns a context that ends when nothing more may be offered: the sender is asked to stop, or the campaign is
// paused or cancelled.
func (w *work) going(stop context.Context) (context.Context, context.CancelFunc) {
	going, end := context.WithCancel(stop)
	go func() {
		defer end()
		for {
			halted, changed := w.halted(going)
			if halted {
				return
			}
			select {
			case <-changed:
			case <-going.Done():
				return
			}
		}
	}()
	return going, end
}

// askAgain waits until n messages may be offered again; false when they must not be for now: the sender is asked to
// stop, or the campaign is paused or cancelled.
func (w *work) askAgain(stop, hard context.Context, pause time.Duration, n int) bool {
	halted, changed := w.halted(hard)
	if halted {
		return false
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-stop.Done():
	case <-changed:
	case <-t.C:
	}
	if !waitRate(stop, w.s.control.limiter(w.channel.Name()), n) {
		return false
	}
	halted, _ = w.halted(hard)
	return !halted
}

// halted says whether the campaign is paused or cancelled, as far as it is known; changed is closed when that changes.
func (w *work) halted(ctx context.Context) (halted bool, changed <-chan struct{}) {
	c, changed, err := w.s.control.get(ctx, w.c.key)
	return err == nil && (c.status == paused || c.status == cancelled), changed
}

// waitRate waits until n messages may be sent, in steps that a rate lowered meanwhile allows; false when ctx ends.
func waitRate(ctx context.Context, l *rate.Limiter, n int) bool {
	for n > 0 {
		step := n
		if l.Limit() != rate.Inf {
			step = min(n, max(1, l.Burst()))
		}
		if l.WaitN(ctx, step) == nil {
			n -= step
		} else if ctx.Err() != nil {
			return false
		}
	}
	return ctx.Err() == nil
}
