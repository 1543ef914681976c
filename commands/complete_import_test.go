package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

// uploaded puts a whole upload into the log and returns what its reader would say.
func (s *stage) uploaded(id string, started events.UploadStarted, counts ...uint64) UploadSummary {
	s.t.Helper()
	s.given(aggUpload, id, started)
	var sum UploadSummary
	for i, n := range counts {
		s.given(aggUpload, id, chunk(started.Content, uint64(i+1), n))
		sum.Accepted += n
	}
	sum.UploadID, sum.Rows, sum.Chunks, sum.Hash = id, sum.Accepted, uint64(len(counts)), s.hash(aggUpload, id)
	return sum
}

func TestCompleteImport(t *testing.T) {
	users := events.UploadStarted{Target: events.TargetUsers, Content: events.TypeUploadUsers, Source: "http"}
	s := demo(t)
	sum := s.uploaded("u1", users, 10, 5)
	s.given(aggUpload, "u1", events.UploadRejected{Rejected: []events.Rejection{{Line: 3, Reason: "not a number"}}})
	sum.Rows, sum.Rejected, sum.Hash = 16, 1, s.hash(aggUpload, "u1")
	then(t, s.do(CompleteImportType, "u1", CompleteImport{Target: events.TargetUsers, Upload: sum}), events.UploadCompleted{
		Target: events.TargetUsers, Content: events.TypeUploadUsers, Rows: 16, Accepted: 15, Rejected: 1, Chunks: 2, Hash: sum.Hash})

	t.Run("an upload begun again counts from its last start", func(t *testing.T) {
		s := demo(t)
		s.uploaded("u1", users, 7)
		sum := s.uploaded("u1", users, 2)
		then(t, s.do(CompleteImportType, "u1", CompleteImport{Target: events.TargetUsers, Upload: sum}), events.UploadCompleted{
			Target: events.TargetUsers, Content: events.TypeUploadUsers, Rows: 2, Accepted: 2, Chunks: 1, Hash: sum.Hash})
	})
	t.Run("nothing there", func(t *testing.T) {
		refused(t, demo(t).do(CompleteImportType, "u1", CompleteImport{Target: events.TargetUsers, Upload: UploadSummary{UploadID: "u1"}}), fault.NotFound, "upload")
	})
	for name, c := range map[string]struct {
		change func(s *stage, c *CompleteImport)
		code   fault.Code
		field  string
	}{
		"went on":        {func(s *stage, c *CompleteImport) { s.given(aggUpload, "u1", chunk(events.TypeUploadUsers, 3, 1)) }, fault.Conflict, "upload"},
		"begun again":    {func(s *stage, c *CompleteImport) { s.given(aggUpload, "u1", users) }, fault.Conflict, "upload"},
		"abandoned":      {func(s *stage, c *CompleteImport) { s.given(aggUpload, "u1", events.UploadAbandoned{Reason: "cut off"}) }, fault.Conflict, "upload"},
		"chunk missing":  {func(_ *stage, c *CompleteImport) { c.Upload.Chunks++ }, fault.Conflict, "upload"},
		"fewer rows":     {func(_ *stage, c *CompleteImport) { c.Upload.Accepted--; c.Upload.Rows-- }, fault.Conflict, "upload"},
		"books":          {func(_ *stage, c *CompleteImport) { c.Upload.Rejected++ }, fault.Invalid, "upload"},
		"another upload": {func(_ *stage, c *CompleteImport) { c.Upload.UploadID = "u2" }, fault.Invalid, "upload"},
		"another target": {func(_ *stage, c *CompleteImport) { c.Target = events.TargetTags }, fault.Invalid, "target"},
		"no target":      {func(_ *stage, c *CompleteImport) { c.Target = events.TargetGroup }, fault.Invalid, "target"},
		"completed": {func(s *stage, c *CompleteImport) {
			s.given(aggUpload, "u1", events.UploadCompleted{Target: events.TargetUsers})
		}, fault.Conflict, "upload"},
		"wrong rows": {func(s *stage, c *CompleteImport) {
			s.given(aggUpload, "u1", chunk(events.TypeUploadTags, 3, 1))
			c.Upload.Chunks, c.Upload.Hash = 3, s.hash(aggUpload, "u1")
		}, fault.Conflict, "upload"},
		"a hole": {func(s *stage, c *CompleteImport) {
			s.given(aggUpload, "u1", chunk(events.TypeUploadUsers, 4, 1))
			c.Upload.Chunks, c.Upload.Hash = 3, s.hash(aggUpload, "u1")
		}, fault.Conflict, "upload"},
	} {
		t.Run(name, func(t *testing.T) {
			s := demo(t)
			cmd := CompleteImport{Target: events.TargetUsers, Upload: s.uploaded("u1", users, 10, 5)}
			c.change(s, &cmd)
			refused(t, s.do(CompleteImportType, "u1", cmd), c.code, c.field)
		})
	}
}
