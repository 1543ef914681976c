package commands

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/internal/fault"
)

// checkKeyword holds one field of a WeChat subscribe message against the limits of
// its keyword, as "Parameters of subscribe messages" in WeChat's documents of
// subscribeMessage.send lists them. Only what is written in the template is checked:
// what placeholders will hold is known when a message is made. Keywords that WeChat
// may add are let through.
func checkKeyword(key, text string) error {
	field := "data." + key
	keyword := strings.TrimRight(key, "0123456789")
	if keyword == "" || keyword == key || strings.Trim(keyword, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return fault.Field(field, "a WeChat keyword is a type and a number, as thing1")
	}
	if text == "" {
		return fault.Field(field, "must not be empty: WeChat refuses empty keywords")
	}
	names, literal, err := placeholders(field, text)
	if err != nil {
		return err
	}
	limit, chars := keywordLimit(keyword, literal)
	if n := utf8.RuneCountInString(literal); limit > 0 && n > limit {
		return fault.Field(field, "has %d characters, WeChat allows %d for %s", n, limit, keyword)
	}
	if chars != nil && strings.ContainsFunc(literal, func(r rune) bool { return !chars(r) }) {
		return fault.Field(field, "has characters that WeChat does not allow for %s", keyword)
	}
	if keyword == "amount" && len(names) == 0 && !amountForm.MatchString(literal) {
		return fault.Field(field, "an amount is at most one currency sign, up to 10 digits, and perhaps 元")
	}
	return nil
}

var amountForm = regexp.MustCompile(`^[^\d\s]?\d{1,10}(\.\d+)?元?$`)

// keywordLimit is how many characters a keyword's text may have (0: no limit that
// can be checked here), and which; nil is any.
func keywordLimit(keyword, literal string) (limit int, chars func(rune) bool) {
	switch keyword {
	case "thing":
		return 20, nil
	case "number":
		return 32, func(r rune) bool { return isDigit(r) || r == '.' || r == '-' }
	case "letter":
		return 32, isLetter
	case "symbol":
		return 5, func(r rune) bool { return !isDigit(r) && !isLetter(r) && !unicode.Is(unicode.Han, r) }
	case "character_string":
		return 32, func(r rune) bool { return !unicode.Is(unicode.Han, r) }
	case "phone_number":
		return 17, func(r rune) bool { return !unicode.IsLetter(r) }
	case "car_number":
		return 8, nil
	case "name":
		if strings.ContainsFunc(literal, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return 10, nil
		}
		return 20, nil
	case "phrase":
		return 5, func(r rune) bool { return unicode.Is(unicode.Han, r) }
	}
	return 0, nil
}

func isDigit(r rune) bool  { return r >= '0' && r <= '9' }
func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
