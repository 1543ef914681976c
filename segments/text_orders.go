package segments

import (
	"fmt"
	"strconv"
	"time"
)

// orders reads orders(days=2, …) > 2.
func (p *textParser) orders() (Node, error) {
	n := Orders{At: p.tok.at}
	p.advance()
	if err := p.sign("(", "write orders(days=2) > 2"); err != nil {
		return nil, err
	}
	if err := p.orderArgs(&n); err != nil {
		return nil, err
	}
	for _, t := range opTable {
		if p.isSign(t.sign) {
			n.Op = t.op
		}
	}
	if n.Op == "" {
		return nil, errAt(p.tok.at, "expected a comparison after orders(…), such as > 2, found %s", p.tok)
	}
	p.advance()
	var err error
	n.N, err = p.whole("number of orders", 0, MaxCount)
	return n, err
}

// orderArgs reads name=value pairs up to and with the closing parenthesis.
func (p *textParser) orderArgs(n *Orders) error {
	seen := map[string]bool{}
	for {
		name := p.tok
		if name.kind != tokWord {
			return errAt(name.at, "expected days=, product=, product_group= or until=, found %s", name)
		}
		if seen[name.text] {
			return errAt(name.at, "%s is given twice", name)
		}
		seen[name.text] = true
		p.advance()
		if err := p.orderArg(n, name); err != nil {
			return err
		}
		if p.isSign(",") {
			p.advance()
			continue
		}
		if !p.isSign(")") {
			return errAt(p.tok.at, `expected "," or ")", found %s`, p.tok)
		}
		if !seen["days"] {
			return errAt(p.tok.at, "days= is missing; write orders(days=2) > 2")
		}
		p.advance()
		return nil
	}
}

func (p *textParser) orderArg(n *Orders, name token) error {
	switch name.text {
	case "days", "product", "product_group", "until":
	default:
		return errAt(name.at, "%s is not known here; days, product, product_group and until are", name)
	}
	if err := p.sign("=", ""); err != nil {
		return err
	}
	switch name.text {
	case "days":
		days, err := p.whole("number of days", 1, MaxDays)
		n.Days = int(days)
		return err
	case "product":
		id, err := p.whole("product id", 0, 1<<64-1)
		n.Product = &id
		return err
	case "product_group":
		id, err := p.whole("product group id", 0, 1<<64-1)
		n.ProductGroup = &id
		return err
	}
	d, msg := parseDate(p.tok.text)
	if msg != "" || p.tok.kind != tokNumber {
		return errAt(p.tok.at, "expected a day such as 2024-01-31 after until=, found %s%s", p.tok, msg)
	}
	n.Until = &d
	p.advance()
	return nil
}

// parseWhole reads digits without sign, leading zero or exponent; the message
// is for people and "" when all is well. Both forms take their numbers here.
func parseWhole(s, what string, least, most uint64) (uint64, string) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, fmt.Sprintf("the %s must be a whole number, not %q", what, clip(s))
		}
	}
	if s == "" || len(s) > 1 && s[0] == '0' {
		return 0, fmt.Sprintf("the %s must be a whole number without leading zeros, not %q", what, clip(s))
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Sprintf("the %s must be %d to %d, not %s", what, least, most, clip(s))
	}
	return n, ""
}

// parseDate reads 2024-01-31; the message is "" when all is well.
func parseDate(s string) (Date, string) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, ", which is no day"
	}
	d := dateOf(t)
	if !d.valid() {
		return Date{}, fmt.Sprintf(", which is not in the years %d to %d", minYear, maxYear)
	}
	return d, ""
}
