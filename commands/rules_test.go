package commands

import (
	"testing"

	"muster/internal/fault"
)

func TestNamesCanBeSeen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", " ", "\u3000", "\u200b", "\u200b\u200c\u200d\u2060\ufeff", " \u00ad ", "\u3164", "\u115f\uffa0", "\u2800", "\ufe0f", "\u0301", "\U000e0041",
		"a\tb", "a\x00", "a\u0085", "a\u2028b", "a\u2029",
		"gnp.\u202eexe", "\u202aa", "a\u202b", "a\u202c", "a\u202d", "a\u2066b", "a\u2067", "a\u2068", "a\u2069",
		"a\xff",
	} {
		if err := checkName("name", name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"a", "1", "-", "春季活动", "👩\u200d👩\u200d👧", "❤\ufe0f", "می\u200cخواهم", "אבג\u200f", "é", "e\u0301", "क्ष", "ไทย", " a ",
	} {
		if err := checkName("name", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
