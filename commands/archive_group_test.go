package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestArchiveGroup(t *testing.T) {
	s := grouped(t, "ids", "", "user_id")
	then(t, s.do(ArchiveGroupType, "", ArchiveGroup{Group: 9, Reason: "done"}), events.GroupArchived{Reason: "done"})
	ignored(t, s.do(ArchiveGroupType, "", ArchiveGroup{Group: 9}), ArchiveGroupType)
	refused(t, s.do(ArchiveGroupType, "", ArchiveGroup{Group: 0}), fault.NotFound, "group")
	refused(t, s.do(ArchiveGroupType, "", ArchiveGroup{Group: 1 << 63}), fault.NotFound, "group")
}
