package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestFailGroup(t *testing.T) {
	s := grouped(t, "file", "local", "user_id")
	then(t, s.do(FailGroupType, "", FailGroup{Group: 9, Reason: "gone"}), events.GroupFailed{Reason: "gone"})
	refused(t, s.do(FailGroupType, "", FailGroup{Group: 9}), fault.Invalid, "reason")
	s.do(ArchiveGroupType, "", ArchiveGroup{Group: 9})
	refused(t, s.do(FailGroupType, "", FailGroup{Group: 9, Reason: "gone"}), fault.Conflict, "group")
}
