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

// offer sends claimed messages and tallies the verdicts. Messages that the provider provably did not take are
// offered again with growing pauses, until RetryFor is over or the sender must stop: then they have failed with the
// provider's code, which is the truth and lets an operator send them again. Cancelling ends it too.
func (w *work) offer(stop, hard context.Context, to []channels.Recipient, tally *ledger.Tally) {
	b := channels.Batch{Campaign: w.c.key.number(), Layout: w.layout, To: to}
	results := make([]channels.Result, len(to))
	w.channel.Send(hard, b, results)
	deadline := time.Now().Add(w.s.opt.RetryFor)
	for pause := w.s.opt.RetryMin; ; pause = min(2*pause, maxRetryPause) {
		var held []channels.Recipient
		var why []channels.Result
		for i, r := range results {
			if r.Verdict == channels.Later {
				held, why = append(held, b.To[i]), append(why, r)
				continue
			}
			record(tally, b.To[i].UserID, r)
		}
		if len(held) == 0 {
			return
		}
		gone := !sleep(stop, pause) || !waitRate(stop, w.s.control.limiter(w.channel.Name()), len(held))
		cancelled := w.cancelled(hard)
		if gone || cancelled || time.Now().After(deadline) {
			for i := range held {
				if cancelled {
					tally.Add(held[i].UserID, events.Skipped, ledger.CodeCancelled, "cancelled while the provider refused for now")
				} else {
					tally.Add(held[i].UserID, events.Failed, why[i].Code, why[i].Reason+"; gave up asking again")
				}
			}
			return
		}
		b.To, results = held, results[:len(held)]
		clear(results)
		w.channel.Send(hard, b, results)
	}
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

func (w *work) cancelled(ctx context.Context) bool {
	c, _, err := w.s.control.get(ctx, w.c.key)
	return err == nil && c.status == cancelled
}

func record(tally *ledger.Tally, user uint64, r channels.Result) {
	status := events.Unknown
	switch r.Verdict {
	case channels.Sent:
		status = events.Sent
	case channels.Refused:
		status = events.Failed
	}
	tally.Add(user, status, r.Code, r.Reason)
}
