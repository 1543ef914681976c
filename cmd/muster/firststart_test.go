package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"muster/commands"
	"muster/events"
	"muster/events/natstest"
	"muster/gateway"
	"muster/internal/config"
)

// start is a `muster up` that is about to look for its admin key.
type start struct {
	*process
	t    *testing.T
	nats *natstest.NATS
}

func newStart(t *testing.T) *start {
	t.Helper()
	n := natstest.New(t)
	cfg := config.Default(config.Up)
	cfg.Data = t.TempDir()
	return &start{t: t, nats: n, process: &process{cfg: cfg, log: natstest.Quiet(), engines: &engines{cfg: cfg, js: n.JS}}}
}

func (s *start) write(content string) {
	s.t.Helper()
	if err := os.WriteFile(s.adminKeyFile(), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// registered puts a key of muster up into the log, and returns it.
func (s *start) registered(name string) (id, key string) {
	s.t.Helper()
	c, key := gateway.NewKey(name, "*", "admin")
	s.append(c.ID, events.TypeKeyCreated, events.KeyCreated{ID: c.ID, Name: c.Name, Biz: c.Biz, Role: c.Role, Hash: c.Hash})
	return c.ID, key
}

func (s *start) append(id string, typ events.Type, payload any) {
	s.t.Helper()
	subject := events.EventSubject(events.SystemScope, "key", id)
	_, at, err := s.nats.Store.Load(s.t.Context(), subject, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	data, err := json.Marshal(payload)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = s.nats.Store.Append(s.t.Context(), []events.Append{{Subject: subject, Expected: at, Events: []events.Event{{Type: typ, Version: 1, Data: data}}}})
	if err != nil {
		s.t.Fatal(err)
	}
}

// sent are the commands in the log, by type.
func (s *start) sent() map[string][]events.StoredCommand {
	s.t.Helper()
	stream, err := s.nats.JS.Stream(s.t.Context(), events.StreamCommands)
	if err != nil {
		s.t.Fatal(err)
	}
	all := map[string][]events.StoredCommand{}
	info, err := stream.Info(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for seq := uint64(1); seq <= info.State.LastSeq; seq++ {
		var m *jetstream.RawStreamMsg
		if m, err = stream.GetMsg(s.t.Context(), seq); err != nil {
			s.t.Fatal(err)
		}
		c, err := events.DecodeCommand(m.Subject, m.Sequence, m.Header, m.Data)
		if err != nil {
			s.t.Fatal(err)
		}
		all[c.Type] = append(all[c.Type], c)
	}
	return all
}

// isNew says that a key is in its file, and was registered.
func (s *start) isNew(key, old string) {
	s.t.Helper()
	b, err := os.ReadFile(s.adminKeyFile())
	if err != nil || strings.TrimSpace(string(b)) != key || key == old {
		s.t.Errorf("the file holds %d bytes, %v", len(b), err)
	}
	made := s.sent()[commands.CreateKeyType]
	if len(made) != 1 {
		s.t.Fatalf("%d keys were registered", len(made))
	}
	want, err := gateway.ParseKey(key, adminName, "*", "admin")
	if err != nil || !strings.Contains(string(made[0].Data), want.Hash) {
		s.t.Errorf("another key was registered: %v", err)
	}
}

func TestADamagedAdminKeyIsReplaced(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "one line": "\n", "zeros": strings.Repeat("\x00", 65), "cut in the id": "mk_01", "cut behind it": "mk_0123456789abcdef_",
	} {
		t.Run(name, func(t *testing.T) {
			s := newStart(t)
			s.write(content)
			key, err := s.adminKey(t.Context(), s.nats.Store)
			if err != nil {
				t.Fatal(err)
			}
			s.isNew(key, content)
			again, err := s.adminKey(t.Context(), s.nats.Store)
			if err != nil || again != key {
				t.Errorf("the second start takes another key: %v", err)
			}
		})
	}
}

func TestAnAdminKeyCutInItsSecretIsReplacedAndRevoked(t *testing.T) {
	s := newStart(t)
	id, key := s.registered(adminName)
	s.write(key[:len(key)-5])
	fresh, err := s.adminKey(t.Context(), s.nats.Store)
	if err != nil {
		t.Fatal(err)
	}
	s.isNew(fresh, key)
	if gone := s.sent()[commands.RevokeKeyType]; len(gone) != 1 || !strings.Contains(string(gone[0].Data), id) {
		t.Errorf("revoked: %v", gone)
	}
}

func TestARevokedAdminKeyIsReplaced(t *testing.T) {
	for _, name := range []string{adminName, "the boss"} {
		s := newStart(t)
		id, key := s.registered(name)
		s.append(id, events.TypeKeyRevoked, events.KeyRevoked{})
		s.write(key + "\n")
		fresh, err := s.adminKey(t.Context(), s.nats.Store)
		if err != nil {
			t.Fatal(err)
		}
		s.isNew(fresh, key)
		if again, err := s.adminKey(t.Context(), s.nats.Store); err != nil || again != fresh {
			t.Errorf("the second start takes another key: %v", err)
		}
	}
}

func TestAnAdminKeyThatIsNoneOfOursIsLeftAlone(t *testing.T) {
	for name, make := range map[string]func(s *start) string{
		"another's, damaged": func(s *start) string { _, key := s.registered("the boss"); return key + "x" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStart(t)
			content := make(s)
			s.write(content)
			_, err := s.adminKey(t.Context(), s.nats.Store)
			if err == nil || !strings.Contains(err.Error(), "remove the file and a new one is made") {
				t.Errorf("%v", err)
			}
			if b, err := os.ReadFile(s.adminKeyFile()); err != nil || string(b) != content {
				t.Errorf("the file was changed: %v", err)
			}
			if n := len(s.sent()); n != 0 {
				t.Errorf("%d commands were sent", n)
			}
		})
	}
}

func TestAGoodAdminKeyIsKept(t *testing.T) {
	s := newStart(t)
	_, key := s.registered(adminName)
	s.write(key + "\n")
	got, err := s.adminKey(context.Background(), s.nats.Store)
	if err != nil || got != key || len(s.sent()) != 0 {
		t.Errorf("%v, %v", err, s.sent())
	}
}

func TestWriteAtomicallyReplacesAndLeavesNothingBehind(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"first, and long", "second"} {
		if err := writeAtomically(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != content {
			t.Errorf("%q, %v", b, err)
		}
	}
	all, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if i, err := all[0].Info(); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", i.Mode(), err)
	}
}
