package segments

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Text prints the canonical text form: lower case, one space around operators,
// parentheses only where a lower operator stands in a higher one or a list in a
// list of its own kind. A list of one prints as that one.
func Text(n Node) string {
	var b strings.Builder
	writeText(&b, n, false)
	return b.String()
}

// writeText prints n; inner says whether n stands inside an operator, where
// lists need parentheses unless they bind tighter ("and" inside "or").
func writeText(b *strings.Builder, n Node, inner bool) {
	switch n := n.(type) {
	case All:
		writeList(b, n.Of, " and ", inner, func(c Node) bool { return true })
	case Any:
		writeList(b, n.Of, " or ", inner, func(c Node) bool { _, and := c.(All); return !and })
	case Not:
		b.WriteString("not ")
		writeText(b, n.Of, true)
	case Group:
		b.WriteString("group(" + strconv.FormatUint(n.ID, 10) + ")")
	case Tag:
		b.WriteString("tag(" + strconv.FormatUint(uint64(n.ID), 10) + ")")
	case Orders:
		b.WriteString("orders(days=" + strconv.Itoa(n.Days))
		if n.Product != nil {
			b.WriteString(", product=" + strconv.FormatUint(*n.Product, 10))
		}
		if n.ProductGroup != nil {
			b.WriteString(", product_group=" + strconv.FormatUint(*n.ProductGroup, 10))
		}
		if n.Until != nil {
			b.WriteString(", until=" + n.Until.String())
		}
		b.WriteString(") " + n.Op.Sign() + " " + strconv.FormatUint(n.N, 10))
	}
}

func writeList(b *strings.Builder, of []Node, sep string, parens bool, wrap func(Node) bool) {
	if len(of) == 1 {
		writeText(b, of[0], parens)
		return
	}
	if parens {
		b.WriteByte('(')
	}
	for i, c := range of {
		if i > 0 {
			b.WriteString(sep)
		}
		writeText(b, c, wrap(unlist(c)))
	}
	if parens {
		b.WriteByte(')')
	}
}

// unlist takes lists of one apart: they mean, and print as, what they hold.
func unlist(n Node) Node {
	for {
		c := children(n)
		if _, not := n.(Not); not || len(c) != 1 {
			return n
		}
		n = c[0]
	}
}

// JSON prints the canonical JSON form: no spaces, keys in a fixed order, ids as
// numbers up to 2^53-1 and as decimal strings beyond. A list of one prints as
// that one.
func JSON(n Node) json.RawMessage { return appendJSON(nil, n) }

func appendJSON(b []byte, n Node) []byte {
	switch n := unlist(n).(type) {
	case All:
		return appendList(append(b, `{"all":[`...), n.Of)
	case Any:
		return appendList(append(b, `{"any":[`...), n.Of)
	case Not:
		return append(appendJSON(append(b, `{"not":`...), n.Of), '}')
	case Group:
		return append(appendID(append(b, `{"group":`...), n.ID), '}')
	case Tag:
		return append(appendID(append(b, `{"tag":`...), uint64(n.ID)), '}')
	case Orders:
		b = strconv.AppendInt(append(b, `{"orders":{"days":`...), int64(n.Days), 10)
		if n.Product != nil {
			b = appendID(append(b, `,"product":`...), *n.Product)
		}
		if n.ProductGroup != nil {
			b = appendID(append(b, `,"product_group":`...), *n.ProductGroup)
		}
		if n.Until != nil {
			b = append(b, `,"until":"`+n.Until.String()+`"`...)
		}
		b = append(b, `,"`+string(n.Op)+`":`...)
		return append(strconv.AppendUint(b, n.N, 10), "}}"...)
	}
	return append(b, "null"...)
}

func appendList(b []byte, of []Node) []byte {
	for i, c := range of {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, c)
	}
	return append(b, "]}"...)
}

func appendID(b []byte, id uint64) []byte {
	if id < 1<<53 {
		return strconv.AppendUint(b, id, 10)
	}
	return append(strconv.AppendUint(append(b, '"'), id, 10), '"')
}
