package commands

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

// What the console tells who types a setting is what is decided here.
func TestTheConsolesRangesOfSettings(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../console/src/pages/operations/figures.ts")
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	ranges := regexp.MustCompile(`(?m)^  (\w+): \[([\d_]+), ([\d_]+)\],$`).FindAllStringSubmatch(string(raw), -1)
	if len(ranges) != 4 {
		t.Fatalf("there are the ranges %v", ranges)
	}
	for _, r := range ranges {
		lowest, highest := number(r[2]), number(r[3])
		for n, good := range map[int]bool{lowest - 1: false, lowest: true, highest: true, highest + 1: false} {
			var c ChangeSettings
			*map[string]**int{"send_rate": &c.SendRate, "chunk_size": &c.ChunkSize, "claim_size": &c.ClaimSize, "rejected_kept": &c.RejectedKept}[r[1]] = &n
			_, err := decideChangeSettings(&settings{Settings: events.DefaultSettings()}, &c)
			if good && err != nil || !good && !fault.Is(err, fault.Invalid) {
				t.Errorf("%s %d: %v", r[1], n, err)
			}
		}
	}
}
