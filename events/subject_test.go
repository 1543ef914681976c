package events_test

import (
	"strings"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func TestSubjects(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]events.Subject{
		"evt.demo.group.12":                           events.EventSubject("demo", "group", "12"),
		"evt._.settings.global":                       events.EventSubject("_", "settings", "global"),
		"evt.a-b_9.upload.iAZ_x":                      events.EventSubject("a-b_9", "upload", "iAZ_x"),
		"ledger.demo.31.7":                            events.LedgerSubject("demo", "31", "7"),
		"ledger." + strings.Repeat("b", 32) + ".31.7": events.LedgerSubject(strings.Repeat("b", 32), "31", "7"),
	} {
		if s.String() != want {
			t.Errorf("%s, want %s", s, want)
		}
		if back, err := events.ParseSubject(want); err != nil || back != s {
			t.Errorf("%s came back as %v: %v", want, back, err)
		}
	}
	for _, bad := range []string{
		"", "evt", "evt.demo.group", "evt.demo.group.1.2", "evt..group.1", "evt.demo..1", "evt.demo.group.", "cmd.demo.group.1",
		"evt.Demo.group.1", "evt.-demo.group.1", "evt.de mo.group.1", "evt.*.group.1", "evt.demo.group.>", "evt.demo.group.*",
		"evt.demo.group.ü", "evt.demo.gr\noup.1", "evt." + strings.Repeat("b", 33) + ".group.1", "evt.demo.group." + strings.Repeat("1", 129),
	} {
		if s, err := events.ParseSubject(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was read as %v: %v", bad, s, err)
		}
	}
}

func FuzzParseSubject(f *testing.F) {
	for _, s := range []string{"evt.demo.group.12", "ledger.demo.31.7", "evt._.key.k1", "evt.*.group.>", "evt...", "a.b.c.d.e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := events.ParseSubject(text)
		if err != nil {
			return
		}
		if s.String() != text {
			t.Fatalf("%q came back as %q", text, s)
		}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text, "*> \t\r\n") || len(text) > 7+32+1+128+1+128 {
			t.Fatalf("%q is no literal subject", text)
		}
	})
}
