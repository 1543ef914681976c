package chdb

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"muster/internal/fault"
)

// EnvLibrary names the environment variable that overrides where the library is.
const EnvLibrary = "MUSTER_CHDB_LIB"

// libraryFile is the library's path below a node_modules directory, "" where
// no build of it exists.
func libraryFile(goos, goarch string) string {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[goarch]
	libc := map[string]string{"linux": "-gnu", "darwin": ""}
	suffix, known := libc[goos]
	if arch == "" || !known {
		return ""
	}
	return filepath.Join("node_modules", "@chdb", "lib-"+goos+"-"+arch+suffix, "libchdb.so")
}

// Locate finds the engine's library: the explicit path if there is one, else
// $MUSTER_CHDB_LIB, else node_modules beside the running binary (or one above
// it), else node_modules in the working directory or any directory above.
// The error is fault.Unavailable and says how to get the library.
func Locate(explicit string) (string, error) {
	if explicit == "" {
		explicit = os.Getenv(EnvLibrary)
	}
	if explicit != "" {
		if _, err := os.Stat(explicit); err != nil {
			return "", fault.New(fault.Unavailable, "the ClickHouse engine named by %s or the configuration is not there: %s", EnvLibrary, explicit)
		}
		return explicit, nil
	}
	file := libraryFile(runtime.GOOS, runtime.GOARCH)
	if file == "" {
		return "", fault.New(fault.Unsupported, "no embedded ClickHouse for %s/%s: name a server with --clickhouse", runtime.GOOS, runtime.GOARCH)
	}
	for _, dir := range searchDirs() {
		path := filepath.Join(dir, file)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fault.New(fault.Unavailable, "the embedded ClickHouse engine is not installed: run `npm ci` (or `make run`, which does), or set %s", EnvLibrary)
}

// searchDirs lists the directories whose node_modules may hold the library.
func searchDirs() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dirs = append(dirs, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
	}
	wd, err := os.Getwd()
	if err != nil {
		return dirs
	}
	for {
		dirs = append(dirs, wd)
		parent := filepath.Dir(wd)
		if parent == wd {
			return dirs
		}
		wd = parent
	}
}

// Error is what the engine said, with ClickHouse's own code.
type Error struct {
	Code int    // ClickHouse error code, e.g. 60 UNKNOWN_TABLE; 0 when the library itself failed
	Msg  string // the whole text, "Code: 60. DB::Exception: ..."
}

func (e *Error) Error() string { return e.Msg }

// newError reads the code out of the engine's text; nil for an empty text.
func newError(text string) error {
	if text == "" {
		return nil
	}
	e := &Error{Msg: text}
	if _, err := fmt.Sscanf(text, "Code: %d.", &e.Code); err != nil {
		e.Code = 0
	}
	return e
}
