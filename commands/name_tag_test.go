package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestNameTag(t *testing.T) {
	s := demo(t)
	then(t, s.do(NameTagType, "", NameTag{ID: 11, Name: "Parents"}), events.TagNamed{ID: 11, Name: "Parents"})
	ignored(t, s.do(NameTagType, "", NameTag{ID: 11, Name: "Parents"}), NameTagType)
	refused(t, s.do(NameTagType, "", NameTag{ID: 0, Name: "Parents"}), fault.Invalid, "id")
	refused(t, s.do(NameTagType, "", NameTag{ID: 1}), fault.Invalid, "name")
	refused(t, newStage(t, newMemory()).do(NameTagType, "", NameTag{ID: 1, Name: "x"}), fault.NotFound, "biz")
}
