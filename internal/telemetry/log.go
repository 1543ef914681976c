package telemetry

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"
)

// Refused stands in a log where a value was that must not be there.
const Refused = "[refused]"

// NewLogger writes to w what is at least level. Format is text, json, or auto:
// text if w is a terminal, else JSON.
func NewLogger(w io.Writer, level slog.Leveler, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: Redact}
	if format == "text" || format != "json" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// Redact is a slog ReplaceAttr function: it puts [Refused] in place of the value
// of every attribute that is, or is in a group that is, named like personal data
// or a secret.
func Redact(groups []string, a slog.Attr) slog.Attr {
	if Sensitive(a.Key) {
		return slog.String(a.Key, Refused)
	}
	for _, g := range groups {
		if Sensitive(g) {
			return slog.String(a.Key, Refused)
		}
	}
	return a
}

// Sensitive says whether a name has a word in it that stands for personal data or
// a secret: phone, admin_key, accessToken. A name that only counts or identifies
// such things (key_id, phone_count) has none.
func Sensitive(name string) bool {
	words := splitWords(name)
	for i := range words {
		words[i] = strings.TrimSuffix(words[i], "s")
		if i > 0 && words[i] == "id" && (words[i-1] == "open" || words[i-1] == "union") {
			words[i] = words[i-1] + "id" // open_id is the address itself, no id of one
		}
	}
	if len(words) > 1 {
		switch words[len(words)-1] {
		case "id", "count", "type", "name":
			return false
		}
	}
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "phone", "mobile", "openid", "unionid", "secret", "token", "key", "apikey", "password", "authorization":
			return true
		}
		return false
	})
}

// splitWords cuts snake_case, kebab-case, dotted.names and camelCase into lower-case words.
func splitWords(name string) []string {
	var words []string
	start, runes := 0, []rune(name)
	cut := func(end int) {
		if end > start {
			words = append(words, strings.ToLower(string(runes[start:end])))
		}
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && !unicode.IsUpper(runes[i-1]):
			cut(i)
			start = i
		}
	}
	cut(len(runes))
	return words
}
