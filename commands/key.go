package commands

import "muster/events"

// key is an API key, known by its hash only.
type key struct {
	exists, revoked bool
}

func (k *key) apply(_ *events.Event, payload any) {
	switch payload.(type) {
	case *events.KeyCreated:
		k.exists = true
	case *events.KeyRevoked:
		k.revoked = true
	}
}
