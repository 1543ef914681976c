package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"muster/internal/fault"
)

const (
	maxName   = 200  // characters
	maxText   = 2000 // characters of descriptions, reasons and template texts
	maxObject = 16 << 10
)

// checkName holds for everything that people name.
func checkName(field, name string) error {
	switch n := utf8.RuneCountInString(name); {
	case strings.TrimSpace(name) == "":
		return fault.Field(field, "must not be empty")
	case !strings.ContainsFunc(name, isVisible):
		return fault.Field(field, "has no character that can be seen")
	case strings.ContainsFunc(name, isDeceptive):
		return fault.Field(field, "must not hold line breaks, nor characters that turn the direction of text")
	case n > maxName:
		return fault.Field(field, "has %d characters, at most %d are allowed", n, maxName)
	}
	return checkChars(field, name)
}

// isVisible says whether a character alone shows something: a letter, a digit or a sign, but none that fills or joins.
func isVisible(r rune) bool {
	const blank = '\u2800' // of Braille: a sign with no dot
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && r != blank
}

// isDeceptive says whether a character makes what stands around it look like something else.
func isDeceptive(r rune) bool {
	return r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// checkText holds for optional texts of up to limit characters.
func checkText(field, text string, limit int) error {
	if n := utf8.RuneCountInString(text); n > limit {
		return fault.Field(field, "has %d characters, at most %d are allowed", n, limit)
	}
	return checkChars(field, text)
}

// checkReason holds for reasons that must be given.
func checkReason(reason string) error {
	if reason == "" {
		return fault.Field("reason", "say why")
	}
	return checkText("reason", reason, maxText)
}

func checkChars(field, text string) error {
	if !utf8.ValidString(text) {
		return fault.Field(field, "is not valid UTF-8")
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return fault.Field(field, "must not hold control characters")
	}
	return nil
}

// The names of the IANA database begin with one of its areas, or are one of the old names
// that stand alone; there are to be no new ones of either. What else a machine knows, such
// as localtime, posixrules, posix/... and right/..., another may not know, or otherwise.
const (
	zoneAreas = " Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific Etc Brazil Canada Chile Mexico US "
	zoneNames = " CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel" +
		" Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC" +
		" Universal W-SU WET Zulu "
)

// IsTimezone says whether a name is a time zone's that means the same on every machine.
func IsTimezone(name string) bool {
	known := zoneNames
	area, _, deeper := strings.Cut(name, "/")
	if deeper {
		known = zoneAreas
	}
	if area == "" || strings.Contains(area, " ") || !strings.Contains(known, " "+area+" ") {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func checkTimezone(name string) error {
	if !IsTimezone(name) {
		return fault.Field("timezone", "%.60q is not a time zone; use a name of the IANA database, such as Asia/Shanghai", name)
	}
	return nil
}

// checkJSON bounds an operator's own JSON; nothing at all is fine.
func checkJSON(field string, raw json.RawMessage) error {
	if len(raw) > maxObject {
		return fault.Field(field, "has %d bytes, at most %d are allowed", len(raw), maxObject)
	}
	if len(raw) > 0 && !json.Valid(raw) {
		return fault.Field(field, "is not valid JSON")
	}
	return nil
}

// given says whether optional JSON says anything: not absent, null or {}.
func given(raw json.RawMessage) bool {
	s := strings.Join(strings.Fields(string(raw)), "")
	return s != "" && s != "null" && s != "{}"
}

// isSlug says whether s is [a-z0-9][a-z0-9_-]{0,63}.
func isSlug(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '_' || s[0] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// isHex says whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// strictJSON refuses unknown fields and anything behind the value.
func strictJSON(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more than one value")
	}
	return nil
}
