package chdb

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// handle is an opaque pointer owned by the library.
type handle = unsafe.Pointer

// library holds the functions of one loaded libchdb, named as in chdb.h.
type library struct {
	version           func() string
	setSignalHandlers func(int32)
	connect           func(argc int32, argv unsafe.Pointer) *handle
	closeConn         func(conn *handle)
	queryParams       func(conn handle, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) handle
	streamQueryParams func(conn handle, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) handle
	streamFetch       func(conn, stream handle) handle
	streamCancel      func(conn, stream handle)
	destroyResult     func(result handle)
	resultBuffer      func(result handle) unsafe.Pointer
	resultLength      func(result handle) uintptr
	resultError       func(result handle) string
	resultRowsWritten func(result handle) uint64
	insertOpen        func(conn handle, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) handle
	insertAppend      func(stream handle, data unsafe.Pointer, n uintptr) int32
	insertDone        func(stream handle) handle
	insertCancel      func(stream handle)
	insertError       func(stream handle) string
	insertDestroy     func(stream handle)
	classify          func(conn handle, sql unsafe.Pointer, sqlLen uintptr, db unsafe.Pointer, dbLen uintptr, out *analysis) int32
}

// load opens the shared library and switches its signal handlers off. Loading
// the same file twice in one process gives the same library.
func load(path string) (lib *library, err error) {
	dl, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	defer func() { // purego panics on a symbol that is not there
		if r := recover(); r != nil {
			lib, err = nil, fmt.Errorf("load %s: %v", path, r)
		}
	}()
	lib = &library{}
	for _, f := range []struct {
		fn   any
		name string
	}{
		{&lib.version, "chdb_version"},
		{&lib.setSignalHandlers, "chdb_set_signal_handlers_enabled"},
		{&lib.connect, "chdb_connect"},
		{&lib.closeConn, "chdb_close_conn"},
		{&lib.queryParams, "chdb_query_with_params_n"},
		{&lib.streamQueryParams, "chdb_stream_query_with_params_n"},
		{&lib.streamFetch, "chdb_stream_fetch_result"},
		{&lib.streamCancel, "chdb_stream_cancel_query"},
		{&lib.destroyResult, "chdb_destroy_query_result"},
		{&lib.resultBuffer, "chdb_result_buffer"},
		{&lib.resultLength, "chdb_result_length"},
		{&lib.resultError, "chdb_result_error"},
		{&lib.resultRowsWritten, "chdb_result_rows_written"},
		{&lib.insertOpen, "chdb_stream_insert_with_params_n"},
		{&lib.insertAppend, "chdb_stream_append"},
		{&lib.insertDone, "chdb_stream_done"},
		{&lib.insertCancel, "chdb_stream_cancel_insert"},
		{&lib.insertError, "chdb_stream_insert_error"},
		{&lib.insertDestroy, "chdb_destroy_insert_stream"},
		{&lib.classify, "chdb_classify_query_n"},
	} {
		purego.RegisterLibFunc(f.fn, dl, f.name)
	}
	lib.setSignalHandlers(0)
	return lib, nil
}
