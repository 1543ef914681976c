package commands

import "muster/events"

// settings are the runtime settings in force.
type settings struct {
	events.Settings
}

func (s *settings) apply(_ *events.Event, payload any) {
	if p, ok := payload.(*events.SettingsChanged); ok {
		s.Settings = p.Settings
	}
}
