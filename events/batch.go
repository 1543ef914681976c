package events

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
)

// How much of a batch may be under way before the store waits for the server: it
// holds at most 128 MB of messages per stream that it has not looked at yet, and
// drops the rest.
const (
	batchWindowBytes = 4 << 20
	batchWindowMsgs  = 256
)

// publishBatch publishes an atomic batch (ADR-50): every message carries the
// batch's id and its own place, the last one commits. Expectations must be on the
// first message of each subject. All messages are stored with neighbouring
// sequences, or none is; the ack has the last one's sequence. id names this
// attempt, never the decision: an attempt cut off half-way must not be continued
// by the next.
func (r rpc) publishBatch(ctx context.Context, msgs []*nats.Msg, id string) (pubAck, error) {
	waiting := 0
	for i, m := range msgs {
		m.Header[headerBatchID] = []string{id}
		m.Header[headerBatchSeq] = []string{strconv.Itoa(i + 1)}
		if i == len(msgs)-1 {
			m.Header[headerBatchCommit] = []string{"1"}
			return r.publish(ctx, m)
		}
		waiting += m.Size()
		// The first is acked at once, so that a refused batch is not sent in vain.
		if i == 0 || waiting >= batchWindowBytes || i%batchWindowMsgs == 0 {
			if _, err := r.publish(ctx, m); err != nil {
				return pubAck{}, err
			}
			waiting = 0
			continue
		}
		m.Reply = ""
		if err := r.nc.PublishMsg(m); err != nil {
			return pubAck{}, err
		}
	}
	return pubAck{}, nats.ErrInvalidMsg // no messages
}
