package chdb

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"muster/internal/fault"
)

func TestLibraryFile(t *testing.T) {
	t.Parallel()
	for platform, want := range map[[2]string]string{
		{"linux", "amd64"}:   "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so",
		{"linux", "arm64"}:   "node_modules/@chdb/lib-linux-arm64-gnu/libchdb.so",
		{"darwin", "arm64"}:  "node_modules/@chdb/lib-darwin-arm64/libchdb.so",
		{"windows", "amd64"}: "",
		{"linux", "386"}:     "",
	} {
		if got := filepath.ToSlash(libraryFile(platform[0], platform[1])); got != want {
			t.Errorf("%v: %q", platform, got)
		}
	}
}

func TestLocate(t *testing.T) {
	file := libraryFile(runtime.GOOS, runtime.GOARCH)
	if file == "" {
		t.Skip("no library for this platform")
	}
	t.Setenv(EnvLibrary, "")
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	if _, err := Locate(""); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("missing: %v", err)
	}
	path := filepath.Join(root, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Locate(""); err != nil || got != path {
		t.Errorf("above the working directory: %s, %v", got, err)
	}
	t.Setenv(EnvLibrary, filepath.Join(root, "nope"))
	if _, err := Locate(""); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), EnvLibrary) {
		t.Errorf("named but missing: %v", err)
	}
	if got, err := Locate(path); err != nil || got != path {
		t.Errorf("named: %s, %v", got, err)
	}
}
