package chdb

import (
	"errors"
	"runtime"
	"strings"
	"unsafe"
)

// Class says what a statement does, as the engine's own parser sees it.
type Class uint32

// The classes, in the library's order: a batch has the highest of its members.
const (
	ReadOnly Class = iota // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK
	Mutating              // INSERT, CREATE, ALTER, DROP, ...
	Global                // functions, users, named collections, system tables
	Control               // USE, SET, ATTACH, DETACH, SYSTEM, BACKUP, KILL: may change the session
	Unknown               // did not parse
)

// analysis mirrors chdb_query_analysis_v1.
type analysis struct {
	size, statements, _, class uint32
}

// Param is one value for a {name:Type} placeholder, in ClickHouse's escaped text form.
type Param struct{ Name, Value string }

// Conn is one session of the engine. It runs one statement at a time and must
// not be used by two goroutines at once.
type Conn struct {
	lib *library
	ptr *handle // the address that chdb_close_conn wants
	db  string  // the session's database
}

// Use makes db the database of unqualified names.
func (c *Conn) Use(db string) error {
	if c.db == db {
		return nil
	}
	_, err := c.Exec("USE `"+strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(db)+"`", "Null")
	if err == nil {
		c.db = db
	}
	return err
}

// Analyse says what sql does and how many statements it holds. Text that does
// not parse is Unknown with 0 statements: running it gives the proper error.
func (c *Conn) Analyse(sql string) (class Class, statements int) {
	a := analysis{size: uint32(unsafe.Sizeof(analysis{}))}
	if c.lib.classify(*c.ptr, ptr(sql), uintptr(len(sql)), nil, 0, &a) != 0 {
		return Unknown, 0
	}
	runtime.KeepAlive(sql)
	return Class(a.class), int(a.statements)
}

// Exec runs a statement to its end and returns its output, a copy, in the given format.
func (c *Conn) Exec(sql, format string, params ...Param) ([]byte, error) {
	res := c.start(c.lib.queryParams, sql, format, params)
	if res == nil {
		return nil, errNoResult
	}
	defer c.lib.destroyResult(res)
	if err := newError(c.lib.resultError(res)); err != nil {
		return nil, err
	}
	return append([]byte(nil), c.bytes(res)...), nil
}

// Query starts a statement whose output comes block by block. The connection
// is busy until the stream is closed.
func (c *Conn) Query(sql, format string, params ...Param) (*Stream, error) {
	res := c.start(c.lib.streamQueryParams, sql, format, params)
	if res == nil {
		return nil, errNoResult
	}
	if err := newError(c.lib.resultError(res)); err != nil {
		c.lib.destroyResult(res)
		return nil, err
	}
	return &Stream{conn: c, stream: res}, nil
}

var errNoResult = errors.New("chdb: the engine returned no result")

type starter = func(conn handle, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) handle

// start calls one of the library's statement functions, keeping every Go
// string where it is until the call returns.
func (c *Conn) start(f starter, sql, format string, params []Param) handle {
	var pin runtime.Pinner
	defer pin.Unpin()
	n := len(params)
	names, values := make([]unsafe.Pointer, n+1), make([]unsafe.Pointer, n+1)
	nameLens, valueLens := make([]uintptr, n+1), make([]uintptr, n+1)
	for i, p := range params {
		names[i], nameLens[i] = ptr(p.Name), uintptr(len(p.Name))
		values[i], valueLens[i] = ptr(p.Value), uintptr(len(p.Value))
		pin.Pin(names[i])
		pin.Pin(values[i])
	}
	res := f(*c.ptr, ptr(sql), uintptr(len(sql)), ptr(format), uintptr(len(format)),
		unsafe.Pointer(&names[0]), unsafe.Pointer(&nameLens[0]), unsafe.Pointer(&values[0]), unsafe.Pointer(&valueLens[0]), uintptr(n))
	runtime.KeepAlive(params)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	return res
}

// bytes views a result's output; it lives as long as the result.
func (c *Conn) bytes(res handle) []byte {
	n := c.lib.resultLength(res)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(c.lib.resultBuffer(res)), n)
}

// close ends the session; the last one of a process stops the engine.
func (c *Conn) close() {
	if c.ptr != nil {
		c.lib.closeConn(c.ptr)
		c.ptr = nil
	}
}

// Stream is the output of a running statement.
type Stream struct {
	conn   *Conn
	stream handle
	last   handle
	ended  bool
}

// Next returns the next piece of output, nil at the end. The bytes belong to
// the engine and are valid until the next call of Next or Close.
func (s *Stream) Next() ([]byte, error) {
	s.free()
	if s.ended {
		return nil, nil
	}
	s.last = s.conn.lib.streamFetch(*s.conn.ptr, s.stream)
	if s.last == nil {
		s.ended = true
		return nil, errNoResult
	}
	if err := newError(s.conn.lib.resultError(s.last)); err != nil {
		s.ended = true
		return nil, err
	}
	b := s.conn.bytes(s.last)
	s.ended = len(b) == 0
	return b, nil
}

// Close frees the stream and, if it has not ended, cancels the statement.
func (s *Stream) Close() {
	s.free()
	if s.stream == nil {
		return
	}
	if !s.ended {
		s.conn.lib.streamCancel(*s.conn.ptr, s.stream)
	}
	s.conn.lib.destroyResult(s.stream)
	s.stream, s.ended = nil, true
}

func (s *Stream) free() {
	if s.last != nil {
		s.conn.lib.destroyResult(s.last)
		s.last = nil
	}
}

// ptr is the address of a string's bytes; of one zero byte for an empty
// string, because the library takes no null pointers.
func ptr(s string) unsafe.Pointer {
	if s == "" {
		s = "\x00"
	}
	return unsafe.Pointer(unsafe.StringData(s))
}
