package imports

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of single values.
const (
	maxOpenID      = 128     // characters
	maxOrderID     = 64      // characters
	maxStatus      = 32      // characters
	maxPhone       = 20      // digits; what fits uint64
	maxTags        = 10_000  // of one user: 11 bytes each at the most, so that a row is far below what a chunk may be
	maxAttributes  = 64      // of one user
	maxAttrBytes   = 4 << 10 // of all of a user's attributes, as JSON
	amountPlaces   = 4       // decimals; the read model keeps Decimal(18, 4)
	amountIntegers = 14      // digits before the point
	secondsBelow   = 1e11    // a smaller Unix time is seconds (until the year 5138), others are milliseconds
)

// The functions below return a value and, when it is none, the reason, which never
// repeats the value.

// parseUint reads a whole number up to 2^64-1.
func parseUint(b []byte) (uint64, string) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return 0, "is missing"
	}
	var v uint64
	for i, c := range b {
		d := uint64(c - '0')
		if d > 9 {
			return 0, whyNoUint(b, i)
		}
		if v > (math.MaxUint64-d)/10 {
			return 0, whyNoUint(b, -1)
		}
		v = v*10 + d
	}
	return v, ""
}

// whyNoUint says what is wrong with b, whose byte at is no digit (-1: too large).
func whyNoUint(b []byte, at int) string {
	digits := bytes.TrimLeft(b, "+-")
	plain := len(digits) > 0 && len(b)-len(digits) <= 1
	for _, c := range digits {
		plain = plain && c >= '0' && c <= '9'
	}
	switch {
	case at < 0 && plain:
		return "is above 18446744073709551615"
	case plain && b[0] == '-':
		return "is negative"
	case plain && b[0] == '+':
		return "has a plus sign; only digits are allowed"
	}
	if _, err := strconv.ParseFloat(string(b), 64); err == nil && bytes.ContainsAny(b, ".eE") {
		return "is not a whole number"
	}
	return "is not a number"
}

// parsePhone reads digits, with +, spaces, dashes, dots and brackets between them as people write
// them. An empty one is 0: the user has no phone.
func parsePhone(b []byte) (uint64, string) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return 0, ""
	}
	var v uint64
	digits := 0
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
			d := uint64(c - '0')
			digits++
			if digits > maxPhone || v > (math.MaxUint64-d)/10 {
				return 0, "has too many digits for a phone"
			}
			v = v*10 + d
		case c == '+' && i == 0, c == ' ', c == '-', c == '.', c == '(', c == ')':
		default:
			return 0, "is not a phone: only digits, spaces, dashes and a leading + are allowed"
		}
	}
	if v == 0 {
		return 0, "is not a phone"
	}
	return v, ""
}

// parseText reads up to limit characters of UTF-8 without control characters.
func parseText(b []byte, limit int) (string, string) {
	b = bytes.TrimSpace(b)
	if !utf8.Valid(b) {
		return "", "is not UTF-8"
	}
	if len(b) > limit && utf8.RuneCount(b) > limit {
		return "", "is longer than " + itoa(limit) + " characters"
	}
	if bytes.ContainsFunc(b, unicode.IsControl) {
		return "", "has control characters"
	}
	return string(b), ""
}

// parseTags reads "1,2,3", "1 2 3" (or ; and | between them) or "[1,2,3]": ascending, without duplicates.
func parseTags(b []byte) ([]uint32, string) {
	b = bytes.TrimSpace(b)
	if len(b) >= 2 && b[0] == '[' && b[len(b)-1] == ']' {
		b = b[1 : len(b)-1]
	}
	var tags []uint32
	for len(b) > 0 {
		n := bytes.IndexAny(b, ", ;|\t")
		one := b
		if n >= 0 {
			one, b = b[:n], b[n+1:]
		} else {
			b = nil
		}
		if one = bytes.Trim(one, `"`); len(one) == 0 {
			continue
		}
		t, why := parseTag(one)
		if why != "" {
			return nil, "holds a tag that " + why
		}
		tags = append(tags, t)
	}
	if !slices.IsSorted(tags) {
		slices.Sort(tags)
	}
	if tags = slices.Compact(tags); len(tags) > maxTags {
		return nil, "has more than " + itoa(maxTags) + " tags"
	}
	return tags, ""
}

func parseTag(b []byte) (uint32, string) {
	v, why := parseUint(b)
	if why != "" {
		return 0, why
	}
	if v == 0 || v > math.MaxUint32 {
		return 0, "is not between 1 and 4294967295"
	}
	return uint32(v), ""
}

