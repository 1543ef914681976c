package commands

import (
	"context"

	"muster/events"
	"muster/internal/fault"
)

func (w *work) createKey(ctx context.Context, c *CreateKey) ([]any, error) {
	made, err := decideCreateKey(own[key](w), c)
	if err != nil || c.Biz == "*" {
		return made, err
	}
	if _, err := w.requireBizOf(ctx, c.Biz); err != nil {
		return nil, err
	}
	return made, nil
}

func decideCreateKey(k *key, c *CreateKey) ([]any, error) {
	if !events.ValidToken(c.ID) || len(c.ID) > 64 {
		return nil, fault.Field("id", "a key's id is 1 to 64 of A-Z, a-z, 0-9, _ and -")
	}
	if err := checkName("name", c.Name); err != nil {
		return nil, err
	}
	if c.Biz != "*" && (!events.ValidBiz(c.Biz) || c.Biz == events.SystemScope) {
		return nil, fault.Field("biz", "name one product line, or * for all")
	}
	switch c.Role {
	case "viewer", "operator", "admin":
	default:
		return nil, fault.Field("role", "is one of viewer, operator and admin")
	}
	if !isHex(c.Hash, 64) {
		return nil, fault.Field("hash", "is the SHA-256 of the key's secret part, 64 hexadecimal digits")
	}
	if k.exists {
		return nil, fault.New(fault.Conflict, "a key with this id exists already")
	}
	return []any{events.KeyCreated{ID: c.ID, Name: c.Name, Biz: c.Biz, Role: c.Role, Hash: c.Hash}}, nil
}
