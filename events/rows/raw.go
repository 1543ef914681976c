package rows

import (
	"strconv"
	"strings"
)

// RawUser is one row of users as its chunk has it, for readers that pass the text
// on: Tags are blank-separated numbers, Attributes a JSON object.
type RawUser struct {
	UserID     uint64
	Set        string // which fields are present: of p, o, t, a
	Phone      uint64
	OpenID     string
	Tags       string
	Attributes string
}

// Has says whether a field is present.
func (u *RawUser) Has(field byte) bool { return strings.IndexByte(u.Set, field) >= 0 }

// TagList reads Tags.
func (u *RawUser) TagList() ([]uint32, error) { return splitTags(u.Tags) }

// DecodeRawUsers calls fn for each row of a chunk that EncodeUsers made. The strings
// share memory with one row's text.
func (c *Codec) DecodeRawUsers(chunk []byte, fn func(RawUser) error) error {
	return c.decode(chunk, 6, func(rec []string) error {
		id, err := strconv.ParseUint(rec[0], 10, 64)
		if err != nil {
			return err
		}
		u := RawUser{UserID: id, Set: rec[1], OpenID: rec[3], Tags: rec[4], Attributes: rec[5]}
		if rec[2] != "" {
			if u.Phone, err = strconv.ParseUint(rec[2], 10, 64); err != nil {
				return err
			}
		}
		return fn(u)
	})
}
