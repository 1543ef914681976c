package gateway

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/internal/fault"
)

// maxExact is the largest whole number that every JSON reader takes exactly.
const maxExact = 1 << 53

// ID is a number up to 2^64-1 in JSON: a number up to 2^53, a decimal string beyond;
// either form is read.
type ID uint64

// MarshalJSON writes the number or the string.
func (id ID) MarshalJSON() ([]byte, error) {
	if id <= maxExact {
		return strconv.AppendUint(nil, uint64(id), 10), nil
	}
	return []byte(strconv.Quote(strconv.FormatUint(uint64(id), 10))), nil
}

// UnmarshalJSON reads either form.
func (id *ID) UnmarshalJSON(b []byte) error {
	s := string(b)
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "expected a whole number from 0 to 18446744073709551615")
	}
	*id = ID(v)
	return nil
}

// String is the decimal form.
func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

// Schema describes both forms.
func (ID) Schema(huma.Registry) *huma.Schema {
	zero := 0.0
	return &huma.Schema{
		Description: "A whole number from 0 to 2^64-1; a decimal string beyond 2^53, and accepted either way.",
		OneOf: []*huma.Schema{
			{Type: huma.TypeInteger, Minimum: &zero},
			{Type: huma.TypeString, Pattern: "^[0-9]{1,20}$"},
		},
		Examples: []any{12},
	}
}

// pathID reads an id out of a path; a thing whose id is no number does not exist.
func pathID(kind, s string) (uint64, error) {
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, &fault.Error{Code: fault.NotFound, Field: kind, Msg: "there is no such " + kind + ": ids are whole numbers from 0 to 18446744073709551615"}
	}
	return v, nil
}
