package commands

import (
	"errors"
	"testing"

	"muster/events"
	"muster/internal/durable"
	"muster/internal/fault"
)

func groupUpload(content events.Type, source string) events.UploadStarted {
	return events.UploadStarted{Target: events.TargetGroup, GroupID: 9, Content: content, Source: source}
}

func grouped(t testing.TB, kind, subkind, identity string) *stage {
	s := demo(t)
	s.given(aggGroup, "9", events.GroupCreated{ID: 9, Name: "g", Kind: kind, Subkind: subkind, Identity: identity})
	return s
}

func TestChangeMembersOfUserIDs(t *testing.T) {
	s := grouped(t, "ids", "", "user_id")
	one := s.uploaded("c1", groupUpload(events.TypeUploadIDs, "http"), 3)
	then(t, s.do(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: one}),
		events.GroupMembersChanged{Version: 1, Op: events.OpAdd, UploadID: "c1", Hash: one.Hash, Chunks: 1, Users: 3})
	uploads := s.log(events.EventSubject("demo", aggUpload, "c1"))
	if last := uploads[len(uploads)-1]; last.Type != events.TypeUploadCompleted || last.CommandID != "" {
		t.Fatalf("the upload ends with %s of command %q; want upload.completed that settles nothing", last.Type, last.CommandID)
	}
	none := s.uploaded("c2", groupUpload(events.TypeUploadIDs, "http"))
	then(t, s.do(ChangeMembersType, "c2", ChangeMembers{Group: 9, Op: events.OpReplace, Upload: none}),
		events.GroupMembersChanged{Version: 2, Op: events.OpReplace, UploadID: "c2", Hash: none.Hash})
}

// A file of which no row could be taken is most likely a wrong one: it empties no group.
func TestAFileWithoutAGoodRowReplacesNothing(t *testing.T) {
	s := grouped(t, "ids", "", "user_id")
	bad := s.uploaded("c1", groupUpload(events.TypeUploadIDs, "http"))
	bad.Rows, bad.Rejected = 2, 2
	refused(t, s.do(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpReplace, Upload: bad}), fault.Invalid, "")
	bad2 := s.uploaded("c2", groupUpload(events.TypeUploadIDs, "http"))
	bad2.Rows, bad2.Rejected = 2, 2
	then(t, s.do(ChangeMembersType, "c2", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: bad2}),
		events.GroupMembersChanged{Version: 1, Op: events.OpAdd, UploadID: "c2", Hash: bad2.Hash})
}

