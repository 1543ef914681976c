package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) revokeKey(_ context.Context, c *RevokeKey) ([]any, error) {
	return decideRevokeKey(own[key](w), c)
}

func decideRevokeKey(k *key, c *RevokeKey) ([]any, error) {
	if err := checkText("reason", c.Reason, maxText); err != nil {
		return nil, err
	}
	switch {
	case !k.exists:
		return nil, &fault.Error{Code: fault.NotFound, Field: "id", Msg: "there is no such key"}
	case k.revoked:
		return noop("the key is revoked already"), nil
	}
	return []any{events.KeyRevoked{Reason: c.Reason}}, nil
}
