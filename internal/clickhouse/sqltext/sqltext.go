// Package sqltext walks over SQL without understanding it: enough to split a
// file into statements and to find where an INSERT's data begins. It must never
// be used to judge what a statement does; the engine's parser does that.
package sqltext

import "strings"

// Token is one word, quoted name, symbol or string of a statement.
type Token struct {
	Text       string // as written; a quoted name keeps its quotes
	Start, End int
	Depth      int // parentheses around it
}

// Is says whether the token is the word, in any case.
func (t Token) Is(word string) bool { return strings.EqualFold(t.Text, word) }

// Scanner walks over a text from its beginning.
type Scanner struct {
	s     string
	pos   int
	depth int
}

// New starts at the head of a text.
func New(sql string) *Scanner { return &Scanner{s: sql} }

// Next returns the next token, past blanks and comments; its Text is "" at the end.
func (sc *Scanner) Next() Token {
	sc.skipBlank()
	start := sc.pos
	if start >= len(sc.s) {
		return Token{Start: start, End: start, Depth: sc.depth}
	}
	c := sc.s[start]
	switch {
	case c == '\'' || c == '"' || c == '`':
		sc.quoted(c)
	case IsWord(c):
		for sc.pos < len(sc.s) && IsWord(sc.s[sc.pos]) {
			sc.pos++
		}
	default:
		sc.pos++
	}
	t := Token{Text: sc.s[start:sc.pos], Start: start, End: sc.pos, Depth: sc.depth}
	switch c {
	case '(':
		sc.depth++
	case ')':
		sc.depth--
	}
	return t
}

// IsWord says whether c can stand in a word: a name, keyword or number.
func IsWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func (sc *Scanner) quoted(q byte) {
	for sc.pos++; sc.pos < len(sc.s); sc.pos++ {
		switch sc.s[sc.pos] {
		case '\\':
			sc.pos++
		case q:
			sc.pos++
			return
		}
	}
	sc.pos = len(sc.s)
}

func (sc *Scanner) skipBlank() {
	for sc.pos < len(sc.s) {
		rest := sc.s[sc.pos:]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(rest[0])):
			sc.pos++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			sc.skipPast(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			sc.skipPast(rest, "*/")
		default:
			return
		}
	}
}

func (sc *Scanner) skipPast(rest, end string) {
	i := strings.Index(rest, end)
	if i < 0 {
		sc.pos = len(sc.s)
		return
	}
	sc.pos += i + len(end)
}

// Split cuts a text into its statements at every semicolon outside of quotes,
// comments and parentheses. Blanks around a statement and empty ones are dropped.
func Split(sql string) []string {
	var out []string
	sc, from := New(sql), -1
	for t := sc.Next(); t.Text != ""; t = sc.Next() {
		switch {
		case t.Text == ";" && t.Depth == 0:
			if from >= 0 {
				out = append(out, strings.TrimSpace(sql[from:t.Start]))
			}
			from = -1
		case from < 0:
			from = t.Start
		}
	}
	if from >= 0 {
		out = append(out, strings.TrimSpace(sql[from:]))
	}
	return out
}
