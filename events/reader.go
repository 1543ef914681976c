package events

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go/jetstream"

	"muster/internal/fault"
)

// ReaderOptions bound a Reader. Zero values take the defaults.
type ReaderOptions struct {
	Stream    string // StreamEvents (default) or StreamLedger
	From      uint64 // first stream sequence to read; default 1
	MaxEvents int    // per batch; default 5,000
	MaxBytes  int    // per batch, payloads; default 16 MB; one event may be more
	Subjects  int    // how many subjects' last hashes are kept; default 100,000
	Log       *slog.Logger
}

// Batch is what Next read: events in stream order without a hole.
type Batch struct {
	Events   []Event
	CaughtUp bool // the last event was the newest of the stream
}

// Reader reads a whole stream in order and proves on the way that it is whole:
// stream sequences without a hole, every event's checksum and hash, and every
// event chained to the one before it on its subject. It is not safe for concurrent
// use. It survives reconnects and restarts of the server.
type Reader struct {
	opt   ReaderOptions
	tail  *tail
	chain *chain
	told  bool  // that it is caught up
	err   error // damage; final
}

// NewReader makes a reader. Nothing is asked of the server before Next.
func NewReader(js jetstream.JetStream, opt ReaderOptions) *Reader {
	if opt.Stream == "" {
		opt.Stream = StreamEvents
	}
	opt.From = max(opt.From, 1)
	if opt.MaxEvents == 0 {
		opt.MaxEvents = 5000
	}
	if opt.MaxBytes == 0 {
		opt.MaxBytes = 16 << 20
	}
	if opt.Subjects == 0 {
		opt.Subjects = 100_000
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	rpc := newRPC(js, 0)
	return &Reader{
		opt:   opt,
		tail:  &tail{rpc: rpc, stream: opt.Stream, log: opt.Log, next: opt.From},
		chain: newChain(rpc, opt.Stream, opt.From, opt.Subjects),
	}
}

// Position is the sequence of the last event read; what to store with its effects.
func (r *Reader) Position() uint64 { return r.tail.next - 1 }

// Next waits for events and returns them: as many as there are, up to the bounds.
// A batch with CaughtUp may be empty: there was nothing to read yet. A
// *CorruptError (fault.Corrupt) is final; events before the damage were returned.
func (r *Reader) Next(ctx context.Context) (Batch, error) {
	var b Batch
	if r.err != nil {
		return b, r.err
	}
	bytes := 0
	for len(b.Events) < r.opt.MaxEvents && bytes < r.opt.MaxBytes {
		want := r.tail.next
		d, err := r.tail.read(ctx)
		if err == nil && d.event.Seq > 0 {
			if err = r.accept(ctx, want, &d.event); err != nil {
				r.tail.close() // read it again next time
				r.tail.next = want
			}
		}
		if fault.Is(err, fault.Corrupt) {
			r.fail(err, want)
		}
		if err != nil && len(b.Events) > 0 {
			return b, nil // the next call meets the error again
		}
		if err != nil {
			return b, err
		}
		if d.event.Seq > 0 {
			b.Events = append(b.Events, d.event)
			bytes += len(d.event.Data)
		}
		// What was the newest when it was sent may have company by now: reading on makes one
		// batch of what came while the last one was worked on.
		if d.pending == 0 && !r.tail.buffered() && (len(b.Events) > 0 || !r.told) {
			r.told, b.CaughtUp = true, true
			return b, nil
		}
	}
	return b, nil
}

// accept checks that e is at sequence want and chained.
func (r *Reader) accept(ctx context.Context, want uint64, e *Event) error {
	if e.Seq != want {
		return r.hole(want, e.Seq)
	}
	return r.chain.check(ctx, e)
}

// hole is the error for missing sequences. Whether the leader still has them or
// not, this copy of the log is not whole.
func (r *Reader) hole(want, got uint64) error {
	return &CorruptError{Stream: r.opt.Stream, Seq: want, Reason: fmt.Sprintf("missing up to sequence %d", got-1)}
}

func (r *Reader) fail(err error, at uint64) {
	r.err = err
	r.tail.close()
	r.tail.next = at
}

// Close ends the reader; the server forgets it.
func (r *Reader) Close() { r.tail.close() }
