package gateway

import "github.com/danielgtaylor/huma/v2"

// rawJSON is JSON that is passed on as it is; empty is null.
type rawJSON []byte

// MarshalJSON writes it.
func (r rawJSON) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// UnmarshalJSON keeps a copy.
func (r *rawJSON) UnmarshalJSON(b []byte) error {
	*r = append((*r)[:0], b...)
	return nil
}

// Schema allows anything.
func (rawJSON) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "Any JSON value"}
}
