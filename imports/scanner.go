package imports

import (
	"bytes"
	"errors"
	"io"

	"muster/internal/fault"
)

// DefaultMaxRecord is the longest line, CSV record or JSON element that is read.
const DefaultMaxRecord = 1 << 20

const firstBuffer = 64 << 10

// scanner reads records out of a stream through one buffer that never grows beyond
// the longest record allowed. Lines end with \n, \r\n or \r, mixed as they like.
type scanner struct {
	r    io.Reader
	buf  []byte
	pos  int    // first byte not yet handed out
	end  int    // end of what was read
	max  int    // longest record
	line uint64 // number of the line at pos, from 1
	at   uint64 // number of the first line of the record last handed out
	cr   bool   // the last record ended with \r: a \n right behind belongs to it
	eof  bool
	err  error // of r, once it failed
}

func newScanner(r io.Reader, maxRecord int) *scanner {
	return &scanner{r: r, buf: make([]byte, min(firstBuffer, maxRecord+1)), max: maxRecord, line: 1}
}

// fill reads more behind what is left. It reports false when there is no more: the
// stream ended (s.err is nil) or failed.
func (s *scanner) fill() bool {
	if s.eof || s.err != nil {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) > s.max {
			s.err = s.tooLong()
			return false
		}
		grown := make([]byte, min(2*len(s.buf), s.max+1))
		copy(grown, s.buf[:s.end])
		s.buf = grown
	}
	for range 100 { // a reader may return nothing, but not for ever
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return n > 0
		}
		if err != nil {
			s.err = err
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	s.err = io.ErrNoProgress
	return false
}

func (s *scanner) tooLong() error {
	return &fault.Error{Code: fault.TooLarge, Line: s.line, Msg: "the line is longer than " + byteSize(s.max)}
}

// skipLF drops the \n of a \r\n whose \r ended the last record.
func (s *scanner) skipLF() {
	if !s.cr {
		return
	}
	if s.pos == s.end && !s.fill() {
		return
	}
	s.cr = false
	if s.buf[s.pos] == '\n' {
		s.pos++
	}
}

// next returns the next line without its end, valid until the next call. io.EOF
// ends the stream; a last line without an end counts.
func (s *scanner) next() ([]byte, error) {
	s.skipLF()
	seen := 0
	for {
		rest := s.buf[s.pos:s.end]
		if i := bytes.IndexByte(rest[seen:], '\n'); i >= 0 {
			return s.take(rest[:seen+i]), nil
		}
		// A lone \r ends a line, too; one at the very end may be half of a \r\n.
		if i := bytes.IndexByte(rest, '\r'); i >= 0 && i < len(rest)-1 {
			return s.take(rest), nil
		}
		seen = len(rest)
		if s.fill() {
			continue
		}
		if s.err != nil {
			return nil, s.err
		}
		rest = s.buf[s.pos:s.end]
		if len(rest) == 0 {
			return nil, io.EOF
		}
		return s.take(rest), nil
	}
}

// take hands out the first line of span, which ends where a \n, or the stream,
// ends; span may hold lone \r before that.
func (s *scanner) take(span []byte) []byte {
	s.at = s.line
	s.line++
	if i := bytes.IndexByte(span, '\r'); i >= 0 {
		s.pos += i + 1
		s.cr = true
		return span[:i]
	}
	s.pos += len(span)
	if s.pos < s.end {
		s.pos++ // the \n
	}
	return span
}

// byteSize writes a limit for people.
func byteSize(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return itoa(n>>20) + " MiB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return itoa(n>>10) + " KiB"
	}
	return itoa(n) + " bytes"
}
