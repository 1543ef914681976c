package sources

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
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
		"": fault.Invalid, "none": fault.NotFound, "deep": fault.Invalid, "pipe": fault.Invalid, "loop": fault.Invalid, "a.csv.gz/x": fault.NotFound, strings.Repeat("x", 300): fault.Invalid,
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

// What the system could not say just now is worth another try; only what leads out is forbidden.
func TestTroubleOfTheSystemIsNotFinal(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.EIO, syscall.ENOMEM, syscall.EINTR, syscall.ESTALE, syscall.ETXTBSY} {
		if err := whyNot(&os.PathError{Op: "openat", Path: "a", Err: errno}); !fault.Is(err, fault.Unavailable) || !errors.Is(err, errno) {
			t.Errorf("%v: %v", errno, err)
		}
	}
}

// TestWithoutFreeDescriptors opens a file while the process may open no more.
func TestWithoutFreeDescriptors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := NewLocal([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	root, err := os.Open(dir) // the lowest free number: one more would be the file's
	if err != nil {
		t.Fatal(err)
	}
	next := root.Fd()
	_ = root.Close()
	none := was
	for n := uint64(next); n <= uint64(next)+1; n++ { // no room for the directory, then none for the file
		none.Cur = n
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
			t.Fatal(err)
		}
		f, err := l.Open(context.Background(), "a")
		if back := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); back != nil {
			t.Fatal(back)
		}
		if !fault.Is(err, fault.Unavailable) || !errors.Is(err, syscall.EMFILE) {
			t.Errorf("with %d descriptors: %v %v", n, f, err)
		}
	}
}
