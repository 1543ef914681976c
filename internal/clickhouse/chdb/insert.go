package chdb

import (
	"runtime"
	"unsafe"
)

// Insert is a running INSERT that takes its rows in pieces. The connection is
// busy until Done or Abort, exactly one of which must be called.
type Insert struct {
	conn   *Conn
	stream handle
}

// Insert starts one. The statement has neither FORMAT nor data: "INSERT INTO t (a, b)".
func (c *Conn) Insert(sql, format string, params ...Param) (*Insert, error) {
	s := c.start(c.lib.insertOpen, sql, format, params)
	if s == nil {
		return nil, errNoResult
	}
	if err := newError(c.lib.insertError(s)); err != nil {
		c.lib.insertDestroy(s)
		return nil, err
	}
	return &Insert{conn: c, stream: s}, nil
}

// Append gives the engine the next bytes, cut anywhere. It blocks while the
// engine is behind, so memory stays bounded. False means the insert has
// failed: Done tells why.
func (in *Insert) Append(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	ok := in.conn.lib.insertAppend(in.stream, unsafe.Pointer(&b[0]), uintptr(len(b))) == 0
	runtime.KeepAlive(b)
	return ok
}

// Done ends the data, waits until the rows are stored and returns how many were written.
func (in *Insert) Done() (rows uint64, err error) {
	defer in.destroy()
	res := in.conn.lib.insertDone(in.stream)
	if res == nil {
		return 0, errNoResult
	}
	defer in.conn.lib.destroyResult(res)
	if err := newError(in.conn.lib.resultError(res)); err != nil {
		return 0, err
	}
	return in.conn.lib.resultRowsWritten(res), nil
}

// Abort gives the insert up. Blocks that the engine has already written stay,
// as in any ClickHouse.
func (in *Insert) Abort() {
	in.conn.lib.insertCancel(in.stream)
	in.destroy()
}

func (in *Insert) destroy() {
	if in.stream != nil {
		in.conn.lib.insertDestroy(in.stream)
		in.stream = nil
	}
}
