package sends

import (
	"testing"
	"time"
)

func TestChannelWaitGrowsToAMinute(t *testing.T) {
	for tries, want := range map[uint64]time.Duration{
		0: 2 * time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 6: time.Minute, 1 << 60: time.Minute,
	} {
		if got := channelWait(2*time.Second, tries); got != want {
			t.Errorf("try %d waits %s, want %s", tries, got, want)
		}
	}
}
