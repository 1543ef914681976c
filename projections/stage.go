package projections

import (
	"context"
	"fmt"
	"strings"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// upload is one bulk stream of users, tags or orders, as far as this run has read it.
//
// Staging is a cache of the log and belongs to one run: what a run has not staged
// itself, because it began in the middle, it reads again from the upload's subject
// when the upload completes. So nothing of it needs to survive a crash, and two
// runs never meet.
type upload struct {
	subject events.Subject
	target  events.UploadTarget
	seq     uint64 // of upload.completed; 0 before
	rows    uint64
	chunks  uint64         // that the completed upload has
	part    string         // names the staged rows; "" while none are
	pending []events.Event // chunks of this batch, not decoded yet
	bad     error          // why a chunk cannot be applied
	slices  []slice        // of the staged rows
	staged  uint64         // rows that this run decoded and staged
	through uint64         // sequence of the last chunk staged
	doubt   bool           // an insert failed: some rows may be staged twice

	// A small upload that is complete within one batch stays in memory.
	users  []rows.RawUser
	tags   []rows.Tag
	orders []rows.Order
}

func (u *upload) biz() string { return u.subject.Biz }

// stager keeps the uploads that are under way.
type stager struct {
	*env
	open  map[events.Subject]*upload
	parts int      // counts parts, for their names
	ended []string // parts to drop once the batch is applied
}

func newStager(e *env) *stager { return &stager{env: e, open: map[events.Subject]*upload{}} }

// maxOpen bounds how many unfinished uploads are remembered; beyond it the log is
// read again at the end of theirs.
const maxOpen = 10_000

// prepare reads a batch's upload events and sets b.uploads. Calling it again for the
// same batch after an error is safe: the block of rows that failed may then be there
// twice, with the same positions.
func (s *stager) prepare(ctx context.Context, b *batch) error {
	b.uploads = nil
	for i := range b.events {
		e := b.events[i]
		if e.Subject.Aggregate != "upload" {
			continue
		}
		if u := s.read(e); u != nil {
			b.uploads = append(b.uploads, u)
		}
	}
	for _, u := range b.uploads {
		if err := u.spoil(s.finish(ctx, u)); err != nil {
			return err
		}
	}
	for _, u := range s.open {
		if len(u.pending) > 0 && u.seq == 0 {
			if err := u.spoil(s.stage(ctx, u)); err != nil {
				return err
			}
		}
	}
	return nil
}

// spoil keeps an error that trying again cannot help; it is told to whoever applies
// the upload. Others are returned.
func (u *upload) spoil(err error) error {
	if err == nil || transient(err) {
		return err
	}
	u.bad, u.pending = err, nil
	return nil
}

// read takes one event in and returns the upload it completes, if it does.
func (s *stager) read(e events.Event) *upload {
	u := s.open[e.Subject]
	switch e.Type {
	case events.TypeUploadStarted:
		s.forget(u)
		if len(s.open) < maxOpen && !s.ofGroup(e) {
			s.open[e.Subject] = &upload{subject: e.Subject}
		}
	case events.TypeUploadUsers, events.TypeUploadTags, events.TypeUploadOrders:
		if u != nil && e.Seq > u.through && (len(u.pending) == 0 || u.pending[len(u.pending)-1].Seq < e.Seq) {
			u.pending = append(u.pending, e)
			u.rows += e.Count
		}
	case events.TypeUploadAbandoned:
		s.forget(u)
	case events.TypeUploadCompleted:
		c, err := payload[events.UploadCompleted](s.catalog, e)
		if err != nil {
			return &upload{subject: e.Subject, seq: e.Seq, bad: err}
		}
		if c.Target == events.TargetGroup {
			s.forget(u)
			return nil
		}
		if u == nil {
			u = &upload{subject: e.Subject}
			s.open[e.Subject] = u
			u.part = rereadPart
		}
		u.target, u.seq, u.rows, u.chunks = c.Target, e.Seq, c.Accepted, c.Chunks
		return u
	}
	return nil
}

// ofGroup says whether what starts are a group's members, which are never staged.
func (s *stager) ofGroup(e events.Event) bool {
	p, err := payload[events.UploadStarted](s.catalog, e)
	return err == nil && p.Target == events.TargetGroup
}

// rereadPart marks an upload that this run has not read from its start.
const rereadPart = "?"

// finish makes a completed upload ready to be applied.
func (s *stager) finish(ctx context.Context, u *upload) error {
	if u.part == rereadPart {
		u.part = ""
		if err := s.reread(ctx, u); err != nil {
			s.drop(u)
			u.part = rereadPart
			return err
		}
	}
	if u.bad != nil {
		return nil
	}
	if u.part != "" || u.rows > uint64(s.limits.smallUpload) {
		if err := s.stage(ctx, u); err != nil {
			return err
		}
		return s.plan(ctx, u)
	}
	u.users, u.tags, u.orders = nil, nil, nil
	for _, e := range u.pending {
		if err := s.decode(u, e); err != nil {
			u.bad = fault.Wrap(fault.Corrupt, err, fmt.Sprintf("chunk at %d", e.Seq))
			return nil
		}
	}
	return nil
}

// reread stages an upload's chunks from its own subject.
func (s *stager) reread(ctx context.Context, u *upload) error {
	bytes, chunks := 0, uint64(0)
	_, err := s.store.Each(ctx, u.subject, 0, func(e events.Event) error {
		switch e.Type {
		case events.TypeUploadStarted:
			if u.part != "" {
				s.drop(u)
			}
			*u = upload{subject: u.subject, target: u.target, seq: u.seq, rows: u.rows, chunks: u.chunks}
			bytes, chunks = 0, 0
		case events.TypeUploadUsers, events.TypeUploadTags, events.TypeUploadOrders:
			if e.Seq < u.seq {
				u.pending = append(u.pending, e)
				bytes += len(e.Data)
				chunks++
			}
		}
		if bytes > 8<<20 {
			bytes = 0
			return s.stage(ctx, u)
		}
		return nil
	})
	if err == nil && chunks < u.chunks { // a replica that lags gave less than the command counted
		err = fault.New(fault.Unavailable, "%s was not readable to its end yet: %d of %d chunks", u.subject, chunks, u.chunks)
	}
	return err
}

// decode adds a chunk's rows to those in memory.
func (s *stager) decode(u *upload, e events.Event) error {
	switch e.Type {
	case events.TypeUploadUsers:
		return s.codec.DecodeRawUsers(e.Data, func(r rows.RawUser) error {
			if _, err := r.TagList(); err != nil {
				return err
			}
			u.users = append(u.users, rows.RawUser{UserID: r.UserID, Set: strings.Clone(r.Set), Phone: r.Phone,
				OpenID: strings.Clone(r.OpenID), Tags: strings.Clone(r.Tags), Attributes: strings.Clone(r.Attributes)})
			return nil
		})
	case events.TypeUploadTags:
		return s.codec.DecodeTags(e.Data, func(r rows.Tag) error { u.tags = append(u.tags, r); return nil })
	default:
		return s.codec.DecodeOrders(e.Data, func(r rows.Order) error { u.orders = append(u.orders, r); return nil })
	}
}

// stage writes the pending chunks to the staging table of their target.
func (s *stager) stage(ctx context.Context, u *upload) error {
	if u.part == "" {
		s.parts++
		u.part = fmt.Sprintf("%d", s.parts)
	}
	if u.bad != nil {
		u.pending = nil
		return nil
	}
	for len(u.pending) > 0 {
		n, err := s.stageBlock(ctx, u)
		if err != nil && !fault.Is(err, fault.Corrupt) {
			u.doubt = true
			return err
		}
		if err != nil {
			u.bad, u.pending = err, nil
			return nil
		}
		u.through, u.pending = u.pending[n-1].Seq, u.pending[n:]
	}
	u.pending = nil
	return nil
}

// plan looks at what is staged for a completed upload.
func (s *stager) plan(ctx context.Context, u *upload) (err error) {
	if u.bad == nil {
		u.slices, err = s.slicesOf(ctx, u.target, u.part)
	}
	return err
}

// forget ends an upload that nobody will apply; nil is fine.
func (s *stager) forget(u *upload) {
	if u != nil {
		s.drop(u)
		delete(s.open, u.subject)
	}
}

// drop has an upload's staged rows removed after the batch.
func (s *stager) drop(u *upload) {
	if u.part != "" && u.part != rereadPart {
		s.ended = append(s.ended, u.part)
	}
}

// clean forgets the uploads that ended with a batch and drops what was staged for them.
func (s *stager) clean(ctx context.Context, b *batch) error {
	for _, u := range b.uploads {
		if s.open[u.subject] == u {
			delete(s.open, u.subject)
		}
		s.drop(u)
	}
	b.uploads = nil
	for len(s.ended) > 0 {
		for _, table := range []string{"staged_users", "staged_tags", "staged_orders"} {
			if err := s.dropPart(ctx, table, s.ended[0]); err != nil {
				return err
			}
		}
		s.ended = s.ended[1:]
	}
	return nil
}

// dropPart drops one part of this run from a staging table. Both names are tokens
// that this package made.
func (e *env) dropPart(ctx context.Context, table, part string) error {
	return e.db.Exec(ctx, "ALTER TABLE "+table+" DROP PARTITION ('"+e.run+"', '"+part+"')")
}

// closeRun drops everything this run has staged.
func (s *stager) closeRun(ctx context.Context) error {
	for _, u := range s.open {
		s.drop(u)
	}
	s.open = map[events.Subject]*upload{}
	return s.clean(ctx, &batch{})
}
