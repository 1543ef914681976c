package commands

import (
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestRevokeKey(t *testing.T) {
	s := demo(t)
	refused(t, s.do(RevokeKeyType, "", RevokeKey{ID: "k1"}), fault.NotFound, "id")
	refused(t, s.do(RevokeKeyType, "", RevokeKey{ID: "not a token"}), fault.NotFound, "id")
	s.do(CreateKeyType, "", aKey())
	then(t, s.do(RevokeKeyType, "", RevokeKey{ID: "k1", Reason: "lost"}), events.KeyRevoked{Reason: "lost"})
	ignored(t, s.do(RevokeKeyType, "", RevokeKey{ID: "k1"}), RevokeKeyType)
}
