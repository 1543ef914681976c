package chdb

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"unsafe"
)

// Config is how to open the engine.
type Config struct {
	Library   string // path of libchdb; "" means Locate
	Path      string // data directory; made when it is not there
	Idle      int    // connections kept open; 0 means 4
	Max       int    // connections at most; 0 means 64
	MaxMemory int64  // bytes the engine may use; 0 leaves it the engine's own limit (90 % of the machine)
}

// Engine is the one engine of this process and its pool of connections.
type Engine struct {
	lib  *library
	cfg  Config
	args []string

	slots chan struct{} // one token per connection that may be in use
	mu    sync.Mutex
	idle  []*Conn
	done  bool
}

// ErrClosed is returned by Acquire once Close has begun.
var ErrClosed = errors.New("chdb: the engine is closed")

// Open loads the library and opens the data directory. A process can have one
// engine open; another process holding the directory is an error.
func Open(cfg Config) (*Engine, error) {
	path, err := Locate(cfg.Library)
	if err != nil {
		return nil, err
	}
	if cfg.Idle <= 0 {
		cfg.Idle = 4
	}
	if cfg.Max <= 0 {
		cfg.Max = 64
	}
	if cfg.Path, err = filepath.Abs(cfg.Path); err != nil {
		return nil, err
	}
	config, err := writeConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("write the engine's configuration: %w", err)
	}
	lib, err := load(path)
	if err != nil {
		return nil, err
	}
	e := &Engine{lib: lib, cfg: cfg, slots: make(chan struct{}, cfg.Max),
		args: []string{"clickhouse", "--path=" + cfg.Path, "--config-file=" + config}}
	first, err := e.connect()
	if err != nil {
		return nil, err
	}
	e.idle = append(e.idle, first)
	return e, nil
}

// config is what of ClickHouse's configuration file Muster sets. The file is
// always named, because the engine otherwise reads a config.xml that happens
// to lie in the working directory.
type config struct {
	XMLName   xml.Name `xml:"clickhouse"`
	MaxMemory int64    `xml:"max_server_memory_usage,omitempty"`
	// An acknowledged insert survives kill -9 and power loss.
	MergeTree struct {
		FsyncAfterInsert   int `xml:"fsync_after_insert"`
		FsyncPartDirectory int `xml:"fsync_part_directory"`
	} `xml:"merge_tree"`
}

func writeConfig(cfg Config) (string, error) {
	if err := os.MkdirAll(cfg.Path, 0o700); err != nil {
		return "", err
	}
	c := config{MaxMemory: cfg.MaxMemory}
	c.MergeTree.FsyncAfterInsert, c.MergeTree.FsyncPartDirectory = 1, 1
	b, err := xml.MarshalIndent(c, "", "  ")
	if err != nil {
		return "", err
	}
	file := filepath.Join(cfg.Path, "engine.xml")
	return file, os.WriteFile(file, append(b, '\n'), 0o600)
}

// Version is the engine's version, e.g. "26.7.3".
func (e *Engine) Version() string { return e.lib.version() }

// Acquire lends a connection; give it back with Release, or with Discard when
// its session may have been changed. It waits while Max are lent.
func (e *Engine) Acquire(ctx context.Context) (*Conn, error) {
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e.mu.Lock()
	if e.done {
		e.mu.Unlock()
		<-e.slots
		return nil, ErrClosed
	}
	var c *Conn
	if n := len(e.idle); n > 0 {
		c, e.idle = e.idle[n-1], e.idle[:n-1]
	}
	e.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := e.connect()
	if err != nil {
		<-e.slots
		return nil, err
	}
	return c, nil
}

// Release takes a connection back.
func (e *Engine) Release(c *Conn) {
	e.mu.Lock()
	keep := !e.done && len(e.idle) < e.cfg.Idle
	if keep {
		e.idle = append(e.idle, c)
	}
	e.mu.Unlock()
	if !keep {
		c.close()
	}
	<-e.slots
}

// Discard closes a lent connection instead of taking it back.
func (e *Engine) Discard(c *Conn) {
	c.close()
	<-e.slots
}

// Close waits for lent connections to come back and stops the engine. The
// caller cancels what should not be waited for.
func (e *Engine) Close() {
	e.mu.Lock()
	if e.done {
		e.mu.Unlock()
		return
	}
	e.done = true
	idle := e.idle
	e.idle = nil
	e.mu.Unlock()
	for _, c := range idle[min(1, len(idle)):] {
		c.close()
	}
	for range e.cfg.Max {
		e.slots <- struct{}{}
	}
	if len(idle) > 0 {
		idle[0].close()
	}
}

func (e *Engine) connect() (*Conn, error) {
	argv := make([]unsafe.Pointer, len(e.args)+1)
	text := make([][]byte, len(e.args))
	for i, a := range e.args {
		text[i] = append([]byte(a), 0)
		argv[i] = unsafe.Pointer(&text[i][0])
	}
	p := e.lib.connect(int32(len(e.args)), unsafe.Pointer(&argv[0]))
	runtime.KeepAlive(text)
	if p == nil || *p == nil {
		return nil, fmt.Errorf("open the data directory %s: the engine refused (is another process using it?)", strconv.Quote(e.cfg.Path))
	}
	return &Conn{lib: e.lib, ptr: p, db: "default"}, nil
}
