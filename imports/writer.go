package imports

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

const (
	maxChunkBytes = 256 << 10 // of a chunk event's payload
	batchBytes    = 1 << 20   // of the events that one append holds: what is appended is staged while more comes in
	batchEvents   = 256       // and how many of them
	rejectedBytes = 512 << 10 // of upload.rejected's payload, about
)

// writer appends one upload's events in few large batches. The first event,
// upload.started, goes with the first batch.
type writer struct {
	in      *Ingester
	req     Request
	spec    *spec
	subject events.Subject
	at      events.Version
	pending []events.Event
	bytes   int
	part    uint64 // of the last chunk
	begun   bool   // something was appended
}

func (in *Ingester) writer(req Request, sp *spec, a commands.Attempt) (*writer, error) {
	w := &writer{in: in, req: req, spec: sp, subject: events.EventSubject(req.Biz, "upload", a.UploadID), at: a.At}
	return w, w.add(events.UploadStarted{Target: req.Target, GroupID: req.GroupID, Content: req.Content, Source: req.Source})
}

// stamp says who caused an event.
func (w *writer) stamp(e events.Event) events.Event {
	e.Actor, e.CommandID, e.Correlation = w.req.Actor, w.req.CommandID, w.req.Correlation
	if e.Correlation == "" {
		e.Correlation = w.req.CommandID
	}
	return e
}

func (w *writer) add(payload any) error {
	e, err := w.in.catalog.Encode(payload)
	if err != nil {
		return err
	}
	w.pending = append(w.pending, w.stamp(e))
	w.bytes += len(e.Data)
	return nil
}

// write encodes a chunk and appends once there is enough.
func (w *writer) write(ctx context.Context, c *chunk) error {
	if err := w.encode(c); err != nil {
		return err
	}
	if w.bytes >= batchBytes || len(w.pending) >= batchEvents {
		return w.flush(ctx)
	}
	return nil
}

// encode makes one event of a chunk, or several where one would be too large.
func (w *writer) encode(c *chunk) error {
	data, err := w.payload(c)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "encode a chunk")
	}
	if len(data) > maxChunkBytes && c.n > 1 {
		first, second := c.split()
		if err := w.encode(first); err != nil {
			return err
		}
		return w.encode(second)
	}
	if len(data) > maxChunkBytes { // the limits of single values keep every row below this
		return fault.New(fault.TooLarge, "a row takes %s, at most %s are allowed", byteSize(len(data)), byteSize(maxChunkBytes))
	}
	w.part++
	w.pending = append(w.pending, w.stamp(events.Event{
		Type: w.spec.content, Version: 1, Encoding: w.spec.encoding, Count: uint64(c.n), Part: w.part, Data: data,
	}))
	w.bytes += len(data)
	return nil
}

func (w *writer) payload(c *chunk) ([]byte, error) {
	switch w.spec.content {
	case events.TypeUploadIDs:
		b := roaring64.New()
		b.AddMany(c.ids)
		b.RunOptimize()
		return b.ToBytes()
	case events.TypeUploadPhones:
		return w.in.codec.EncodePhones(c.phones)
	case events.TypeUploadUsers:
		return w.in.codec.EncodeUsers(c.users)
	case events.TypeUploadTags:
		return w.in.codec.EncodeTags(c.tags)
	default:
		return w.in.codec.EncodeOrders(c.orders)
	}
}

// split halves a chunk, keeping the rows' order.
func (c *chunk) split() (first, second *chunk) {
	h := c.n / 2
	first, second = &chunk{n: h}, &chunk{n: c.n - h}
	first.ids, second.ids = halves(c.ids, h)
	first.phones, second.phones = halves(c.phones, h)
	first.users, second.users = halves(c.users, h)
	first.tags, second.tags = halves(c.tags, h)
	first.orders, second.orders = halves(c.orders, h)
	return first, second
}

func halves[T any](rows []T, h int) (first, second []T) {
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[:h], rows[h:]
}

func (w *writer) flush(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	versions, err := w.in.store.Append(ctx, []events.Append{{Subject: w.subject, Expected: w.at, Events: w.pending}})
	if err != nil {
		if fault.Is(err, fault.Conflict) {
			return fault.Wrap(fault.Conflict, err, "another upload with this idempotency key is under way")
		}
		return err
	}
	w.at, w.begun = versions[0], true
	w.pending, w.bytes = w.pending[:0], 0
	return nil
}

// finish appends what is left and sums up.
func (w *writer) finish(ctx context.Context, p *parser, bodyHash string) (Result, error) {
	if kept := fitting(p.kept); len(kept) > 0 {
		if err := w.add(events.UploadRejected{Rejected: kept}); err != nil {
			return Result{}, err
		}
	}
	if err := w.flush(ctx); err != nil {
		return Result{}, err
	}
	return Result{Rejections: p.kept, Summary: commands.UploadSummary{
		UploadID: w.subject.ID, Rows: p.rows, Accepted: p.rows - p.rejected, Rejected: p.rejected,
		Chunks: w.part, Hash: w.at.Hash, BodyHash: bodyHash,
	}}, nil
}

// fitting is as many rejections as one event holds.
func fitting(kept []events.Rejection) []events.Rejection {
	size := 0
	for i, r := range kept {
		if size += len(r.Reason) + len(r.Field) + 50; size > rejectedBytes {
			return kept[:i]
		}
	}
	return kept
}

// abandon closes an upload of which something is in the log already. It is for the
// diary: an upload without its completion counts for nothing anyway.
func (w *writer) abandon(ctx context.Context, why error) {
	if !w.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	w.pending, w.bytes = nil, 0
	if err := w.add(events.UploadAbandoned{Reason: publicReason(why)}); err == nil {
		if err = w.flush(ctx); err != nil {
			w.in.log.WarnContext(ctx, "an abandoned upload could not be closed", "biz", w.req.Biz, "upload", w.subject.ID, "err", err)
		}
	}
}

// publicReason is what people may read of an error: never its cause.
func publicReason(err error) string {
	f := faultOf(err)
	if f == nil {
		return "the upload failed"
	}
	shown := *f
	shown.Err = nil
	return shown.Error()
}
