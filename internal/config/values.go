package config

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const hidden = "***"

// Secret is a text that no log, JSON, YAML or %v ever shows.
type Secret struct{ text string }

// NewSecret hides text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.text }

// Empty says whether there is none.
func (s Secret) Empty() bool { return s.text == "" }

// String is *** or, if there is no secret, empty.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return hidden
}

// GoString hides the text from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the text from JSON and everything that asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML hides the text from YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// URL is one URL, or several with commas between them, that may carry passwords:
// it prints without them.
type URL struct{ text string }

// NewURL wraps text as it is.
func NewURL(text string) URL { return URL{text} }

// Reveal returns the URL with its passwords, to connect with.
func (u URL) Reveal() string { return u.text }

// Empty says whether there is none.
func (u URL) Empty() bool { return u.text == "" }

// String is the URL with *** for user passwords, tokens and query values that are secrets.
func (u URL) String() string {
	if u.text == "" {
		return ""
	}
	parts := strings.Split(u.text, ",")
	for i, p := range parts {
		parts[i] = redactURL(strings.TrimSpace(p))
	}
	return strings.Join(parts, ",")
}

func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return hidden // what cannot be taken apart may be a password anywhere
	}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), hidden)
		} else {
			u.User = url.User(hidden) // NATS takes a lone user as a token
		}
	}
	if q := u.Query(); len(q) > 0 {
		for name := range q {
			switch strings.ToLower(name) {
			case "password", "secret", "token", "access_token", "key":
				q.Set(name, hidden)
			}
		}
		u.RawQuery = q.Encode()
	}
	return strings.ReplaceAll(u.String(), url.QueryEscape(hidden), hidden)
}

// GoString hides passwords from %#v.
func (u URL) GoString() string { return u.String() }

// MarshalText hides passwords from JSON and everything that asks for text.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// MarshalYAML hides passwords from YAML.
func (u URL) MarshalYAML() (any, error) { return u.String(), nil }

// LogValue hides passwords from slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// Size is a number of bytes.
type Size uint64

// String is the size in the largest unit that is exact: 1MiB, 1500B.
func (s Size) String() string {
	for _, u := range sizeUnits() {
		if u.binary && s >= u.bytes && s%u.bytes == 0 {
			return strconv.FormatUint(uint64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatUint(uint64(s), 10)
}

type sizeUnit struct {
	name   string
	bytes  Size
	binary bool
}

// sizeUnits go from large to small, and longer names before those they end in.
func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"TiB", 1 << 40, true}, {"GiB", 1 << 30, true}, {"MiB", 1 << 20, true}, {"KiB", 1 << 10, true},
		{"TB", 1e12, false}, {"GB", 1e9, false}, {"MB", 1e6, false}, {"KB", 1e3, false}, {"B", 1, false},
	}
}

// ParseSize reads bytes with or without a unit: 4096, 64KiB, 1GB.
func ParseSize(text string) (Size, error) {
	number, unit := strings.TrimSpace(text), Size(1)
	for _, u := range sizeUnits() {
		if len(number) > len(u.name) && strings.EqualFold(number[len(number)-len(u.name):], u.name) {
			number, unit = strings.TrimSpace(number[:len(number)-len(u.name)]), u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || (n > 0 && uint64(unit) > math.MaxInt64/n) {
		return 0, fmt.Errorf("%q is no size: want a number of bytes or something like 64MiB", text)
	}
	return Size(n) * unit, nil
}

// Hosts is a list of hosts that may be called: `api.example.com`,
// `api.example.com:8443`, or `*.example.com` for everything below it. A host
// without a port stands for 80 and 443.
type Hosts []string

// Allows says whether host (no port) may be called on port.
func (h Hosts) Allows(host, port string) bool {
	host, numeric := canonical(host)
	for _, entry := range h {
		name, want := splitHost(entry)
		if want == "" && port != "80" && port != "443" || want != "" && want != port {
			continue
		}
		if below, ok := strings.CutPrefix(name, "*."); ok {
			if !numeric && strings.HasSuffix(host, "."+below) {
				return true
			}
		} else if name, _ = canonical(name); host == name {
			return true
		}
	}
	return false
}

// canonical is the one way to write a host, and whether it is an address: there is
// nothing below an address.
func canonical(host string) (name string, numeric bool) {
	name = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.String(), true
	}
	return name, false
}

// splitHost takes an entry apart; port is empty if it names none.
func splitHost(entry string) (host, port string) {
	if h, p, err := net.SplitHostPort(entry); err == nil {
		return strings.ToLower(h), p
	}
	return strings.ToLower(strings.Trim(entry, "[]")), ""
}
