package commands

import (
	"strings"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func aKey() CreateKey {
	return CreateKey{ID: "k1", Name: "laptop", Biz: "demo", Role: "operator", Hash: strings.Repeat("0f", 32)}
}

func TestCreateKey(t *testing.T) {
	s := demo(t)
	k := aKey()
	then(t, s.do(CreateKeyType, "", k), events.KeyCreated{ID: k.ID, Name: k.Name, Biz: k.Biz, Role: k.Role, Hash: k.Hash})
	refused(t, s.do(CreateKeyType, "", k), fault.Conflict, "")

	k.ID, k.Biz = "k2", "dmeo"
	refused(t, s.do(CreateKeyType, "", k), fault.NotFound, "biz")
	k.Biz = "*"
	then(t, newStage(t, newMemory()).do(CreateKeyType, "", k), events.KeyCreated{ID: k.ID, Name: k.Name, Biz: "*", Role: k.Role, Hash: k.Hash})

	for field, change := range map[string]func(*CreateKey){
		"id":   func(k *CreateKey) { k.ID = "a.b" },
		"name": func(k *CreateKey) { k.Name = "" },
		"biz":  func(k *CreateKey) { k.Biz = "_" },
		"role": func(k *CreateKey) { k.Role = "root" },
		"hash": func(k *CreateKey) { k.Hash = "the secret itself" },
	} {
		k := aKey()
		change(&k)
		got := newStage(t, newMemory()).service
		o, err := got.read(newStage(t, newMemory()).ask(CreateKeyType, "", k))
		if err != nil || o.subject.Validate() != nil {
			t.Fatalf("%s: no subject to refuse on: %v", field, err)
		}
		refused(t, newStage(t, newMemory()).do(CreateKeyType, "", k), fault.Invalid, field)
	}
}
