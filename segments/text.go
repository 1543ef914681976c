package segments

// The grammar, in order of binding from loose to tight; words in any case:
//
//	or      = and { "or" and }
//	and     = not { "and" not }
//	not     = "not" not | "(" or ")" | clause
//	clause  = "group" "(" id ")" | "tag" "(" id ")" | "orders" "(" args ")" sign count
//	args    = arg { "," arg }        each name once, days always
//	arg     = ( "days" | "product" | "product_group" | "until" ) "=" value
//	sign    = ">" | ">=" | "<" | "<=" | "="

const tooDeep = "the expression is nested too deeply; 100 levels are the most"

// ParseText parses the text form. Errors are *Error with offset, line and column.
func ParseText(src string) (Node, error) {
	if len(src) > MaxBytes {
		return nil, tooLarge()
	}
	p := &textParser{lex: newLexer(src)}
	p.advance()
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		if p.isSign(")") {
			return nil, errAt(p.tok.at, `")" closes nothing; a "(" is missing before it`)
		}
		return nil, errAt(p.tok.at, `expected "and", "or" or the end, found %s`, p.tok)
	}
	if err := Check(n); err != nil {
		return nil, err
	}
	return n, nil
}

type textParser struct {
	lex   *lexer
	tok   token // the one looked at
	nest  int   // parentheses and nots that are open; bounds the recursion
	nodes int   // clauses read; stops a long list before Check would
}

func (p *textParser) advance() { p.tok = p.lex.next() }

func (p *textParser) isWord(w string) bool { return p.tok.kind == tokWord && p.tok.text == w }
func (p *textParser) isSign(s string) bool { return p.tok.kind == tokSign && p.tok.text == s }

func (p *textParser) or() (Node, error) {
	of, at, err := p.list("or", p.and)
	if err != nil || len(of) == 1 {
		return first(of), err
	}
	return Any{Of: of, At: at}, nil
}

func (p *textParser) and() (Node, error) {
	of, at, err := p.list("and", p.not)
	if err != nil || len(of) == 1 {
		return first(of), err
	}
	return All{Of: of, At: at}, nil
}

func first(of []Node) Node {
	if len(of) == 0 {
		return nil
	}
	return of[0]
}

// list reads operand { word operand }; it begins where its first operand does.
func (p *textParser) list(word string, operand func() (Node, error)) ([]Node, Pos, error) {
	at := p.tok.at
	var of []Node
	for {
		n, err := operand()
		if err != nil {
			return nil, at, err
		}
		of = append(of, n)
		if !p.isWord(word) {
			return of, at, nil
		}
		p.advance()
	}
}

func (p *textParser) not() (Node, error) {
	at := p.tok.at
	if !p.isWord("not") && !p.isSign("(") {
		return p.clause()
	}
	if p.nest++; p.nest >= MaxDepth {
		return nil, errAt(at, "%s", tooDeep)
	}
	defer func() { p.nest-- }()
	if p.isWord("not") {
		p.advance()
		n, err := p.not()
		if err != nil {
			return nil, err
		}
		return Not{Of: n, At: at}, nil
	}
	p.advance()
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.isSign(")") {
		if p.tok.kind == tokEnd {
			return nil, errAt(p.tok.at, `the "(" at line %d, column %d is not closed`, at.Line, at.Col)
		}
		return nil, errAt(p.tok.at, `expected "and", "or" or ")", found %s`, p.tok)
	}
	p.advance()
	return n, nil
}

func (p *textParser) clause() (Node, error) {
	at := p.tok.at
	if p.nodes++; p.nodes > MaxNodes {
		return nil, errAt(at, "the expression has more than %d clauses and operators", MaxNodes)
	}
	switch {
	case p.isWord("group"):
		id, err := p.setID("group", 1<<64-1)
		return Group{ID: id, At: at}, err
	case p.isWord("tag"):
		id, err := p.setID("tag", 1<<32-1)
		return Tag{ID: uint32(id), At: at}, err
	case p.isWord("orders"):
		return p.orders()
	case p.tok.kind == tokBad && (p.tok.text == "（" || p.tok.text == "）"):
		return nil, errAt(at, `use the plain parentheses "(" and ")" instead of %s`, p.tok)
	}
	return nil, errAt(at, `expected group(…), tag(…), orders(…), "not" or "(", found %s`, p.tok)
}

// setID reads ( id ) after the word group or tag.
func (p *textParser) setID(word string, most uint64) (uint64, error) {
	p.advance()
	if err := p.sign("(", "write "+word+"(12)"); err != nil {
		return 0, err
	}
	id, err := p.whole(word+" id", 1, most)
	if err != nil {
		return 0, err
	}
	if p.isSign(",") {
		return 0, errAt(p.tok.at, `%s takes one id; join several with "or"`, word)
	}
	return id, p.sign(")", "")
}

// sign reads the sign s, or says what was expected and how to write it.
func (p *textParser) sign(s, hint string) error {
	if !p.isSign(s) {
		if hint != "" {
			hint = "; " + hint
		}
		return errAt(p.tok.at, `expected "%s", found %s%s`, s, p.tok, hint)
	}
	p.advance()
	return nil
}

// whole reads a whole number from least to most.
func (p *textParser) whole(what string, least, most uint64) (uint64, error) {
	if p.tok.kind != tokNumber {
		return 0, errAt(p.tok.at, "expected the %s, a whole number, found %s", what, p.tok)
	}
	n, msg := parseWhole(p.tok.text, what, least, most)
	if msg != "" {
		return 0, errAt(p.tok.at, "%s", msg)
	}
	p.advance()
	return n, nil
}
