package imports

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"muster/events"
	"muster/internal/fault"
)

const (
	chunkText = 1 << 20 // bytes of records per chunk at most, before they are encoded
	rowBytes  = 64      // what a parsed row takes beside its text
)

// parser reads records and hands out chunks of good rows.
type parser struct {
	src       *source
	spec      *spec
	column    string // read this column alone; "" is all
	zone      *time.Location
	chunkRows int
	maxRecord int
	keep      int                // rejections kept
	emit      func(*chunk) error // takes the chunk over

	chunk    *chunk
	rows     uint64
	rejected uint64
	kept     []events.Rejection
}

// run reads the whole stream. An error makes all of it void.
func (p *parser) run(f format) error {
	p.chunk = &chunk{}
	var err error
	switch f {
	case formatLines:
		err = p.lines()
	case formatNDJSON:
		err = p.ndjson()
	case formatJSON:
		err = p.document()
	default:
		err = p.csv()
	}
	if err = p.src.blame(err); err != nil {
		return err
	}
	if err := p.src.drain(); err != nil {
		return err
	}
	if p.rows == 0 {
		return fault.New(fault.Invalid, "the file holds no rows")
	}
	return p.flush()
}

// row takes one record. A reason of its own rejects it unread.
func (p *parser) row(line uint64, rec [][]byte, size int) error {
	p.rows++
	column, why := p.spec.add(p.chunk, rec, p.zone)
	if why != "" {
		p.reject(line, p.spec.columns[column], why)
		return nil
	}
	p.chunk.n++
	p.chunk.bytes += size + rowBytes
	if p.chunk.n >= p.chunkRows || p.chunk.bytes >= chunkText && !p.spec.plain() {
		return p.flush()
	}
	return nil
}

// bad rejects a record that could not be taken apart.
func (p *parser) bad(line uint64, field, why string) {
	p.rows++
	p.reject(line, field, why)
}

func (p *parser) reject(line uint64, field, why string) {
	p.rejected++
	if len(p.kept) < p.keep {
		p.kept = append(p.kept, events.Rejection{Line: line, Field: field, Reason: why})
	}
}

func (p *parser) flush() error {
	if p.chunk.n == 0 {
		return nil
	}
	c := p.chunk
	p.chunk = &chunk{}
	return p.emit(c)
}

// lines reads one value per line; a first line that is the column's name is a header.
func (p *parser) lines() error {
	s := newScanner(p.src, p.maxRecord)
	rec := make([][]byte, 1)
	for first := true; ; {
		line, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if len(line) >= 2 && line[0] == '"' && line[len(line)-1] == '"' {
			line = line[1 : len(line)-1]
		}
		if len(line) == 0 {
			continue
		}
		if first {
			first = false
			if strings.EqualFold(string(line), p.spec.columns[0]) {
				continue
			}
		}
		rec[0] = line
		if err := p.row(s.at, rec, len(line)); err != nil {
			return err
		}
	}
}

// csv reads records whose header says which columns there are.
func (p *parser) csv() error {
	s := newScanner(p.src, p.maxRecord)
	head, err := p.src.Peek(firstBuffer)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	r := &csvReader{s: s, comma: separator(head)}
	fields, err := r.next()
	if err != nil {
		return headerError(s, err)
	}
	rec := make([][]byte, len(p.spec.columns))
	var at []int
	if p.spec.plain() && p.column == "" && len(fields) == 1 && startsValue(fields[0]) {
		at = []int{0} // no header, just values
		rec[0] = fields[0]
		if err := p.row(s.at, rec, len(fields[0])); err != nil {
			return err
		}
	} else if at, err = p.header(s.at, fields); err != nil {
		return err
	}
	for {
		start := s.pos
		fields, err := r.next()
		var quotes errBadQuotes
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &quotes):
			p.bad(s.at, "", quotes.reason)
			continue
		case err != nil:
			return err
		case len(fields) != len(at):
			p.bad(s.at, "", "has "+itoa(len(fields))+" fields, the header has "+itoa(len(at)))
			continue
		}
		clear(rec)
		for i, c := range at {
			if c >= 0 {
				rec[c] = fields[i]
			}
		}
		if err := p.row(s.at, rec, max(s.pos-start, 0)); err != nil {
			return err
		}
	}
}

func headerError(s *scanner, err error) error {
	var quotes errBadQuotes
	switch {
	case errors.Is(err, io.EOF):
		return errEmpty()
	case errors.As(err, &quotes):
		return &fault.Error{Code: fault.Invalid, Line: s.at, Msg: "the header has " + quotes.reason}
	}
	return err
}

// header finds which field is which column; -1 is one that is not read.
func (p *parser) header(line uint64, fields [][]byte) ([]int, error) {
	wrong := func(format string, args ...any) error {
		f := fault.New(fault.Invalid, format, args...)
		f.Line, f.Field = line, "header"
		return f
	}
	at := make([]int, len(fields))
	found := make([]bool, len(p.spec.columns))
	for i, f := range fields {
		if !utf8.Valid(f) {
			return nil, wrong("the header is not UTF-8")
		}
		name := bytes.ToLower(bytes.TrimSpace(f))
		at[i] = p.spec.columnIndex(name)
		if p.column != "" {
			at[i] = -1
			if strings.EqualFold(string(name), p.column) {
				at[i] = 0
			}
		} else if at[i] < 0 {
			return nil, wrong("column %d is unknown; the columns of this upload are %s", i+1, strings.Join(p.spec.columns, ", "))
		}
		if c := at[i]; c >= 0 {
			if found[c] {
				return nil, wrong("the column %s is there twice", p.spec.columns[c])
			}
			found[c] = true
		}
	}
	for c := range p.spec.required {
		if !found[c] {
			name := p.spec.columns[c]
			if p.column != "" {
				return nil, wrong("the column chosen for this group is not there")
			}
			return nil, wrong("the column %s is missing", name)
		}
	}
	return at, nil
}

// startsValue says whether a field looks like an id or a phone rather than a column's name.
func startsValue(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 0 && (b[0] >= '0' && b[0] <= '9' || b[0] == '+' || b[0] == '-' || b[0] == '(')
}

// separator is what stands between the fields of the first line: a comma unless there
// is none and a semicolon or a tab is.
func separator(head []byte) byte {
	if i := bytes.IndexAny(head, "\r\n"); i >= 0 {
		head = head[:i]
	}
	if bytes.IndexByte(head, ',') < 0 {
		for _, c := range []byte{';', '\t'} {
			if bytes.IndexByte(head, c) >= 0 {
				return c
			}
		}
	}
	return ','
}
