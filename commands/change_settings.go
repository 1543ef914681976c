package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) changeSettings(_ context.Context, c *ChangeSettings) ([]any, error) {
	return decideChangeSettings(own[settings](w), c)
}

func decideChangeSettings(s *settings, c *ChangeSettings) ([]any, error) {
	next := s.Settings
	for _, f := range []struct {
		name     string
		value    *int
		into     *int
		min, max int
	}{
		{"chunk_size", c.ChunkSize, &next.ChunkSize, 1, 100_000},
		{"claim_size", c.ClaimSize, &next.ClaimSize, 1, 10_000},
		{"rejected_kept", c.RejectedKept, &next.RejectedKept, 0, 2_000},
		{"send_rate", c.SendRate, &next.SendRate, 0, 1_000_000},
	} {
		if f.value == nil {
			continue
		}
		if *f.value < f.min || *f.value > f.max {
			return nil, fault.Field(f.name, "%d is not within %d and %d", *f.value, f.min, f.max)
		}
		*f.into = *f.value
	}
	if next == s.Settings {
		return noop("the settings are so already"), nil
	}
	return []any{events.SettingsChanged{Settings: next}}, nil
}
