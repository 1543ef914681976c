package commands

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"muster/internal/schemadoc"
)

var update = flag.Bool("update", false, "write schemas/commands from the table")

// Every command has a JSON Schema on disk, equal to what its Go type says, and no file is left over.
// go test ./commands -run TestSchemas -update writes them.
func TestSchemas(t *testing.T) {
	t.Parallel()
	const dir = "../schemas/commands"
	if *update {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	expected := map[string]bool{}
	for _, s := range table() {
		want, err := schemadoc.Of(s.typ, s.payload())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, s.typ+".json")
		expected[path] = true
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s differs from the Go type (%v): commands of this shape may be waiting in the stream", path, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas of commands: %v", err)
	}
	for _, f := range files {
		if !expected[f] {
			t.Errorf("%s belongs to no command", f)
		}
	}
}
