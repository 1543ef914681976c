package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"muster/internal/fault"
)

// ndjson reads one JSON value per line: an object with the columns' names, or, for
// ids and phones, the bare value.
func (p *parser) ndjson() error {
	s := newScanner(p.src, p.maxRecord)
	rec := make([][]byte, len(p.spec.columns))
	for {
		line, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := p.element(s.at, line, rec); err != nil {
			return err
		}
	}
}

// element takes one JSON value that is a record.
func (p *parser) element(line uint64, value []byte, rec [][]byte) error {
	clear(rec)
	if p.spec.plain() && value[0] != '{' {
		if !json.Valid(value) {
			p.bad(line, p.spec.columns[0], "is not JSON")
			return nil
		}
		rec[0] = cellOf(value)
		return p.row(line, rec, len(value))
	}
	unknown := false
	ok := eachField(value, func(name, raw []byte) bool {
		i := p.spec.columnIndex(name)
		if p.column != "" {
			if string(name) != p.column {
				return true
			}
			i = 0
		}
		if unknown = i < 0; !unknown {
			rec[i] = cellOf(raw)
		}
		return !unknown
	})
	switch {
	case !ok:
		p.bad(line, "", "is not a JSON object")
		return nil
	case unknown:
		p.bad(line, "", "has an unknown field; the fields of this upload are "+strings.Join(p.spec.columns, ", "))
		return nil
	}
	return p.row(line, rec, len(value))
}

// cellOf is the text of a JSON value as a CSV cell would have it: null is empty,
// lists and objects stay JSON.
func cellOf(raw []byte) []byte {
	switch raw[0] {
	case '"':
		return unquote(raw)
	case 'n':
		return []byte{}
	}
	return raw
}

// budget bounds how much a JSON decoder may read for one element, which it would
// otherwise buffer whatever its size.
type budget struct {
	r    io.Reader
	left int
	max  int
	rows *uint64
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.New(fault.TooLarge, "element %d is longer than %s", *b.rows+1, byteSize(b.max))
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// document reads {"users":[...]} or [...], element by element; a rejection's line
// is the number of the element, from 1.
func (p *parser) document() error {
	b := &budget{r: p.src, left: p.maxRecord, max: p.maxRecord, rows: &p.rows}
	dec := json.NewDecoder(b)
	tok, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return errEmpty()
	}
	if err != nil {
		return p.broken(err)
	}
	found := false
	switch tok {
	case json.Delim('['):
		found = true
		err = p.array(dec, b)
	case json.Delim('{'):
		found, err = p.object(dec, b)
	}
	if err != nil {
		return p.broken(err)
	}
	if !found {
		return fault.Field(p.spec.keys[0], "the document must be {%q: [...]} or [...]", p.spec.keys[0])
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		if p.src.plain.err != nil {
			return p.broken(err)
		}
		return fault.New(fault.Invalid, "there is text behind the end of the JSON document")
	}
	return nil
}

func (p *parser) object(dec *json.Decoder, b *budget) (found bool, err error) {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return found, err
		}
		known := false
		for _, k := range p.spec.keys {
			known = known || key == k
		}
		if !known {
			return found, fault.Field("body", "the document has an unknown field; it must be {%q: [...]}", p.spec.keys[0])
		}
		if found {
			return found, fault.Field("body", "the document has two lists")
		}
		found = true
		open, err := dec.Token()
		if err != nil {
			return found, err
		}
		if open != json.Delim('[') {
			return found, fault.Field(p.spec.keys[0], "must be a list")
		}
		if err := p.array(dec, b); err != nil {
			return found, err
		}
	}
	_, err = dec.Token() // the closing brace
	return found, err
}

// array reads the elements of a list whose opening bracket was read.
func (p *parser) array(dec *json.Decoder, b *budget) error {
	rec := make([][]byte, len(p.spec.columns))
	var raw json.RawMessage
	for dec.More() {
		raw = raw[:0]
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		b.left = b.max
		if err := p.element(p.rows+1, bytes.TrimSpace(raw), rec); err != nil {
			return err
		}
	}
	_, err := dec.Token() // the closing bracket
	return err
}

// broken tells a body that ended too early, or broken compression, from wrong JSON.
func (p *parser) broken(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	if p.src.plain.err != nil {
		return p.src.blame(p.src.plain.err)
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &fault.Error{Code: fault.Invalid, Err: err, Msg: "the JSON is wrong near byte " + itoa(int(syntax.Offset))}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault.New(fault.Invalid, "the JSON ends too early; nothing of it counts")
	}
	return err
}
