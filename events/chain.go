package events

import (
	"container/list"
	"context"
	"time"

	"muster/internal/fault"
)

// chain knows the last hash of the subjects seen most recently. For the others it
// asks the stream.
type chain struct {
	rpc      rpc
	stream   string
	from     uint64 // first sequence read
	cap      int
	complete bool // every subject read so far is still here, and reading began at 1
	order    *list.List
	items    map[Subject]*list.Element
}

type link struct {
	subject Subject
	hash    string
}

func newChain(r rpc, stream string, from uint64, capacity int) *chain {
	return &chain{rpc: r, stream: stream, from: from, cap: capacity, complete: from == 1,
		order: list.New(), items: make(map[Subject]*list.Element)}
}

// check compares e.PrevHash with the hash of the event before it on its subject,
// and remembers e's hash.
func (c *chain) check(ctx context.Context, e *Event) error {
	el, known := c.items[e.Subject]
	prev := ""
	switch {
	case known:
		prev = el.Value.(*link).hash
	case !c.complete:
		var err error
		if prev, err = c.before(ctx, e); err != nil {
			return err
		}
	}
	if asked := !known && !c.complete; asked && prev != e.PrevHash {
		var err error
		if prev, err = c.settled(ctx, e, prev); err != nil {
			return err
		}
	}
	if prev != e.PrevHash {
		return &CorruptError{Stream: c.stream, Seq: e.Seq, Subject: e.Subject.String(), Reason: "it does not chain to the event before it"}
	}
	if known {
		el.Value.(*link).hash = e.Hash
		c.order.MoveToFront(el)
		return nil
	}
	c.items[e.Subject] = c.order.PushFront(&link{subject: e.Subject, hash: e.Hash})
	if c.order.Len() > c.cap {
		oldest := c.order.Back()
		delete(c.items, oldest.Value.(*link).subject)
		c.order.Remove(oldest)
		c.complete = false
	}
	return nil
}

// patience is how long a replica may lag behind the one that e came from.
const patience = 3 * time.Second

// settled asks again for the hash before e where an answer did not fit: a direct get
// may be answered by a replica that lags and does not have that event yet. Only an
// answer that stays the same is damage.
func (c *chain) settled(ctx context.Context, e *Event, prev string) (string, error) {
	for until := time.Now().Add(patience); prev != e.PrevHash && time.Now().Before(until); {
		if !pause(ctx, 100*time.Millisecond) {
			return "", ctx.Err()
		}
		var err error
		if prev, err = c.before(ctx, e); err != nil {
			return "", err
		}
	}
	return prev, nil
}

// before asks for the hash of the last event of e's subject before e; "" when e is
// the first. It tries until the server answers.
func (c *chain) before(ctx context.Context, e *Event) (string, error) {
	if e.Seq == 1 {
		return "", nil
	}
	req := getRequest{MultiLast: []string{e.Subject.String()}, UpToSeq: e.Seq - 1, Batch: 1}
	wait := 10 * time.Millisecond
	for {
		page, _, err := c.rpc.direct(ctx, c.stream, req)
		if err == nil {
			if len(page) == 0 {
				return "", nil
			}
			p, err := page[0].event(c.stream)
			if err != nil {
				return "", err
			}
			return p.Hash, nil
		}
		if fault.Is(err, fault.Corrupt) {
			return "", err
		}
		if !pause(ctx, wait) {
			return "", ctx.Err()
		}
		wait = min(2*wait, 250*time.Millisecond)
	}
}
