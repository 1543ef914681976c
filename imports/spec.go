package imports

import (
	"bytes"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/fault"
)

// spec says what one kind of upload is made of.
type spec struct {
	content  events.Type
	encoding string
	columns  []string // in the order of a record
	required int      // how many of the columns, from the first, every record must have
	keys     []string // of a JSON document: any of these may hold the rows
	// add puts a record into the chunk. A record has a cell per column; nil is absent,
	// empty clears. It returns the column to blame and the reason when it is a bad row.
	add func(c *chunk, rec [][]byte, zone *time.Location) (column int, reason string)
}

// specOf returns the spec of an upload's content.
func specOf(content events.Type) (*spec, error) {
	switch content {
	case events.TypeUploadIDs:
		return &spec{content, events.EncodingRoaring64, []string{"user_id"}, 1, []string{"users", "user_ids"}, addID}, nil
	case events.TypeUploadPhones:
		return &spec{content, events.EncodingCSVZstd, []string{"phone"}, 1, []string{"users", "phones"}, addPhone}, nil
	case events.TypeUploadUsers:
		return &spec{content, events.EncodingCSVZstd, []string{"user_id", "phone", "openid", "tags", "attributes"}, 1, []string{"users"}, addUser}, nil
	case events.TypeUploadTags:
		return &spec{content, events.EncodingCSVZstd, []string{"user_id", "tag_id", "op"}, 2, []string{"tags"}, addTag}, nil
	case events.TypeUploadOrders:
		return &spec{content, events.EncodingCSVZstd,
			[]string{"order_id", "user_id", "paid_at", "product_id", "product_group_id", "amount", "status"}, 3, []string{"orders"}, addOrder}, nil
	}
	return nil, fault.New(fault.Invalid, "%s is no content of an upload", content)
}

// plain says whether a record is a single value: lines of text will do.
func (s *spec) plain() bool { return len(s.columns) == 1 }

// columnIndex finds a column by name, -1 when there is none.
func (s *spec) columnIndex(name []byte) int {
	for i, c := range s.columns {
		if string(name) == c {
			return i
		}
	}
	return -1
}

// chunk is what one bulk event will carry. Only the slice of the upload's content is used.
type chunk struct {
	ids    []uint64
	phones []uint64
	users  []rows.User
	tags   []rows.Tag
	orders []rows.Order
	n      int // rows
	bytes  int // of the records it was read from
}

func addID(c *chunk, rec [][]byte, _ *time.Location) (int, string) {
	v, why := parseUint(rec[0])
	if why == "" {
		c.ids = append(c.ids, v)
	}
	return 0, why
}

func addPhone(c *chunk, rec [][]byte, _ *time.Location) (int, string) {
	v, why := parsePhone(rec[0])
	if why == "" && v == 0 {
		why = "is missing"
	}
	if why == "" {
		c.phones = append(c.phones, v)
	}
	return 0, why
}

func addUser(c *chunk, rec [][]byte, _ *time.Location) (int, string) {
	var u rows.User
	var why string
	if u.UserID, why = parseUint(rec[0]); why != "" {
		return 0, why
	}
	if rec[1] != nil {
		p, why := parsePhone(rec[1])
		if why != "" {
			return 1, why
		}
		u.Phone = &p
	}
	if rec[2] != nil {
		o, why := parseText(rec[2], maxOpenID)
		if why != "" {
			return 2, why
		}
		u.OpenID = &o
	}
	if u.HasTags = rec[3] != nil; u.HasTags {
		if u.Tags, why = parseTags(rec[3]); why != "" {
			return 3, why
		}
	}
	if rec[4] != nil {
		if u.Attributes, why = parseAttributes(rec[4]); why != "" {
			return 4, why
		}
	}
	c.users = append(c.users, u)
	return 0, ""
}

func addTag(c *chunk, rec [][]byte, _ *time.Location) (int, string) {
	var t rows.Tag
	var why string
	if t.UserID, why = parseUint(rec[0]); why != "" {
		return 0, why
	}
	if t.TagID, why = parseTag(rec[1]); why != "" {
		return 1, why
	}
	switch op := bytes.ToLower(bytes.TrimSpace(rec[2])); string(op) {
	case "", "add", "+":
	case "remove", "-":
		t.Remove = true
	default:
		return 2, "is neither add nor remove"
	}
	c.tags = append(c.tags, t)
	return 0, ""
}

func addOrder(c *chunk, rec [][]byte, zone *time.Location) (int, string) {
	var o rows.Order
	var why string
	if o.OrderID, why = parseText(rec[0], maxOrderID); why == "" && o.OrderID == "" {
		why = "is missing"
	}
	if why != "" {
		return 0, why
	}
	if o.UserID, why = parseUint(rec[1]); why != "" {
		return 1, why
	}
	if o.PaidAt, why = parseTime(rec[2], zone); why != "" {
		return 2, why
	}
	if o.ProductID, why = optionalUint(rec[3]); why != "" {
		return 3, why
	}
	if o.ProductGroupID, why = optionalUint(rec[4]); why != "" {
		return 4, why
	}
	if o.Amount, why = parseAmount(rec[5]); why != "" {
		return 5, why
	}
	if o.Status, why = parseStatus(rec[6]); why != "" {
		return 6, why
	}
	c.orders = append(c.orders, o)
	return 0, ""
}

func optionalUint(b []byte) (uint64, string) {
	if len(bytes.TrimSpace(b)) == 0 {
		return 0, ""
	}
	return parseUint(b)
}
