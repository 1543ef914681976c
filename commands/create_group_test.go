package commands

import (
	"encoding/json"
	"testing"
	"time"

	"muster/events"
	"muster/internal/fault"
)

func TestCreateGroup(t *testing.T) {
	s := demo(t)
	then(t, s.do(CreateGroupType, "", CreateGroup{Name: "Spring", Kind: "ids"}),
		events.GroupCreated{ID: 101, Name: "Spring", Kind: "ids", Identity: "user_id"})
	at := now.Add(time.Hour).In(time.FixedZone("x", 3600))
	utc := at.UTC()
	then(t, s.do(CreateGroupType, "", CreateGroup{Name: "File", Kind: "file", Subkind: "local", Identity: "phone", ParentID: 101, ExpiresAt: &at,
		Content: json.RawMessage(`{"path":"a.csv","column":"tel"}`), Ext: json.RawMessage(`{"owner":"ops"}`)}),
		events.GroupCreated{ID: 102, Name: "File", Kind: "file", Subkind: "local", Identity: "phone", ParentID: 101, ExpiresAt: &utc,
			Content: json.RawMessage(`{"path":"a.csv","column":"tel"}`), Ext: json.RawMessage(`{"owner":"ops"}`)})

	last := time.Date(2199, 12, 31, 23, 59, 59, 0, time.UTC)
	then(t, s.do(CreateGroupType, "", CreateGroup{Name: "Long", Kind: "ids", ExpiresAt: &last}),
		events.GroupCreated{ID: 103, Name: "Long", Kind: "ids", Identity: "user_id", ExpiresAt: &last})

	for name, c := range map[string]struct {
		cmd   CreateGroup
		code  fault.Code
		field string
	}{
		"no name":         {CreateGroup{Kind: "ids"}, fault.Invalid, "name"},
		"no kind":         {CreateGroup{Name: "x"}, fault.Invalid, "kind"},
		"buyers":          {CreateGroup{Name: "x", Kind: "buyers"}, fault.Unsupported, "kind"},
		"segment":         {CreateGroup{Name: "x", Kind: "segment"}, fault.Unsupported, "kind"},
		"composite":       {CreateGroup{Name: "x", Kind: "composite"}, fault.Unsupported, "kind"},
		"s3":              {CreateGroup{Name: "x", Kind: "file", Subkind: "s3"}, fault.Unsupported, "subkind"},
		"no subkind":      {CreateGroup{Name: "x", Kind: "file"}, fault.Invalid, "subkind"},
		"ids has none":    {CreateGroup{Name: "x", Kind: "ids", Subkind: "upload"}, fault.Invalid, "subkind"},
		"identity":        {CreateGroup{Name: "x", Kind: "ids", Identity: "email"}, fault.Invalid, "identity"},
		"no path":         {CreateGroup{Name: "x", Kind: "file", Subkind: "local"}, fault.Invalid, "content"},
		"empty path":      {CreateGroup{Name: "x", Kind: "file", Subkind: "local", Content: json.RawMessage(`{"path":""," column":"a"}`)}, fault.Invalid, "content"},
		"path missing":    {CreateGroup{Name: "x", Kind: "file", Subkind: "local", Content: json.RawMessage(`{"column":"a"}`)}, fault.Invalid, "content.path"},
		"useless content": {CreateGroup{Name: "x", Kind: "ids", Content: json.RawMessage(`{"path":"a"}`)}, fault.Invalid, "content"},
		"expired":         {CreateGroup{Name: "x", Kind: "ids", ExpiresAt: ptr(now)}, fault.Invalid, "expires_at"},
		"too far":         {CreateGroup{Name: "x", Kind: "ids", ExpiresAt: ptr(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))}, fault.Invalid, "expires_at"},
		"never":           {CreateGroup{Name: "x", Kind: "ids", ExpiresAt: ptr(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))}, fault.Invalid, "expires_at"},
		"unknown parent":  {CreateGroup{Name: "x", Kind: "ids", ParentID: 7}, fault.NotFound, "parent_id"},
		"archived parent": {CreateGroup{Name: "x", Kind: "ids", ParentID: 9}, fault.Conflict, "parent_id"},
	} {
		t.Run(name, func(t *testing.T) {
			s := demo(t)
			s.given(aggGroup, "9", events.GroupCreated{ID: 9, Kind: "ids", Identity: "user_id"}, events.GroupArchived{})
			refused(t, s.do(CreateGroupType, "", c.cmd), c.code, c.field)
		})
	}
	refused(t, newStage(t, newMemory()).do(CreateGroupType, "", CreateGroup{Name: "x", Kind: "ids"}), fault.NotFound, "biz")
}
