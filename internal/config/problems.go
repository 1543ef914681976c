package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong, and where.
type Problem struct {
	Path   string `json:"path"`   // of the setting; empty if the whole source is at fault
	Origin string `json:"origin"` // muster.yaml:12, MUSTER_HTTP_LISTEN, --http or default
	Msg    string `json:"msg"`
}

// String is origin, path and message, as a compiler would print it.
func (p Problem) String() string {
	s := p.Msg
	if p.Path != "" {
		s = p.Path + ": " + s
	}
	if p.Origin != "" {
		s = p.Origin + ": " + s
	}
	return s
}

// Problems is everything that is wrong with a configuration. It is the cause
// (errors.As) of the error that Load returns.
type Problems []Problem

// Error lists them, one to a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(path, origin, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Origin: origin, Msg: fmt.Sprintf(format, args...)})
}
