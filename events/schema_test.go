package events_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"muster/events"
	"muster/internal/schemadoc"
)

// go test ./events -run TestSchemas -update writes schemas and golden examples of
// the newest versions. It never touches those of older versions: they say what is
// stored in logs out there.
var update = flag.Bool("update", false, "write schemas/events from the catalog")

const schemaDir = "../schemas/events"

// TestSchemas holds the catalog and the files together: every type has a schema of
// its newest version, equal to what its Go type says; every JSON type has a golden
// example; and every golden example there ever was fits its schema and decodes.
func TestSchemas(t *testing.T) {
	t.Parallel()
	checkSchemas(t, events.All(), schemaDir, *update)
}

// TestSchemasOfOldVersions does the same with a catalog that has old versions.
func TestSchemasOfOldVersions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"test.noted.v1.json": `{"type":"string"}`, "test.noted.v1.golden.json": `"old"`,
		"test.noted.v2.json": `{"type":"object","required":["note"]}`, "test.noted.v2.golden.json": `{"note":"older"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkSchemas(t, testEntries(), dir, true)
	checkSchemas(t, testEntries(), dir, false)
}

func checkSchemas(t *testing.T, entries []events.Entry, dir string, write bool) {
	t.Helper()
	catalog, err := events.NewCatalog(entries)
	if err != nil {
		t.Fatal(err)
	}
	if write {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	expected := map[string]bool{}
	for _, e := range catalog.Entries() {
		base := fmt.Sprintf("%s.v%d", e.Type, e.Version)
		expected[base+".json"] = true
		sameFile(t, filepath.Join(dir, base+".json"), schemaOf(t, e), write)
		if e.Binary() {
			continue
		}
		expected[base+".golden.json"] = true
		golden, err := json.MarshalIndent(e.Example, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		sameFile(t, filepath.Join(dir, base+".golden.json"), append(golden, '\n'), write)
	}
	checkGoldens(t, catalog, dir)
	checkOrphans(t, catalog, dir, expected)
}

// sameFile compares, or writes, one file.
func sameFile(t *testing.T, path string, want []byte, write bool) {
	t.Helper()
	if write {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s differs from the Go type (%v). Events of this version may be stored already: if they are, raise the version and add an upcast; if not, run go test ./events -run TestSchemas -update", path, err)
	}
}

// schemaOf makes the JSON Schema of an entry from its Go type.
func schemaOf(t *testing.T, e events.Entry) []byte {
	t.Helper()
	title := fmt.Sprintf("%s, version %d", e.Type, e.Version)
	if e.Binary() {
		out, err := schemadoc.Binary(title, "Binary: the header Muster-Encoding says how, Muster-Count how many users or rows.")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	out, err := schemadoc.Of(title, e.New())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkGoldens decodes every golden example, of every version, for ever.
func checkGoldens(t *testing.T, catalog *events.Catalog, dir string) {
	t.Helper()
	goldens, err := filepath.Glob(filepath.Join(dir, "*.golden.json"))
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no golden examples: %v", err)
	}
	for _, path := range goldens {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, version := nameOf(t, path)
		if _, err := catalog.Decode(events.Event{Type: name, Version: version, Data: data}); err != nil {
			t.Errorf("%s no longer decodes: %v", path, err)
		}
		schema, err := jsonschema.NewCompiler().Compile(strings.TrimSuffix(path, ".golden.json") + ".json")
		if err != nil {
			t.Errorf("%s has no usable schema: %v", path, err)
			continue
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s does not fit its schema: %v", path, err)
		}
	}
}

// checkOrphans finds files that belong to no version the catalog can read.
func checkOrphans(t *testing.T, catalog *events.Catalog, dir string, expected map[string]bool) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, version := nameOf(t, f.Name())
		e, known := catalog.Lookup(name)
		if !known || version > e.Version || version == e.Version && !expected[f.Name()] {
			t.Errorf("%s belongs to no event of the catalog", f.Name())
		}
	}
}

// nameOf reads type and version from "<type>.v<version>[.golden].json".
func nameOf(t *testing.T, path string) (events.Type, int) {
	t.Helper()
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".json"), ".golden")
	at := strings.LastIndex(name, ".v")
	var version int
	if at < 0 {
		t.Fatalf("%s is not named type.vN.json", path)
	}
	if _, err := fmt.Sscanf(name[at+2:], "%d", &version); err != nil {
		t.Fatalf("%s is not named type.vN.json", path)
	}
	return events.Type(name[:at]), version
}
