package imports

import (
	"bytes"
	"io"
	"strconv"

	"muster/internal/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

// csvReader reads RFC 4180 records through a scanner; fields are valid until the
// next record. It is written here because encoding/csv buffers a line, or a quote
// that is never closed, whatever its size.
type csvReader struct {
	s      *scanner
	comma  byte
	fields [][]byte
	spare  []byte // holds fields whose doubled quotes were taken out
}

// errBadQuotes blames one record: its quoting is wrong, the next may be right.
type errBadQuotes struct{ reason string }

func (e errBadQuotes) Error() string { return e.reason }

// next returns the fields of the next record that is not an empty line. An
// errBadQuotes rejects this record alone; io.EOF ends the stream.
func (c *csvReader) next() ([][]byte, error) {
	for {
		c.s.skipLF()
		n, lines, bad, done := c.parse(c.s.buf[c.s.pos:c.s.end], c.s.eof)
		if !done {
			if c.s.fill() || c.s.err == nil && c.s.pos < c.s.end {
				continue
			}
			if c.s.err != nil {
				return nil, c.s.err
			}
			return nil, io.EOF
		}
		if bad == unclosed {
			return nil, &fault.Error{Code: fault.Invalid, Line: c.s.line, Msg: "a quote is opened here and never closed"}
		}
		c.s.at = c.s.line
		c.s.line += uint64(lines)
		c.s.pos += n
		if bad != "" {
			return nil, errBadQuotes{bad}
		}
		if len(c.fields) == 1 && len(bytes.TrimSpace(c.fields[0])) == 0 {
			continue
		}
		return c.fields, nil
	}
}

const unclosed = "unclosed"

// parse reads one record off the front of b. done is false when b may not hold all
// of it. It returns the bytes taken, the lines they span, and what is wrong.
func (c *csvReader) parse(b []byte, eof bool) (n, lines int, bad string, done bool) {
	c.fields, c.spare = c.fields[:0], c.spare[:0]
	if len(b) == 0 {
		return 0, 0, "", false
	}
	for i := 0; ; {
		var field []byte
		var next int
		if i < len(b) && b[i] == '"' {
			var ok bool
			var why string
			field, next, lines, why, ok = c.quoted(b, i+1, lines, eof)
			if !ok {
				return 0, 0, "", false
			}
			if why == unclosed {
				return 0, 0, unclosed, true
			}
			if why != "" && bad == "" {
				bad = why
			}
		} else {
			next = i + fieldEnd(b[i:], c.comma)
			field = b[i:next]
			if bytes.IndexByte(field, '"') >= 0 {
				bad = "a quote inside a field that does not begin with one"
			}
		}
		if next == len(b) && !eof {
			return 0, 0, "", false
		}
		c.fields = append(c.fields, field)
		if next == len(b) {
			return next, lines + 1, bad, true
		}
		switch b[next] {
		case '\r':
			c.s.cr = true
			return next + 1, lines + 1, bad, true
		case '\n':
			return next + 1, lines + 1, bad, true
		}
		i = next + 1
	}
}

// fieldEnd is where a field without quotes ends.
func fieldEnd(b []byte, comma byte) int {
	for i, c := range b {
		if c == comma || c == '\n' || c == '\r' {
			return i
		}
	}
	return len(b)
}

// quoted reads a field whose opening quote stands before i. next is behind the
// closing quote.
func (c *csvReader) quoted(b []byte, i, lines int, eof bool) (field []byte, next, lns int, why string, ok bool) {
	start, mark := i, len(c.spare)
	for {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			if eof {
				return nil, 0, lines, unclosed, true
			}
			return nil, 0, lines, "", false
		}
		i += j
		if i+1 == len(b) && !eof {
			return nil, 0, lines, "", false
		}
		if i+1 < len(b) && b[i+1] == '"' {
			c.spare = append(c.spare, b[start:i+1]...)
			i += 2
			start = i
			continue
		}
		field = b[start:i]
		if len(c.spare) > mark {
			c.spare = append(c.spare, field...)
			field = c.spare[mark:len(c.spare):len(c.spare)]
		}
		break
	}
	lines += countLines(field)
	next = i + 1
	if rest := fieldEnd(b[next:], c.comma); rest > 0 {
		return field, next + rest, lines, "text behind a closing quote", true
	}
	return field, next, lines, "", true
}

// countLines counts line ends inside a quoted field: \n, \r\n or \r.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for i, c := range b {
		if c == '\r' && (i+1 == len(b) || b[i+1] != '\n') {
			n++
		}
	}
	return n
}
