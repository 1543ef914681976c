package channels

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"muster/internal/fault"
)

// Layout is a compiled message: bytes that are the same for everyone, and places where something of the user goes.
// It is immutable once built and safe for concurrent use.
type Layout struct {
	url       string
	parts     []part
	fields    []string // attributes needed, each once, in order of first use
	index     map[string]int
	addressed bool // needs an openid
	vars      map[string]string
}

type part struct {
	kind  partKind
	raw   []byte // literal
	field int    // attribute: index into fields
	where where  // attribute: what it becomes part of
}

// where is what a value becomes part of.
type where uint8

const (
	inText  where = iota
	inPath        // of an address
	inQuery       // of an address, or behind it
)

type partKind uint8

const (
	literal partKind = iota
	attribute
	userID
	openID
)

// NewLayout begins a layout; vars are the campaign's variables.
func NewLayout(vars map[string]string) *Layout {
	return &Layout{vars: vars, index: map[string]int{}}
}

// Fields returns the attributes that a recipient's Values must hold, in this order.
func (l *Layout) Fields() []string { return l.fields }

// URL is where a webhook's message goes.
func (l *Layout) URL() string { return l.url }

// SetURL says where a webhook's message goes.
func (l *Layout) SetURL(url string) { l.url = url }

// Raw adds bytes as they are.
func (l *Layout) Raw(s string) *Layout {
	if n := len(l.parts); n > 0 && l.parts[n-1].kind == literal {
		l.parts[n-1].raw = append(l.parts[n-1].raw, s...)
		return l
	}
	l.parts = append(l.parts, part{raw: []byte(s)})
	return l
}

// String adds a JSON string literal.
func (l *Layout) String(s string) *Layout {
	return l.Raw(string(append(AppendEscaped([]byte{'"'}, s), '"')))
}

// OpenID adds the recipient's openid as a JSON string.
func (l *Layout) OpenID() *Layout {
	l.addressed = true
	l.Raw(`"`)
	l.parts = append(l.parts, part{kind: openID})
	return l.Raw(`"`)
}

// UserID adds the recipient's id as bare digits.
func (l *Layout) UserID() *Layout {
	l.parts = append(l.parts, part{kind: userID})
	return l
}

// Text adds a text with placeholders as a JSON string: {{user_id}}, a variable of the campaign, or an attribute of
// the user. A variable hides an attribute of the same name. Errors blame field.
func (l *Layout) Text(field, text string) error { return l.text(field, text, inText) }

// Link is Text for an address: what stands for a placeholder is percent-encoded, so that no value adds a parameter of
// its own. RFC 3986, 2.3 says which characters need not be. Before the parameters a slash stays one, too: a value may
// be a path.
func (l *Layout) Link(field, text string) error { return l.text(field, text, inPath) }

func (l *Layout) text(field, text string, at where) error {
	l.Raw(`"`)
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "{{")
		l.Raw(string(AppendEscaped(nil, before)))
		if !found {
			break
		}
		if at == inPath && strings.ContainsAny(before, "?#") {
			at = inQuery
		}
		inner, tail, closed := strings.Cut(after, "}}")
		inner = strings.TrimSpace(inner)
		if !closed || inner == "" || strings.ContainsAny(inner, "{}") {
			return fault.Field(field, "a placeholder is written {{name}}: an attribute, user_id or a variable of the campaign")
		}
		l.placeholder(inner, at)
		rest = tail
	}
	l.Raw(`"`)
	return nil
}

func (l *Layout) placeholder(name string, at where) {
	if name == "user_id" {
		l.UserID()
		return
	}
	if v, ok := l.vars[name]; ok {
		l.Raw(string(appendValue(nil, v, at)))
		return
	}
	i, ok := l.index[name]
	if !ok {
		i = len(l.fields)
		l.fields = append(l.fields, name)
		l.index[name] = i
	}
	l.parts = append(l.parts, part{kind: attribute, field: i, where: at})
}

// Missing names what a recipient lacks: an attribute, "openid", or "" when nothing.
func (l *Layout) Missing(r *Recipient) string {
	if l.addressed && r.OpenID == "" {
		return "openid"
	}
	for i := range l.fields {
		if i >= len(r.Values) || !r.Values[i].OK {
			return l.fields[i]
		}
	}
	return ""
}

// Append writes one recipient's message. Nothing may be Missing.
func (l *Layout) Append(dst []byte, r *Recipient) []byte {
	for i := range l.parts {
		switch p := &l.parts[i]; p.kind {
		case literal:
			dst = append(dst, p.raw...)
		case attribute:
			v := &r.Values[p.field]
			at := p.where
			if v.absent {
				at = inText
			}
			dst = appendValue(dst, v.Text, at)
		case userID:
			dst = strconv.AppendUint(dst, r.UserID, 10)
		case openID:
			dst = AppendEscaped(dst, r.OpenID)
		}
	}
	return dst
}

// size is about how many bytes one recipient's message has: values are counted as they are, before escaping.
func (l *Layout) size(r *Recipient) int {
	n := 0
	for i := range l.parts {
		if p := &l.parts[i]; p.kind == attribute {
			n += len(r.Values[p.field].Text)
		} else {
			n += len(p.raw)
		}
	}
	return n
}

// appendValue writes what stands for a placeholder into a JSON string.
func appendValue(dst []byte, s string, at where) []byte {
	if at == inText {
		return AppendEscaped(dst, s)
	}
	return appendPercent(dst, s, at)
}

// appendPercent writes s percent-encoded, which needs no escaping in JSON.
func appendPercent(dst []byte, s string, at where) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && at == inPath:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// AppendEscaped writes s as the inside of a JSON string. Bytes that are not UTF-8 become U+FFFD.
func AppendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(dst, s[start:]...)
}
