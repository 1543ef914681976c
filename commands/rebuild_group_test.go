package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestRebuildGroup(t *testing.T) {
	s := grouped(t, "file", "local", "user_id")
	ignored(t, s.do(RebuildGroupType, "", RebuildGroup{Group: 9}), RebuildGroupType) // it is being read for the first time
	s.do(ChangeMembersType, "c1", ChangeMembers{Group: 9, Op: events.OpReplace, Upload: s.uploaded("c1", groupUpload(events.TypeUploadIDs, "local"), 3)})
	then(t, s.do(RebuildGroupType, "", RebuildGroup{Group: 9}), events.GroupRebuildRequested{Version: 2})
	ignored(t, s.do(RebuildGroupType, "", RebuildGroup{Group: 9}), RebuildGroupType)
	s.do(FailGroupType, "", FailGroup{Group: 9, Reason: "the file is gone"})
	then(t, s.do(RebuildGroupType, "", RebuildGroup{Group: 9}), events.GroupRebuildRequested{Version: 2})

	refused(t, s.do(RebuildGroupType, "", RebuildGroup{Group: 8}), fault.NotFound, "group")
	refused(t, grouped(t, "ids", "", "user_id").do(RebuildGroupType, "", RebuildGroup{Group: 9}), fault.Conflict, "group")
}
