package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever owns the data directory owns the server: a start over an admin key that was
// revoked makes a new one, says so, and leaves the old one shut out.
func TestARevokedAdminKeyIsMadeAnew(t *testing.T) {
	s := start(t, t.TempDir())
	old := s.client
	other := s.json(200, "POST", "/v1/keys?wait=30s", object{"name": "new", "biz": "*", "role": "admin"})
	s.json(200, "DELETE", "/v1/keys/"+strings.Split(old.key, "_")[1]+"?wait=30s", nil)
	if code := s.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	s.restart()
	if s.client.key == old.key {
		t.Fatal("the key is the old one")
	}
	s.json(200, "GET", "/v1/keys", nil)
	old.base = s.base
	old.json(401, "GET", "/v1/keys", nil)
	(&client{t: t, base: s.base, key: other["key"].(string)}).json(200, "GET", "/v1/keys", nil)
	if info, err := os.Stat(filepath.Join(s.dir, "admin.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("admin.key: %v %v", info.Mode(), err)
	}
	log, err := os.ReadFile(s.logFile())
	if err != nil || strings.Count(string(log), "the admin key was revoked; a new one is made in its place") != 1 {
		t.Errorf("the log does not say so once: %v %s", err, clip(log))
	}
	kept := s.client.key
	s.stop()
	s.restart()
	if s.client.key != kept {
		t.Error("a third start makes yet another key")
	}
}

// A revocation that was stored and not yet carried out when the process died is as good.
func TestAnAdminKeyRevokedAsTheProcessDies(t *testing.T) {
	s := start(t, t.TempDir())
	old := s.client.key
	s.json(202, "DELETE", "/v1/keys/"+strings.Split(old, "_")[1], nil)
	s.kill()
	s.restart()
	s.awaitReady()
}
