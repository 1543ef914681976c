package commands

import (
	"strings"

	"muster/events"
	"muster/internal/fault"
)

// template is what campaigns send. It exists when it has an id.
type template struct {
	events.Template
	seq uint64 // of the event that defined it last
}

func (t *template) apply(e *events.Event, payload any) {
	if p, ok := payload.(*events.TemplateDefined); ok {
		t.Template, t.seq = p.Template, e.Seq
	}
}

// placeholders returns the names in {{...}} of a text, and the text without them.
// A name is one or more of [A-Za-z0-9_.].
func placeholders(field, text string) (names []string, literal string, err error) {
	var b strings.Builder
	for rest := text; ; {
		before, after, opened := strings.Cut(rest, "{{")
		if strings.Contains(before, "}}") {
			return nil, "", fault.Field(field, "has }} without {{ before it")
		}
		b.WriteString(before)
		if !opened {
			return names, b.String(), nil
		}
		name, next, closed := strings.Cut(after, "}}")
		if !closed || strings.Contains(name, "{") {
			return nil, "", fault.Field(field, "has {{ without }} behind it")
		}
		if !isVariable(name) {
			return nil, "", fault.Field(field, "{{%.40s}} is not a placeholder: use A-Z, a-z, 0-9, _ and . between the braces, without spaces", name)
		}
		names, rest = append(names, name), next
	}
}

// isVariable says whether s may be the name of a variable or attribute.
func isVariable(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range s {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.'
		if !ok {
			return false
		}
	}
	return true
}
