package segments

import (
	"encoding/json"
	"fmt"
	"strings"
)

// orders reads {"days":2,"more_than":2,…}.
func (p *jsonParser) orders(path string, at Pos) (Node, error) {
	n := Orders{At: at}
	if _, err := p.open(path, '{', `an object such as {"days":2,"more_than":2}`); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for p.dec.More() {
		t, keyAt, err := p.token(path)
		if err != nil {
			return nil, err
		}
		key, _ := t.(string) // the decoder lets nothing else through here
		keyAt.Path = join(path, key)
		if seen[key] {
			return nil, errAt(keyAt, "%q is given twice", clip(key))
		}
		seen[key] = true
		if err := p.orderKey(&n, key, keyAt); err != nil {
			return nil, err
		}
	}
	end := Pos{Offset: p.start(), Path: path}
	if _, _, err := p.token(path); err != nil {
		return nil, err
	}
	if !seen["days"] {
		return nil, errAt(end, `"days" is missing; write {"days":2,"more_than":2}`)
	}
	if n.Op == "" {
		return nil, errAt(end, "a comparison is missing: one of more_than, at_least, less_than, at_most and exactly")
	}
	return n, nil
}

func (p *jsonParser) orderKey(n *Orders, key string, keyAt Pos) error {
	var err error
	switch key {
	case "days":
		var days uint64
		days, err = p.number(keyAt.Path, "number of days", 1, MaxDays)
		n.Days = int(days)
	case "product":
		var id uint64
		id, err = p.id(keyAt.Path, "product id", 0, 1<<64-1)
		n.Product = &id
	case "product_group":
		var id uint64
		id, err = p.id(keyAt.Path, "product group id", 0, 1<<64-1)
		n.ProductGroup = &id
	case "until":
		n.Until, err = p.date(keyAt.Path)
	default:
		if Op(key).Sign() == "" {
			return errAt(keyAt, "%q is not known here; days, product, product_group, until and a comparison are", clip(key))
		}
		if n.Op != "" {
			return errAt(keyAt, "%q stands beside %q; one comparison is enough", key, n.Op)
		}
		n.Op = Op(key)
		n.N, err = p.number(keyAt.Path, "number of orders", 0, MaxCount)
	}
	return err
}

// number reads a JSON number that is whole.
func (p *jsonParser) number(path, what string, least, most uint64) (uint64, error) {
	t, at, err := p.token(path)
	if err != nil {
		return 0, err
	}
	s, ok := t.(json.Number)
	if !ok {
		return 0, errAt(at, "expected the %s, a whole number, found %s", what, describe(t))
	}
	return wholeAt(at, string(s), what, least, most)
}

// id reads a whole number, or a string of its decimal digits.
func (p *jsonParser) id(path, what string, least, most uint64) (uint64, error) {
	t, at, err := p.token(path)
	if err != nil {
		return 0, err
	}
	switch s := t.(type) {
	case json.Number:
		return wholeAt(at, string(s), what, least, most)
	case string:
		return wholeAt(at, s, what, least, most)
	}
	return 0, errAt(at, "expected the %s, a whole number or its digits as a string, found %s", what, describe(t))
}

func wholeAt(at Pos, s, what string, least, most uint64) (uint64, error) {
	n, msg := parseWhole(s, what, least, most)
	if msg != "" {
		return 0, errAt(at, "%s", msg)
	}
	return n, nil
}

func (p *jsonParser) date(path string) (*Date, error) {
	t, at, err := p.token(path)
	if err != nil {
		return nil, err
	}
	s, ok := t.(string)
	if !ok {
		return nil, errAt(at, `expected a day such as "2024-01-31", found %s`, describe(t))
	}
	d, msg := parseDate(s)
	if msg != "" {
		return nil, errAt(at, `expected a day such as "2024-01-31", found %q%s`, clip(s), msg)
	}
	return &d, nil
}

// describe is a JSON token as messages show it.
func describe(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		switch t {
		case '{':
			return "an object"
		case '[':
			return "a list"
		}
		return fmt.Sprintf("%q", t.String())
	case string:
		return fmt.Sprintf("the string %q", clip(strings.ToValidUTF8(t, "�")))
	case json.Number:
		return "the number " + clip(t.String())
	case nil:
		return "null"
	}
	return fmt.Sprintf("%v", t)
}
