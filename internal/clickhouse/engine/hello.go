package engine

import (
	"encoding/binary"
	"net/http"
)

// helloQuery is the first thing clickhouse-go asks over HTTP.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// hello answers helloQuery by hand. The driver decodes this one answer at
// protocol revision 54460 (block info, a serialization byte per column), while
// the library writes revision 0. Answering with revision 0 as the server's
// makes the driver decode everything else as the library writes it.
func (s *Server) hello(w http.ResponseWriter) {
	b := []byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0} // block info: no overflows, no bucket
	b = append(b, 4, 1)                             // columns, rows
	b = appendColumn(b, "displayName()", "String")
	b = appendString(b, "muster")
	b = appendColumn(b, "version()", "String")
	b = appendString(b, s.version)
	b = appendColumn(b, "revision()", "UInt32")
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = appendColumn(b, "timezone()", "String")
	b = appendString(b, s.timezone)
	_, _ = w.Write(b)
}

func appendColumn(b []byte, name, typ string) []byte {
	b = appendString(b, name)
	b = appendString(b, typ)
	return append(b, 0) // no custom serialization
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
