package sends

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/klauspost/compress/zstd"

	"muster/channels"
	"muster/internal/fault"
)

const (
	maxPayload = 900 << 10 // bytes of one range in SENDS; the server's default limit is 1 MB with headers
	maxPlain   = 256 << 20 // bytes of one range uncompressed, against a forged message
)

// payloads encodes what one range needs to be sent: CSV rows user_id, openid, attributes..., under a header that
// names the attributes, compressed with zstd; so `zstd -d` shows plain text. An attribute that a user has is written
// with = before it, so that an empty one is not a missing one. It is safe for concurrent use.
type payloads struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newPayloads() (*payloads, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return nil, fmt.Errorf("zstd writer: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxPlain))
	if err != nil {
		return nil, fmt.Errorf("zstd reader: %w", err)
	}
	return &payloads{enc: enc, dec: dec}, nil
}

// close ends the decoder's goroutines.
func (p *payloads) close() { p.dec.Close() }

// encode writes recipients, whose values stand in the order of fields.
func (p *payloads) encode(fields []string, to []channels.Recipient) ([]byte, error) {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	rec := append([]string{"user_id", "openid"}, fields...)
	if err := w.Write(rec); err != nil {
		return nil, fmt.Errorf("encode a range: %w", err)
	}
	for i := range to {
		rec = append(rec[:0], strconv.FormatUint(to[i].UserID, 10), to[i].OpenID)
		for _, v := range to[i].Values {
			if v.OK {
				rec = append(rec, "="+v.Text)
			} else {
				rec = append(rec, "")
			}
		}
		if err := w.Write(rec); err != nil {
			return nil, fmt.Errorf("encode a range: %w", err)
		}
	}
	w.Flush()
	return p.enc.EncodeAll(buf.Bytes(), nil), w.Error()
}

// decode reads recipients with values in the order of fields, whatever order they were written in.
func (p *payloads) decode(data []byte, fields []string) ([]channels.Recipient, error) {
	plain, err := p.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decompress a range")
	}
	if bytes.Contains(plain, []byte("\r\n")) { // in a value: encode ends lines with \n alone
		plain = bytes.ReplaceAll(plain, []byte("\r\n"), []byte("\r\r\n")) // the reader takes one \r away
	}
	r := csv.NewReader(bytes.NewReader(plain))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil || len(head) < 2 {
		return nil, fault.New(fault.Corrupt, "a range without a header")
	}
	columns := make([]int, len(fields))
	for i, f := range fields {
		at := slices.Index(head[2:], f)
		if at < 0 {
			return nil, fault.New(fault.Corrupt, "a range without the attribute %s", f)
		}
		columns[i] = at + 2
	}
	lines := bytes.Count(plain, []byte{'\n'})
	to := make([]channels.Recipient, 0, lines)
	values := make([]channels.Value, 0, lines*len(fields))
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return to, nil
		}
		if err != nil {
			return nil, fault.Wrap(fault.Corrupt, err, "read a range")
		}
		id, err := strconv.ParseUint(rec[0], 10, 64)
		if err != nil {
			return nil, fault.Wrap(fault.Corrupt, err, "read a range")
		}
		start := len(values)
		for _, c := range columns {
			text, ok := strings.CutPrefix(rec[c], "=")
			values = append(values, channels.Value{Text: text, OK: ok})
		}
		to = append(to, channels.Recipient{UserID: id, OpenID: rec[1], Values: values[start:len(values):len(values)]})
	}
}

// recipients puts looked-up addresses in the order of users; who was not found has neither openid nor values.
func recipients(users *roaring64.Bitmap, fields []string, found map[uint64]Address) []channels.Recipient {
	n := int(users.GetCardinality())
	to := make([]channels.Recipient, 0, n)
	values := make([]channels.Value, 0, n*len(fields))
	for it := users.Iterator(); it.HasNext(); {
		id := it.Next()
		a := found[id]
		start := len(values)
		for _, f := range fields {
			text, ok := a.Attributes[f]
			values = append(values, channels.Value{Text: text, OK: ok})
		}
		to = append(to, channels.Recipient{UserID: id, OpenID: a.OpenID, Values: values[start:len(values):len(values)]})
	}
	return to
}
