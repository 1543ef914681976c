package sandbox

// scanner walks over JSON without building anything. It is as strict as it must be to find where values end and to
// keep every kept line valid JSON.
type scanner struct {
	b     []byte
	i     int
	depth int
}

const maxDepth = 32

func (s *scanner) space() {
	for s.i < len(s.b) && (s.b[s.i] == ' ' || s.b[s.i] == '\n' || s.b[s.i] == '\t' || s.b[s.i] == '\r') {
		s.i++
	}
}

func (s *scanner) next(c byte) bool {
	s.space()
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// object reads an object; field is called with each raw name and must read the value.
func (s *scanner) object(field func(name []byte) bool) bool {
	if !s.next('{') {
		return false
	}
	if s.next('}') {
		return true
	}
	for {
		s.space()
		name, ok := s.str()
		if !ok || !s.next(':') || !field(name) {
			return false
		}
		if s.next('}') {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

// value reads any value and returns its bytes.
func (s *scanner) value() ([]byte, bool) {
	s.space()
	start := s.i
	if s.i >= len(s.b) {
		return nil, false
	}
	var ok bool
	switch c := s.b[s.i]; {
	case c == '"':
		_, ok = s.str()
	case c == '{':
		if s.depth++; s.depth > maxDepth {
			return nil, false
		}
		ok = s.object(func([]byte) bool { _, ok := s.value(); return ok })
		s.depth--
	case c == '[':
		if s.depth++; s.depth > maxDepth {
			return nil, false
		}
		ok = s.array()
		s.depth--
	case c == 't':
		ok = s.word("true")
	case c == 'f':
		ok = s.word("false")
	case c == 'n':
		ok = s.word("null")
	default:
		ok = s.number()
	}
	return s.b[start:s.i], ok
}

func (s *scanner) array() bool {
	s.i++
	if s.next(']') {
		return true
	}
	for {
		if _, ok := s.value(); !ok {
			return false
		}
		if s.next(']') {
			return true
		}
		if !s.next(',') {
			return false
		}
	}
}

// str reads a string at s.i and returns it with its quotes.
func (s *scanner) str() ([]byte, bool) {
	start := s.i
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return nil, false
	}
	for s.i++; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start:s.i], true
		case c < ' ':
			return nil, false
		case c == '\\':
			if !s.escape() {
				return nil, false
			}
		}
	}
	return nil, false
}

// escape reads what follows a backslash, up to its last byte.
func (s *scanner) escape() bool {
	s.i++
	if s.i >= len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.i++
			if s.i >= len(s.b) || !hexDigit(s.b[s.i]) {
				return false
			}
		}
		return true
	}
	return false
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func (s *scanner) word(w string) bool {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return false
	}
	s.i += len(w)
	return true
}

func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i - start
}

func (s *scanner) at(set string) bool {
	if s.i >= len(s.b) {
		return false
	}
	for i := range len(set) {
		if s.b[s.i] == set[i] {
			s.i++
			return true
		}
	}
	return false
}

func (s *scanner) number() bool {
	s.at("-")
	if !s.at("0") && s.digits() == 0 {
		return false
	}
	if s.at(".") && s.digits() == 0 {
		return false
	}
	if s.at("eE") {
		s.at("+-")
		return s.digits() > 0
	}
	return true
}
