package imports

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"muster/events"
	"muster/internal/fault"
	"muster/policies"
	"muster/sources"
)

func TestLocalFiles(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string][]byte{"ids.csv.gz": gzipped([]byte("name,member\nann,1\nbob,2\n")), "phones.txt": []byte("+86 138\n139\n"), "empty": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := sources.NewLocal([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	in, store := newIngester(t)
	settings := func(context.Context) (events.Settings, error) { return events.DefaultSettings(), nil }
	var source policies.LocalSource = NewLocal(in, files, settings, 0, 0)
	ctx := context.Background()
	s, err := source.Ingest(ctx, policies.IngestRequest{Biz: "demo", Group: 12, CommandID: "f1", Identity: "user_id", Path: "ids.csv.gz", Column: "member", Actor: "policy-local"})
	if err != nil || s.Accepted != 2 {
		t.Fatalf("%+v %v", s, err)
	}
	if all := load(t, store, "f1"); types(all) != "started ids" || all[0].Actor != "policy-local" {
		t.Errorf("%s", types(all))
	}
	s, err = source.Ingest(ctx, policies.IngestRequest{Biz: "demo", Group: 13, CommandID: "f2", Identity: "phone", Path: filepath.Join(dir, "phones.txt")})
	if err != nil || s.Accepted != 2 {
		t.Fatalf("%+v %v", s, err)
	}
	for path, code := range map[string]fault.Code{"empty": fault.Invalid, "none": fault.NotFound, "../x": fault.Forbidden} {
		if _, err := source.Ingest(ctx, policies.IngestRequest{Biz: "demo", Group: 12, CommandID: "f3", Path: path}); !fault.Is(err, code) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
