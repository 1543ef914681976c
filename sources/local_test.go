package sources

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"muster/internal/fault"
)

func TestLocalOpensOnlyWhatIsAllowed(t *testing.T) {
	base := t.TempDir()
	allowed, secret := filepath.Join(base, "allowed"), filepath.Join(base, "secret")
	for _, d := range []string{filepath.Join(allowed, "deep"), secret} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"allowed/a.csv.gz": "a", "allowed/deep/b": "b", "secret/s": "s"} {
		if err := os.WriteFile(filepath.Join(base, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	links := map[string]string{"inside": "deep/b", "out": "../secret/s", "dir": secret, "loop": "loop"}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(allowed, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(allowed, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := NewLocal([]string{allowed})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.csv.gz": "a", "deep/b": "b", "inside": "b", filepath.Join(allowed, "deep", "b"): "b", "deep/../a.csv.gz": "a"} {
		f, err := l.Open(context.Background(), path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if b, _ := io.ReadAll(f); string(b) != want {
			t.Errorf("%s holds %q", path, b)
		}
		if path == "a.csv.gz" && f.ContentType != "text/csv" {
			t.Errorf("%s is %q", path, f.ContentType)
		}
		_ = f.Close()
	}
	for path, code := range map[string]fault.Code{
		"": fault.Invalid, "none": fault.NotFound, "deep": fault.Invalid, "pipe": fault.Invalid, "loop": fault.Forbidden,
		"../secret/s": fault.Forbidden, "deep/../../secret/s": fault.Forbidden, "out": fault.Forbidden, "dir/s": fault.Forbidden,
		filepath.Join(secret, "s"): fault.Forbidden, "/etc/passwd": fault.Forbidden, "/dev/zero": fault.Forbidden, allowed + "/../secret/s": fault.Forbidden,
		"a\x00b": fault.Invalid,
	} {
		if f, err := l.Open(context.Background(), path); !fault.Is(err, code) {
			t.Errorf("%q: %v, %v, want %s", path, f, err, code)
		}
	}
}

func TestLocalWithoutDirectories(t *testing.T) {
	l, err := NewLocal(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Open(context.Background(), "/etc/passwd"); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	if _, err := NewLocal([]string{filepath.Join(t.TempDir(), "gone")}); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}
