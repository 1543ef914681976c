package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestChangeSettings(t *testing.T) {
	s := newStage(t, newMemory())
	want := events.DefaultSettings()
	want.ChunkSize = 500
	then(t, s.do(ChangeSettingsType, "", ChangeSettings{ChunkSize: ptr(500)}), events.SettingsChanged{Settings: want})
	want.SendRate = 10
	then(t, s.do(ChangeSettingsType, "", ChangeSettings{SendRate: ptr(10)}), events.SettingsChanged{Settings: want})
	ignored(t, s.do(ChangeSettingsType, "", ChangeSettings{}), ChangeSettingsType)
	refused(t, s.do(ChangeSettingsType, "", ChangeSettings{ChunkSize: ptr(0)}), fault.Invalid, "chunk_size")
	refused(t, s.do(ChangeSettingsType, "", ChangeSettings{ClaimSize: ptr(10_001)}), fault.Invalid, "claim_size")
}
