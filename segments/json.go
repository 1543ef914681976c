package segments

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"muster/internal/fault"
)

// ParseWhere parses an expression in either form: a JSON object, or a JSON
// string that holds the text form.
func ParseWhere(raw json.RawMessage) (Node, error) {
	if len(raw) > MaxBytes {
		return nil, tooLarge()
	}
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	if len(trimmed) == 0 || string(bytes.TrimRight(trimmed, " \t\r\n")) == "null" {
		return nil, &Error{Code: fault.Invalid, Msg: "the expression is missing"}
	}
	if trimmed[0] != '"' {
		return ParseJSON(raw)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, &Error{Code: fault.Invalid, Msg: "the expression is not a whole JSON string"}
	}
	return ParseText(text)
}

// ParseJSON parses the JSON form. Errors are *Error with offset and path.
// Unknown and repeated keys are refused.
func ParseJSON(src []byte) (Node, error) {
	if len(src) > MaxBytes {
		return nil, tooLarge()
	}
	p := &jsonParser{src: src, dec: json.NewDecoder(bytes.NewReader(src))}
	p.dec.UseNumber()
	n, err := p.node("", 1)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errAt(Pos{Offset: p.start()}, "the JSON ends, and then there is more")
	}
	if err := Check(n); err != nil {
		return nil, err
	}
	return n, nil
}

// jsonParser reads tokens: it sees repeated keys, knows where it is, and stops
// at a depth before the next level is looked at.
type jsonParser struct {
	src   []byte
	dec   *json.Decoder
	nodes int
}

// start is the offset of the token that comes next.
func (p *jsonParser) start() int {
	i := int(p.dec.InputOffset())
	for i < len(p.src) && strings.IndexByte(" \t\r\n:,", p.src[i]) >= 0 {
		i++
	}
	return i
}

// token reads the next token; a syntax error becomes one at its offset.
func (p *jsonParser) token(path string) (json.Token, Pos, error) {
	at := Pos{Offset: p.start(), Path: path}
	t, err := p.dec.Token()
	if err == nil {
		return t, at, nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, at, errAt(at, "this is not JSON: %s", syntax.Error())
	}
	return nil, at, errAt(at, "the JSON ends too early")
}

// open reads the { or [ that begins a value.
func (p *jsonParser) open(path string, delim json.Delim, want string) (Pos, error) {
	t, at, err := p.token(path)
	if err == nil && t != delim {
		err = errAt(at, "expected %s, found %s", want, describe(t))
	}
	return at, err
}

// node reads one object with one key.
func (p *jsonParser) node(path string, depth int) (Node, error) {
	at, err := p.open(path, '{', `an object such as {"group":12}`)
	if err != nil {
		return nil, err
	}
	if depth > MaxDepth {
		return nil, errAt(at, "%s", tooDeep)
	}
	if p.nodes++; p.nodes > MaxNodes {
		return nil, errAt(at, "the expression has more than %d clauses and operators", MaxNodes)
	}
	t, keyAt, err := p.token(path)
	if err != nil {
		return nil, err
	}
	key, ok := t.(string)
	if !ok {
		return nil, errAt(at, `an empty object says nothing; expected one of all, any, not, group, tag and orders`)
	}
	n, err := p.operator(key, keyAt, at, join(path, key), depth)
	if err != nil {
		return nil, err
	}
	t, nextAt, err := p.token(path)
	if err != nil {
		return nil, err
	}
	if next, ok := t.(string); ok && next == key {
		return nil, errAt(nextAt, "%q is given twice", clip(next))
	} else if ok {
		return nil, errAt(nextAt, `%q stands beside %q; each object has one key, join them with "all" or "any"`, clip(next), key)
	}
	return n, nil
}

func (p *jsonParser) operator(key string, keyAt, at Pos, path string, depth int) (Node, error) {
	switch key {
	case "all", "any":
		of, err := p.list(path, depth)
		if err != nil || len(of) == 1 {
			return first(of), err
		}
		if key == "all" {
			return All{Of: of, At: at}, nil
		}
		return Any{Of: of, At: at}, nil
	case "not":
		n, err := p.node(path, depth+1)
		return Not{Of: n, At: at}, err
	case "group":
		id, err := p.id(path, "group id", 1, 1<<64-1)
		return Group{ID: id, At: at}, err
	case "tag":
		id, err := p.id(path, "tag id", 1, 1<<32-1)
		return Tag{ID: uint32(id), At: at}, err
	case "orders":
		return p.orders(path, at)
	}
	keyAt.Path = path
	return nil, errAt(keyAt, "%q is not known here; all, any, not, group, tag and orders are", clip(key))
}

func (p *jsonParser) list(path string, depth int) ([]Node, error) {
	at, err := p.open(path, '[', "a list of clauses")
	if err != nil {
		return nil, err
	}
	var of []Node
	for p.dec.More() {
		n, err := p.node(path+"["+strconv.Itoa(len(of))+"]", depth+1)
		if err != nil {
			return nil, err
		}
		of = append(of, n)
	}
	if _, _, err := p.token(path); err != nil {
		return nil, err
	}
	if len(of) == 0 {
		return nil, errAt(at, "an empty list of clauses says nothing; name at least one")
	}
	return of, nil
}

func join(path, key string) string {
	if path == "" {
		return clip(key)
	}
	return path + "." + clip(key)
}
