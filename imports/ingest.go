package imports

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/commands"
	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// Store is what an upload is written to; *events.Store is one.
type Store interface {
	Last(ctx context.Context, subject events.Subject) (events.Event, error)
	Append(ctx context.Context, appends []events.Append) ([]events.Version, error)
}

// Request is one stream to take in.
type Request struct {
	Biz         string
	CommandID   string // of the command that will complete the upload
	Actor       string
	Correlation string // the root command's id; "" is CommandID
	Target      events.UploadTarget
	GroupID     uint64      // of target group
	Content     events.Type // TypeUploadIDs, TypeUploadPhones, TypeUploadUsers, TypeUploadTags or TypeUploadOrders
	Source      string      // http, local: how the rows came in; never a path
	Column      string      // for ids and phones: read this column of the file and ignore the others; "" is no choice

	ContentType     string // decides the format; "" is decided by the first bytes
	ContentEncoding string // gzip, zstd or ""; "" is decided by the first bytes
	Body            io.Reader
	MaxBytes        int64 // of the body as it comes in; 0 is no limit
	MaxRecord       int   // bytes of one record; 0 is DefaultMaxRecord

	Location *time.Location  // of the product line, for times without a zone; nil is UTC
	Settings events.Settings // ChunkSize and RejectedKept
}

// Result is what was taken in.
type Result struct {
	Summary    commands.UploadSummary
	Rejections []events.Rejection // the first ones; nil when Replayed
	Replayed   bool               // the upload was complete before: nothing was written
}

// Ingester writes uploads to the log. It is safe for concurrent use.
type Ingester struct {
	store   Store
	catalog *events.Catalog
	codec   *rows.Codec
	log     *slog.Logger
}

// New makes an ingester.
func New(store Store, catalog *events.Catalog, codec *rows.Codec, log *slog.Logger) *Ingester {
	return &Ingester{store: store, catalog: catalog, codec: codec, log: log}
}

// Ingest reads the body to its end and appends it to an upload of its own: started,
// chunks, and rejected where rows were. The upload counts once the command that
// names Result.Summary is handled. On any error nothing of it ever counts; what was
// written already is closed with upload.abandoned.
//
// An upload that was completed before is compared, not written: the same body gives
// the same summary, another fault.Mismatch. Two at once of one command never touch
// each other's rows; one of two that begin at the same moment gets fault.Conflict.
func (in *Ingester) Ingest(ctx context.Context, req Request) (Result, error) {
	sp, err := specOf(req.Content)
	if err != nil {
		return Result{}, err
	}
	if err := events.EventSubject(req.Biz, "upload", req.CommandID).Validate(); err != nil {
		return Result{}, err
	}
	attempt, err := commands.NextAttempt(ctx, in.store, req.Biz, req.CommandID)
	if err != nil {
		return Result{}, err
	}
	if attempt.Completed != nil {
		return in.replay(req, *attempt.Completed)
	}
	w, err := in.writer(req, sp, attempt)
	if err != nil {
		return Result{}, err
	}
	res, err := in.take(ctx, req, sp, w)
	if err != nil {
		w.abandon(ctx, err)
		return Result{}, err
	}
	return res, nil
}

// take runs the parser beside the writer.
func (in *Ingester) take(ctx context.Context, req Request, sp *spec, w *writer) (Result, error) {
	src, err := open(req.Body, req.ContentEncoding, req.MaxBytes)
	defer src.done()
	if err != nil {
		return Result{}, err
	}
	f, err := src.formatOf(req.ContentType, sp)
	if err != nil {
		return Result{}, err
	}
	settings := withDefaults(req.Settings)
	p := &parser{
		src: src, spec: sp, column: req.Column, zone: req.Location, chunkRows: settings.ChunkSize,
		maxRecord: req.MaxRecord, keep: settings.RejectedKept,
	}
	if p.zone == nil {
		p.zone = time.UTC
	}
	if p.maxRecord == 0 {
		p.maxRecord = DefaultMaxRecord
	}
	g, gctx := errgroup.WithContext(ctx)
	parsed := make(chan *chunk, 2)
	p.emit = func(c *chunk) error {
		select {
		case parsed <- c:
			return nil
		case <-gctx.Done():
			return gctx.Err()
		}
	}
	g.Go(func() error {
		defer close(parsed)
		return p.run(f)
	})
	g.Go(func() error {
		for c := range parsed {
			if err := w.write(gctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return Result{}, inContext(ctx, err)
	}
	return w.finish(ctx, p, src.body.sum())
}

// inContext says that it was the caller who gave up.
func inContext(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && errors.Is(err, cause) {
		return fault.Wrap(fault.Unavailable, err, "the upload was stopped before its end")
	}
	return err
}

// replay compares a body with that of a completed upload.
func (in *Ingester) replay(req Request, last events.Event) (Result, error) {
	payload, err := in.catalog.Decode(last)
	if err != nil {
		return Result{}, err
	}
	done, ok := payload.(*events.UploadCompleted)
	if !ok {
		return Result{}, fault.New(fault.Internal, "%s decodes to %T", last.Type, payload)
	}
	src, err := open(req.Body, "identity", req.MaxBytes)
	defer src.done()
	if err != nil {
		return Result{}, err
	}
	if err := src.drain(); err != nil {
		return Result{}, err
	}
	if src.body.sum() != done.BodyHash || done.Target != req.Target || done.GroupID != req.GroupID {
		return Result{}, fault.New(fault.Mismatch, "this idempotency key was used for another upload")
	}
	return Result{Replayed: true, Summary: commands.UploadSummary{
		UploadID: last.Subject.ID, Rows: done.Rows, Accepted: done.Accepted, Rejected: done.Rejected,
		Chunks: done.Chunks, Hash: done.Hash, BodyHash: done.BodyHash,
	}}, nil
}

func withDefaults(s events.Settings) events.Settings {
	d := events.DefaultSettings()
	if s.ChunkSize <= 0 {
		s.ChunkSize = d.ChunkSize
	}
	if s.RejectedKept < 0 {
		s.RejectedKept = d.RejectedKept
	}
	return s
}

// faultOf finds the error that has a code; nil when none has.
func faultOf(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}