// CheckAttributes says what an upload would have against a user with these attributes; "" is nothing.
func CheckAttributes(attrs map[string]string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(attrs); err != nil {
		return "cannot be written as JSON"
	}
	_, why := parseAttributes(b.Bytes())
	return why
}

// parseAttributes reads a JSON object of texts, numbers and booleans; null drops a key.
func parseAttributes(b []byte) (map[string]string, string) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return map[string]string{}, ""
	}
	if len(b) > maxAttrBytes {
		return nil, "is longer than " + byteSize(maxAttrBytes)
	}
	if b[0] != '{' {
		return nil, "is not a JSON object"
	}
	attrs := make(map[string]string, bytes.Count(b, []byte{':'}))
	nested, nul, n := false, bytes.IndexByte(b, 0) >= 0, 0
	ok := nul || eachField(b, func(key, raw []byte) bool {
		n++
		nul = nul || bytes.IndexByte(key, 0) >= 0
		switch raw[0] {
		case '{', '[':
			nested = true
		case 'n':
			delete(attrs, string(key))
		case '"':
			text := unquote(raw)
			nul = nul || bytes.IndexByte(text, 0) >= 0
			attrs[string(key)] = string(text)
		default:
			attrs[string(key)] = string(raw)
		}
		return !nested && n <= maxAttributes
	})
	switch {
	case !ok || !utf8.Valid(b):
		return nil, "is not a JSON object"
	case nul:
		return nil, "holds a NUL character"
	case nested:
		return nil, "holds a list or an object; only texts, numbers, true and false are allowed"
	case n > maxAttributes:
		return nil, "has more than " + itoa(maxAttributes) + " entries"
	}
	return attrs, ""
}

// parseAmount reads a decimal of at most 14 digits before and 4 behind the point.
func parseAmount(b []byte) (string, string) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return "0", ""
	}
	whole, places, hasPoint := bytes.Cut(bytes.TrimPrefix(b, []byte{'-'}), []byte{'.'})
	for _, part := range [][]byte{whole, places} {
		for _, c := range part {
			if c < '0' || c > '9' {
				return "", "is not a decimal number"
			}
		}
	}
	places = bytes.TrimRight(places, "0")
	switch {
	case len(whole) == 0 && (len(places) == 0 || !hasPoint):
		return "", "is not a decimal number"
	case len(bytes.TrimLeft(whole, "0")) > amountIntegers:
		return "", "has more than 14 digits before the point"
	case len(places) > amountPlaces:
		return "", "has more than 4 decimal places"
	}
	return string(b), ""
}

// parseTime reads RFC 3339, "2006-01-02 15:04:05" or "2006-01-02" in the product line's time
// zone, or a Unix time in seconds or milliseconds; the result is UTC, whole milliseconds, and
// from 1970 to 2199.
func parseTime(b []byte, zone *time.Location) (time.Time, string) {
	const why = "is not a time: use 2006-01-02T15:04:05Z, 2006-01-02 15:04:05, 2006-01-02 or a Unix time"
	s := string(bytes.TrimSpace(b))
	if s == "" {
		return time.Time{}, "is missing"
	}
	t, ok := readTime(s, zone)
	if !ok {
		return t, why
	}
	t = t.UTC().Truncate(time.Millisecond)
	if y := t.Year(); y < 1970 || y > 2199 {
		return t, "is not between the years 1970 and 2199"
	}
	return t, ""
}

func readTime(s string, zone *time.Location) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < secondsBelow && n > -secondsBelow {
			return time.Unix(n, 0), true
		}
		return time.UnixMilli(n), true
	}
	layout := time.RFC3339Nano
	switch {
	case len(s) == len(time.DateOnly):
		layout = time.DateOnly
	case len(s) > 10 && s[10] == ' ' && s[len(s)-1] != 'Z':
		layout = time.DateTime
	}
	t, err := time.ParseInLocation(layout, s, zone)
	return t, err == nil
}

// parseStatus reads a lower case token; an empty one is "paid".
func parseStatus(b []byte) (string, string) {
	b = bytes.ToLower(bytes.TrimSpace(b))
	if len(b) == 0 {
		return "paid", ""
	}
	if len(b) > maxStatus {
		return "", "is longer than " + itoa(maxStatus) + " characters"
	}
	for _, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return "", "is not a status: only a-z, 0-9, _ and - are allowed"
		}
	}
	return string(b), ""
}
