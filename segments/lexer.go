package segments

import (
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokEnd    tokenKind = iota
	tokWord             // letters, digits and _, beginning with a letter; lower-cased
	tokNumber           // begins with a digit or a sign: numbers, dates, and what was meant to be one
	tokSign             // ( ) , = > >= < <=
	tokBad              // a character that the language does not have
)

type token struct {
	kind tokenKind
	text string
	at   Pos
}

// String is the token as messages show it.
func (t token) String() string {
	if t.kind == tokEnd {
		return "the end"
	}
	return `"` + clip(t.text) + `"`
}

// lexer cuts text into tokens, one at a time; it never fails, it hands on tokBad.
type lexer struct {
	src string
	pos Pos
}

func newLexer(src string) *lexer { return &lexer{src: src, pos: Pos{Line: 1, Col: 1}} }

func (l *lexer) next() token {
	l.take(func(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	at := l.pos
	if at.Offset == len(l.src) {
		return token{kind: tokEnd, at: at}
	}
	switch c := l.src[at.Offset]; {
	case isLetter(c):
		return token{tokWord, strings.ToLower(l.take(isWordByte)), at}
	case isDigit(c) || c == '-' || c == '+' || c == '.':
		return token{tokNumber, l.take(func(c byte) bool { return isWordByte(c) || c == '-' || c == '+' || c == '.' }), at}
	case c == '>' || c == '<':
		if strings.HasPrefix(l.src[at.Offset+1:], "=") {
			return token{tokSign, l.skip(2), at}
		}
		return token{tokSign, l.skip(1), at}
	case c == '(' || c == ')' || c == ',' || c == '=':
		return token{tokSign, l.skip(1), at}
	}
	_, size := utf8.DecodeRuneInString(l.src[at.Offset:])
	return token{tokBad, strings.ToValidUTF8(l.skip(size), "�"), at}
}

// take moves over the bytes that ok accepts, which are all ASCII.
func (l *lexer) take(ok func(byte) bool) string {
	from := l.pos.Offset
	for l.pos.Offset < len(l.src) && ok(l.src[l.pos.Offset]) {
		if l.src[l.pos.Offset] == '\n' {
			l.pos.Line, l.pos.Col = l.pos.Line+1, 0
		}
		l.pos.Offset++
		l.pos.Col++
	}
	return l.src[from:l.pos.Offset]
}

// skip moves over n bytes that are one sign or one character.
func (l *lexer) skip(n int) string {
	from := l.pos.Offset
	l.pos.Offset += n
	l.pos.Col += utf8.RuneCountInString(l.src[from:l.pos.Offset])
	return l.src[from:l.pos.Offset]
}

func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) }
