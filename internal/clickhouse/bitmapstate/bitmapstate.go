// Package bitmapstate reads and writes the bytes of ClickHouse's
// AggregateFunction(groupBitmap, UInt64): what CAST(members AS String) gives
// and what CAST(bytes AS AggregateFunction(groupBitmap, UInt64)) takes. It
// must never let bytes through that the engine would choke on.
//
// Up to 32 values: 0x00, a count, the values as 8 bytes little-endian each.
// More: 0x01, a varint length, then the portable form of a 64-bit roaring
// bitmap. Source: src/AggregateFunctions/AggregateFunctionGroupBitmapData.h
// and github.com/RoaringBitmap/RoaringFormatSpec.
package bitmapstate

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/fault"
)

// smallMax is how many values the small form holds.
const smallMax = 32

const (
	kindSmall = 0
	kindLarge = 1
)

// Encode writes a bitmap's state. The bitmap is not changed; RunOptimize it
// first where ranges are likely.
func Encode(b *roaring64.Bitmap) ([]byte, error) {
	if n := b.GetCardinality(); n <= smallMax {
		out := make([]byte, 2, 2+8*n)
		out[1] = byte(n)
		for it := b.Iterator(); it.HasNext(); {
			out = binary.LittleEndian.AppendUint64(out, it.Next())
		}
		return out, nil
	}
	size := b.GetSerializedSizeInBytes()
	buf := bytes.NewBuffer(make([]byte, 0, int(size)+1+binary.MaxVarintLen64))
	buf.WriteByte(kindLarge)
	buf.Write(binary.AppendUvarint(nil, size))
	if _, err := b.WriteTo(buf); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "encode a bitmap")
	}
	return buf.Bytes(), nil
}

// Decode reads a state. Empty bytes are the empty bitmap. Bytes that are no
// state, or more than one, are fault.Corrupt. The bitmap owns its memory.
func Decode(state []byte) (*roaring64.Bitmap, error) {
	b := roaring64.New()
	if len(state) == 0 {
		return b, nil
	}
	n, used := binary.Uvarint(state[1:])
	if used <= 0 {
		return nil, corrupt("its length is cut off")
	}
	body := state[1+used:]
	switch state[0] {
	case kindSmall:
		if n > smallMax || uint64(len(body)) != 8*n {
			return nil, corrupt("%d bytes for %d values", len(body), n)
		}
		for ; len(body) > 0; body = body[8:] {
			b.Add(binary.LittleEndian.Uint64(body))
		}
		return b, nil
	case kindLarge:
		if uint64(len(body)) != n {
			return nil, corrupt("%d bytes instead of %d", len(body), n)
		}
		return decodeLarge(b, body)
	}
	return nil, corrupt("unknown kind %d", state[0])
}

func decodeLarge(b *roaring64.Bitmap, body []byte) (*roaring64.Bitmap, error) {
	const leastPerKey = 4 + 8 // a key and an empty 32-bit bitmap
	if len(body) < 8 || binary.LittleEndian.Uint64(body) > uint64(len(body)-8)/leastPerKey {
		return nil, corrupt("more keys than bytes")
	}
	if string(body) == "\x00\x00\x00\x00\x00\x00\x00\x00" {
		return b, nil
	}
	r := bytes.NewReader(body)
	if _, err := b.ReadFrom(r); err != nil {
		return nil, corrupt("%v", err)
	}
	if r.Len() > 0 {
		return nil, corrupt("%d bytes too many", r.Len())
	}
	if err := b.Validate(); err != nil {
		return nil, corrupt("%v", err)
	}
	return b, nil
}

func corrupt(format string, args ...any) error {
	return fault.New(fault.Corrupt, "not a bitmap: %s", fmt.Sprintf(format, args...))
}
