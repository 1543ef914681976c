package sources

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"muster/internal/fault"
)

// Local opens files below the allowed directories.
type Local struct {
	dirs []string // absolute, links resolved
}

// NewLocal makes a source of files below dirs; without any, nothing can be opened.
// A directory that does not exist is an error.
func NewLocal(dirs []string) (*Local, error) {
	l := &Local{}
	for _, d := range dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "allowed directory "+d)
		}
		if abs, err = filepath.EvalSymlinks(abs); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "allowed directory "+d)
		}
		l.dirs = append(l.dirs, abs)
	}
	return l, nil
}

// File is an open file with what its name says about it.
type File struct {
	io.ReadCloser
	Size        int64
	ContentType string // by the name's ending; "" when that says nothing
}

// Open opens a regular file: an absolute path below an allowed directory, or one
// relative to any of them (the first that has it). Symbolic links are followed as
// long as they stay below. fault.Forbidden for what lies outside, fault.NotFound for
// what is not there, fault.Invalid for what is no regular file, fault.Unavailable for
// what the system could not say just now.
func (l *Local) Open(ctx context.Context, path string) (*File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch {
	case path == "" || strings.ContainsRune(path, 0):
		return nil, fault.Field("path", "name a file")
	case len(l.dirs) == 0:
		return nil, fault.Field("path", "no directory is allowed for local files: set files.allow")
	}
	var last error
	for _, dir := range l.dirs {
		rel, ok := below(dir, path)
		if !ok {
			continue
		}
		f, err := openIn(dir, rel)
		if err == nil {
			return f, nil
		}
		// What cannot be told now goes first: it may be the file.
		if last == nil || fault.Is(last, fault.NotFound) || fault.Is(err, fault.Unavailable) {
			last = err
		}
	}
	if last == nil {
		last = outside()
	}
	return nil, last
}

func outside() error {
	return &fault.Error{Code: fault.Forbidden, Field: "path", Msg: "the file is not below an allowed directory"}
}

// below is path relative to dir; false when it does not lie there by its name alone.
func below(dir, path string) (string, bool) {
	if !filepath.IsAbs(path) {
		return path, filepath.IsLocal(path)
	}
	rel, err := filepath.Rel(dir, filepath.Clean(path))
	return rel, err == nil && filepath.IsLocal(rel)
}

// openIn opens rel below dir. os.Root resolves every link and refuses those that
// lead out; O_NONBLOCK keeps a named pipe from holding us up before it is refused.
func openIn(dir, rel string) (*File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "open an allowed directory")
	}
	defer root.Close()
	f, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, whyNot(err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, whyNot(err)
	}
	if !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fault.Field("path", "is not a regular file")
	}
	return &File{ReadCloser: f, Size: info.Size(), ContentType: typeOf(rel)}, nil
}

// whyNot is the fault of a file that could not be opened. Only what stays so whoever
// tries again is final: too many open files, or a disk that fails, say nothing about it.
func whyNot(err error) error {
	because := func(code fault.Code, msg string) error {
		return &fault.Error{Code: code, Field: "path", Msg: msg, Err: err}
	}
	var system syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return because(fault.NotFound, "there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return because(fault.Forbidden, "the file may not be read")
	case errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG):
		return because(fault.Invalid, "the path is too long, or its links lead nowhere")
	case errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.EISDIR):
		return because(fault.Invalid, "is not a regular file")
	case errors.As(err, &system), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return because(fault.Unavailable, "the file could not be opened just now")
	}
	// What is left is os.Root's own error for a path that escapes, which has no name.
	f := outside().(*fault.Error) //nolint:errorlint,forcetypeassert // made one line above
	f.Err = err
	return f
}

// typeOf is the content type that a name's ending stands for, whatever packs it.
func typeOf(name string) string {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch filepath.Ext(name) {
	case ".csv", ".tsv":
		return "text/csv"
	case ".ndjson", ".jsonl":
		return "application/x-ndjson"
	case ".json":
		return "application/json"
	}
	return ""
}
