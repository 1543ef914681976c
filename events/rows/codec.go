package rows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Codec encodes and decodes chunks. It is safe for concurrent use and holds
// compressor state: make one and keep it.
type Codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// maxChunk bounds what one decoded chunk may take, against a forged event.
const maxChunk = 64 << 20

// NewCodec makes a codec.
func NewCodec() (*Codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return nil, fmt.Errorf("zstd writer: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxChunk))
	if err != nil {
		return nil, fmt.Errorf("zstd reader: %w", err)
	}
	return &Codec{enc: enc, dec: dec}, nil
}

// EncodeUsers gives one chunk: user_id, set (p o t a: which fields follow), phone, openid, tags
// (blank-separated), attributes (JSON object).
func (c *Codec) EncodeUsers(users []User) ([]byte, error) {
	var scratch []byte
	return c.encode(len(users), func(i int, rec []string) ([]string, error) {
		u := &users[i]
		var phone, openid, attrs string
		set := make([]byte, 0, 4)
		if u.Phone != nil {
			set, phone = append(set, 'p'), strconv.FormatUint(*u.Phone, 10)
		}
		if u.OpenID != nil {
			set, openid = append(set, 'o'), *u.OpenID
		}
		if u.HasTags {
			set = append(set, 't')
		}
		if u.Attributes != nil {
			b, err := appendAttributes(scratch[:0], u.Attributes)
			if err != nil {
				return nil, fmt.Errorf("attributes: %w", err)
			}
			scratch, set, attrs = b, append(set, 'a'), string(b)
		}
		return append(rec, strconv.FormatUint(u.UserID, 10), string(set), phone, openid, joinTags(u.Tags), attrs), nil
	})
}

// DecodeUsers calls fn for each row of a chunk that EncodeUsers made.
func (c *Codec) DecodeUsers(chunk []byte, fn func(User) error) error {
	return c.decode(chunk, 6, func(rec []string) error {
		id, err := strconv.ParseUint(rec[0], 10, 64)
		if err != nil {
			return err
		}
		u := User{UserID: id}
		for _, f := range rec[1] {
			if err := u.set(f, rec); err != nil {
				return err
			}
		}
		return fn(u)
	})
}

func (u *User) set(field rune, rec []string) error {
	switch field {
	case 'p':
		p, err := strconv.ParseUint(rec[2], 10, 64)
		u.Phone = &p
		return err
	case 'o':
		o := strings.Clone(rec[3])
		u.OpenID = &o
	case 't':
		var err error
		u.HasTags = true
		u.Tags, err = splitTags(rec[4])
		return err
	case 'a':
		u.Attributes = map[string]string{}
		return json.Unmarshal([]byte(rec[5]), &u.Attributes)
	default:
		return fmt.Errorf("unknown field mark %q", field)
	}
	return nil
}

// EncodeTags gives one chunk: user_id, tag_id, op (+ or -).
func (c *Codec) EncodeTags(tags []Tag) ([]byte, error) {
	return c.encode(len(tags), func(i int, rec []string) ([]string, error) {
		op := "+"
		if tags[i].Remove {
			op = "-"
		}
		return append(rec, strconv.FormatUint(tags[i].UserID, 10), strconv.FormatUint(uint64(tags[i].TagID), 10), op), nil
	})
}

// DecodeTags calls fn for each row of a chunk that EncodeTags made.
func (c *Codec) DecodeTags(chunk []byte, fn func(Tag) error) error {
	return c.decode(chunk, 3, func(rec []string) error {
		id, err1 := strconv.ParseUint(rec[0], 10, 64)
		tag, err2 := strconv.ParseUint(rec[1], 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		return fn(Tag{UserID: id, TagID: uint32(tag), Remove: rec[2] == "-"})
	})
}

// EncodeOrders gives one chunk: order_id, user_id, product_id, product_group_id, amount, paid_at (Unix ms), status.
func (c *Codec) EncodeOrders(orders []Order) ([]byte, error) {
	return c.encode(len(orders), func(i int, rec []string) ([]string, error) {
		o := &orders[i]
		return append(rec, o.OrderID, strconv.FormatUint(o.UserID, 10), strconv.FormatUint(o.ProductID, 10),
			strconv.FormatUint(o.ProductGroupID, 10), o.Amount, strconv.FormatInt(o.PaidAt.UnixMilli(), 10), o.Status), nil
	})
}

// DecodeOrders calls fn for each row of a chunk that EncodeOrders made.
func (c *Codec) DecodeOrders(chunk []byte, fn func(Order) error) error {
	return c.decode(chunk, 7, func(rec []string) error {
		user, err1 := strconv.ParseUint(rec[1], 10, 64)
		product, err2 := strconv.ParseUint(rec[2], 10, 64)
		group, err3 := strconv.ParseUint(rec[3], 10, 64)
		ms, err4 := strconv.ParseInt(rec[5], 10, 64)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return err
		}
		return fn(Order{OrderID: strings.Clone(rec[0]), UserID: user, ProductID: product, ProductGroupID: group,
			Amount: strings.Clone(rec[4]), PaidAt: time.UnixMilli(ms).UTC(), Status: strings.Clone(rec[6])})
	})
}

// EncodePhones gives one chunk of phones, a line each.
func (c *Codec) EncodePhones(phones []uint64) ([]byte, error) {
	return c.encode(len(phones), func(i int, rec []string) ([]string, error) {
		return append(rec, strconv.FormatUint(phones[i], 10)), nil
	})
}

// DecodePhones calls fn for each phone of a chunk that EncodePhones made.
func (c *Codec) DecodePhones(chunk []byte, fn func(uint64) error) error {
	return c.decode(chunk, 1, func(rec []string) error {
		p, err := strconv.ParseUint(rec[0], 10, 64)
		if err != nil {
			return err
		}
		return fn(p)
	})
}

func (c *Codec) encode(n int, row func(i int, rec []string) ([]string, error)) ([]byte, error) {
	var buf []byte
	rec := make([]string, 0, 8)
	for i := range n {
		out, err := row(i, rec[:0])
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		buf = appendRecord(buf, out)
		if i == 0 { // the others are likely about as long
			buf = slices.Grow(buf, min(len(buf)*n*5/4, 1<<20))
		}
	}
	return c.enc.EncodeAll(buf, make([]byte, 0, len(buf)/4)), nil
}

func (c *Codec) decode(chunk []byte, fields int, row func(rec []string) error) error {
	plain, err := c.dec.DecodeAll(chunk, nil)
	if err != nil {
		return fmt.Errorf("zstd: %w", err)
	}
	r := csv.NewReader(bytes.NewReader(plain))
	r.FieldsPerRecord, r.ReuseRecord = fields, true
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("chunk: %w", err)
		}
		if err := row(rec); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("chunk line %d: %w", line, err)
		}
	}
}

func joinTags(tags []uint32) string {
	var b strings.Builder
	for i, t := range tags {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatUint(uint64(t), 10))
	}
	return b.String()
}

func splitTags(s string) ([]uint32, error) {
	var tags []uint32
	for f := range strings.FieldsSeq(s) {
		t, err := strconv.ParseUint(f, 10, 32)
		if err != nil {
			return nil, err
		}
		tags = append(tags, uint32(t))
	}
	return tags, nil
}
