package commands

import (
	"muster/events"
	"muster/internal/fault"
)

// upload is a bulk of rows in the log. Only what came after the last upload.started
// is part of it; the rows themselves are not kept here.
type upload struct {
	started     events.UploadStarted
	open        bool                    // started, and neither completed nor abandoned
	completion  *events.UploadCompleted // nil until it is completed
	completedAt string                  // hash of the event that completed it
	chunks      uint64                  // events that carry rows
	rows        uint64                  // rows in chunks of the announced content
	unmatched   uint64                  // rows in chunks of phones that matched nobody
	broken      string                  // why it can never be whole
	hash        string                  // of its last event
}

func (u *upload) apply(e *events.Event, payload any) {
	switch p := payload.(type) {
	case *events.UploadStarted:
		*u = upload{started: *p, open: true, completion: u.completion, completedAt: u.completedAt}
	case *events.UploadCompleted:
		u.completion, u.completedAt, u.open = p, e.Hash, false
	case *events.UploadAbandoned:
		u.open = false
	case []byte:
		u.chunk(e)
	}
	u.hash = e.Hash
}

func (u *upload) chunk(e *events.Event) {
	u.chunks++
	switch {
	case e.Part != u.chunks:
		u.broken = "its chunks are not in order"
	case e.Type == u.started.Content:
		u.rows += e.Count
	case e.Type == events.TypeUploadUnmatched:
		u.unmatched += e.Count
	default:
		u.broken = "it holds other rows than it announced"
	}
}

// check says why an upload is not the whole that its reader described. id is the
// command that would complete it, of which the upload is an attempt.
func (u *upload) check(id string, s *UploadSummary) error {
	conflict := func(why string) error {
		return &fault.Error{Code: fault.Conflict, Field: "upload", Msg: why}
	}
	switch {
	case !isAttempt(s.UploadID, id):
		return fault.Field("upload", "an upload has the id of the command that completes it, perhaps with the number of the attempt")
	case s.Rows != s.Accepted+s.Rejected:
		return fault.Field("upload", "rows are not accepted plus rejected rows")
	case u.completion != nil:
		return conflict("this upload is completed already")
	case u.hash == "" || u.started.Content == "":
		return &fault.Error{Code: fault.NotFound, Field: "upload", Msg: "there is no such upload"}
	case !u.open:
		return conflict("this upload was abandoned")
	case u.broken != "":
		return conflict("this upload cannot be used: " + u.broken)
	case u.hash != s.Hash:
		return conflict("this upload is not the one that was read: it was begun again, or went on")
	case u.chunks != s.Chunks, u.rows > s.Accepted, u.rows == 0 && s.Accepted > 0:
		// A chunk may hold fewer rows than were read for it: equal ones count once.
		return conflict("this upload is not whole")
	}
	return nil
}

// completedBy says whether exactly this completion was stored, and nothing after it. The
// command that asks has no answer then: a server whose disk was full, or that died, in the
// middle of a batch may have kept the upload's end and lost what the group was told.
func (u *upload) completedBy(id string, s *UploadSummary) bool {
	return u.completion != nil && u.completedAt == u.hash && isAttempt(s.UploadID, id) && *u.completion == u.complete(s)
}

// complete is the event that makes an upload count.
func (u *upload) complete(s *UploadSummary) events.UploadCompleted {
	return events.UploadCompleted{
		Target: u.started.Target, GroupID: u.started.GroupID, Content: u.started.Content,
		Rows: s.Rows, Accepted: s.Accepted, Rejected: s.Rejected, Chunks: s.Chunks, Hash: s.Hash, BodyHash: s.BodyHash,
	}
}