// Of a batch that was cut the group's event is added, and nothing else.
func TestChangeMembersAfterACutBatch(t *testing.T) {
	cut := func(t *testing.T) (*stage, UploadSummary) {
		store := &crashing{memory: newMemory()}
		s := newStage(t, store)
		s.given(aggBiz, "demo", events.BizDefined{Name: "Demo", Timezone: "UTC"})
		s.given(aggGroup, "9", events.GroupCreated{ID: 9, Name: "g", Kind: "ids", Identity: "user_id"})
		sum := s.uploaded("c1", groupUpload(events.TypeUploadIDs, "http"), 3)
		store.between = true
		return s, sum
	}
	uploads := events.EventSubject("demo", aggUpload, "c1")
	changed := func(sum UploadSummary) events.GroupMembersChanged {
		return events.GroupMembersChanged{Version: 1, Op: events.OpAdd, UploadID: "c1", Hash: sum.Hash, Chunks: 1, Users: 3}
	}
	for name, forget := range map[string]bool{"the same process": false, "another process": true} {
		t.Run(name, func(t *testing.T) {
			s, sum := cut(t)
			c := s.ask(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: sum})
			if err := s.handle(c); !fault.Is(err, fault.Unavailable) {
				t.Fatalf("got %v, want it to be tried again", err)
			}
			if got := s.log(uploads); got[len(got)-1].Type != events.TypeUploadCompleted {
				t.Fatal("the batch was not cut behind the upload's end")
			}
			if forget {
				s.cache = newCache(cacheWeight)
			}
			for range 2 { // and a second time changes nothing more
				if err := s.handle(c); err != nil {
					t.Fatal(err)
				}
				then(t, s.answers(groupSubject("demo", 9), "c1"), changed(sum))
				if n := len(s.log(uploads)); n != 3 {
					t.Fatalf("the upload has %d events, want 3", n)
				}
			}
		})
	}
	t.Run("phones", func(t *testing.T) {
		s := grouped(t, "ids", "", "phone")
		sum := s.uploaded("c1", groupUpload(events.TypeUploadPhones, "http"), 4)
		s.given(aggUpload, "c1", completed(sum, events.TypeUploadPhones))
		then(t, s.do(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: sum}),
			events.GroupResolveRequested{UploadID: "c1", Op: events.OpAdd, Rows: 4})
	})
	for name, change := range map[string]func(s *stage, c *ChangeMembers){
		"other counts": func(_ *stage, c *ChangeMembers) { c.Upload.Rows, c.Upload.Rejected = 4, 1 },
		"other hash":   func(_ *stage, c *ChangeMembers) { c.Upload.Hash = "other" },
		"other body":   func(_ *stage, c *ChangeMembers) { c.Upload.BodyHash = "other" },
		"begun again": func(s *stage, c *ChangeMembers) {
			s.given(aggUpload, "c1", groupUpload(events.TypeUploadIDs, "http"), chunk(events.TypeUploadIDs, 1, 3))
		},
		"went on": func(s *stage, c *ChangeMembers) { s.given(aggUpload, "c1", events.UploadAbandoned{Reason: "cut off"}) },
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			s := grouped(t, "ids", "", "user_id")
			sum := s.uploaded("c1", groupUpload(events.TypeUploadIDs, "http"), 3)
			s.given(aggUpload, "c1", completed(sum, events.TypeUploadIDs))
			c := ChangeMembers{Group: 9, Op: events.OpAdd, Upload: sum}
			change(s, &c)
			refused(t, s.do(ChangeMembersType, "c1", c), fault.Conflict, "upload")
		})
	}
	t.Run("refused: of another group", func(t *testing.T) {
		s := grouped(t, "ids", "", "user_id")
		s.given(aggGroup, "8", events.GroupCreated{ID: 8, Name: "h", Kind: "ids", Identity: "user_id"})
		sum := s.uploaded("c1", groupUpload(events.TypeUploadIDs, "http"), 3)
		s.given(aggUpload, "c1", completed(sum, events.TypeUploadIDs))
		refused(t, s.do(ChangeMembersType, "c1", ChangeMembers{Group: 8, Op: events.OpAdd, Upload: sum}), fault.Invalid, "upload")
	})
}

// completed is the end of an upload for group 9 as its command writes it.
func completed(sum UploadSummary, content events.Type) events.UploadCompleted {
	return events.UploadCompleted{Target: events.TargetGroup, GroupID: 9, Content: content, Rows: sum.Rows, Accepted: sum.Accepted,
		Chunks: sum.Chunks, Hash: sum.Hash}
}

func TestChangeMembersOfPhones(t *testing.T) {
	s := grouped(t, "file", "upload", "phone")
	phones := s.uploaded("c1", groupUpload(events.TypeUploadPhones, "http"), 4)
	then(t, s.do(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: phones}),
		events.GroupResolveRequested{UploadID: "c1", Op: events.OpAdd, Rows: 4})

	ids := s.uploaded("d1", groupUpload(events.TypeUploadIDs, "resolve"), 3)
	s.given(aggUpload, "d1", chunk(events.TypeUploadUnmatched, 2, 1))
	ids.Chunks, ids.Hash = 2, s.hash(aggUpload, "d1")
	follow := ChangeMembers{Group: 9, Op: events.OpAdd, Upload: ids, PhonesUploadID: "c1", Unmatched: 1}
	wrong := follow
	wrong.Unmatched = 0
	refused(t, s.do(ChangeMembersType, "d1", wrong), fault.Invalid, "unmatched")
	refused(t, s.do(ChangeMembersType, "d1", follow), fault.Invalid, "unmatched") // the same command id was answered: nothing more
	ids = s.uploaded("d2", groupUpload(events.TypeUploadIDs, "resolve"), 3)
	s.given(aggUpload, "d2", chunk(events.TypeUploadUnmatched, 2, 1))
	ids.Chunks, ids.Hash = 2, s.hash(aggUpload, "d2")
	follow.Upload = ids
	then(t, s.do(ChangeMembersType, "d2", follow), events.GroupMembersChanged{
		Version: 1, Op: events.OpAdd, UploadID: "d2", Hash: ids.Hash, Chunks: 2, Users: 3, Unmatched: 1, PhonesUploadID: "c1"})

	ids = s.uploaded("d3", groupUpload(events.TypeUploadIDs, "resolve"), 3)
	refused(t, s.do(ChangeMembersType, "d3", ChangeMembers{Group: 9, Op: events.OpAdd, Upload: ids, PhonesUploadID: "c1"}), fault.Conflict, "phones_upload_id")
}

func TestChangeMembersRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		kind, subkind, identity string
		started                 events.UploadStarted
		change                  func(s *stage, c *ChangeMembers)
		code                    fault.Code
		field                   string
	}{
		"unknown group": {"ids", "", "user_id", groupUpload(events.TypeUploadIDs, "http"), func(_ *stage, c *ChangeMembers) { c.Group = 8 }, fault.NotFound, "group"},
		"archived": {"ids", "", "user_id", groupUpload(events.TypeUploadIDs, "http"), func(s *stage, _ *ChangeMembers) {
			s.given(aggGroup, "9", events.GroupArchived{})
		}, fault.Conflict, "group"},
		"op":            {"ids", "", "user_id", groupUpload(events.TypeUploadIDs, "http"), func(_ *stage, c *ChangeMembers) { c.Op = "toggle" }, fault.Invalid, "op"},
		"not whole":     {"ids", "", "user_id", groupUpload(events.TypeUploadIDs, "http"), func(_ *stage, c *ChangeMembers) { c.Upload.Chunks = 2 }, fault.Conflict, "upload"},
		"phones to ids": {"ids", "", "user_id", groupUpload(events.TypeUploadPhones, "http"), nil, fault.Invalid, "upload"},
		"ids to phones": {"ids", "", "phone", groupUpload(events.TypeUploadIDs, "http"), nil, fault.Invalid, "upload"},
		"another group": {"ids", "", "user_id", events.UploadStarted{Target: events.TargetGroup, GroupID: 8, Content: events.TypeUploadIDs}, nil, fault.Invalid, "upload"},
		"users":         {"ids", "", "user_id", events.UploadStarted{Target: events.TargetUsers, Content: events.TypeUploadUsers}, nil, fault.Invalid, "upload"},
		"over HTTP":     {"file", "local", "user_id", groupUpload(events.TypeUploadIDs, "http"), nil, fault.Conflict, "group"},
		"not resolved":  {"ids", "", "phone", groupUpload(events.TypeUploadIDs, "resolve"), nil, fault.Conflict, "phones_upload_id"},
	} {
		t.Run(name, func(t *testing.T) {
			s := grouped(t, c.kind, c.subkind, c.identity)
			cmd := ChangeMembers{Group: 9, Op: events.OpAdd, Upload: s.uploaded("c1", c.started, 3)}
			if c.change != nil {
				c.change(s, &cmd)
			}
			refused(t, s.do(ChangeMembersType, "c1", cmd), c.code, c.field)
		})
	}
}

// A command that names a group whose creation is stored but not handled waits for it.
func TestChangeMembersWaitsForItsGroup(t *testing.T) {
	s := demo(t)
	create := s.ask(CreateGroupType, "", CreateGroup{Name: "late", Kind: "ids"})
	started := groupUpload(events.TypeUploadIDs, "http")
	started.GroupID = create.Seq
	add := s.ask(ChangeMembersType, "c1", ChangeMembers{Group: create.Seq, Op: events.OpAdd, Upload: s.uploaded("c1", started, 1)})
	var later *durable.LaterError
	if err := s.handle(add); !errors.As(err, &later) {
		t.Fatalf("got %v, want it to be handled later", err)
	}
	if err := errors.Join(s.handle(create), s.handle(add)); err != nil {
		t.Fatal(err)
	}
	if g := s.log(groupSubject("demo", create.Seq)); len(g) != 2 || g[1].Type != events.TypeGroupMembersChanged {
		t.Fatalf("the group has %d events", len(g))
	}

	refusedCreate := s.ask(CreateGroupType, "", CreateGroup{Kind: "ids"})
	archive := s.ask(ArchiveGroupType, "", ArchiveGroup{Group: refusedCreate.Seq})
	if err := errors.Join(s.handle(refusedCreate), s.handle(archive)); err != nil {
		t.Fatal(err)
	}
	refused(t, s.answers(groupSubject("demo", refusedCreate.Seq), archive.ID), fault.NotFound, "group")
}
