package rows

import "strings"

// appendRecord appends one line of CSV, quoted where encoding/csv quotes, which is
// what reads it.
func appendRecord(b []byte, rec []string) []byte {
	for i, f := range rec {
		if i > 0 {
			b = append(b, ',')
		}
		if !quoted(f) {
			b = append(b, f...)
			continue
		}
		b = append(b, '"')
		for {
			at := strings.IndexByte(f, '"')
			if at < 0 {
				break
			}
			b = append(b, f[:at]...)
			b = append(b, `""`...)
			f = f[at+1:]
		}
		b = append(b, f...)
		b = append(b, '"')
	}
	return append(b, '\n')
}

// quoted says whether a field needs quotes. Any beyond ASCII at the start, which may
// be a kind of blank, is quoted to be safe.
func quoted(f string) bool {
	if f == "" {
		return false
	}
	if f[0] <= ' ' || f[0] >= 0x7f || f == `\.` {
		return true
	}
	for i := range len(f) {
		switch f[i] {
		case ',', '"', '\r', '\n':
			return true
		}
	}
	return false
}
