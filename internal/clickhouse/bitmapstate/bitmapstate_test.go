package bitmapstate_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"pgregory.net/rapid"

	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

func TestSmallFormIsExact(t *testing.T) {
	t.Parallel()
	got, err := bitmapstate.Encode(roaring64.BitmapOf(1, math.MaxUint64))
	want := append([]byte{0, 2, 1, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 8)...)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%x, %v", got, err)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := roaring64.New()
		base := rapid.Uint64().Draw(t, "base")
		for _, v := range rapid.SliceOfN(rapid.Uint16(), 0, 100).Draw(t, "values") {
			b.Add(base + uint64(v))
		}
		if rapid.Bool().Draw(t, "range") {
			b.AddRange(1000, 1000+uint64(rapid.Uint16().Draw(t, "length")))
		}
		state, err := bitmapstate.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		if large := b.GetCardinality() > 32; large != (state[0] == 1) {
			t.Fatalf("form %d for %d values", state[0], b.GetCardinality())
		}
		back, err := bitmapstate.Decode(state)
		if err != nil || !back.Equals(b) {
			t.Fatalf("%v: %v != %v", err, back, b)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	large, err := bitmapstate.Encode(bitmap(100))
	if err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string][]byte{
		"unknown kind":     {7, 0},
		"no length":        {0},
		"too many values":  append([]byte{0, 33}, make([]byte, 33*8)...),
		"values cut off":   {0, 2, 1},
		"small and more":   append([]byte{0, 1}, make([]byte, 9)...),
		"large cut off":    large[:len(large)-1],
		"large and more":   append(bytes.Clone(large), 0),
		"a million keys":   append([]byte{1, 8}, binary.LittleEndian.AppendUint64(nil, 1<<20)...),
		"endless length":   {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"2^63 keys":        append([]byte{1, 8}, binary.LittleEndian.AppendUint64(nil, 1<<63)...),
		"garbage for body": append([]byte{1, 20}, bytes.Repeat([]byte{1}, 20)...),
	} {
		if b, err := bitmapstate.Decode(state); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
	for name, state := range map[string][]byte{"no bytes": nil, "small": {0, 0}, "large": append([]byte{1, 8}, make([]byte, 8)...)} {
		if b, err := bitmapstate.Decode(state); err != nil || !b.IsEmpty() {
			t.Errorf("empty by %s: %v, %v", name, b, err)
		}
	}
}

// What decodes must encode again to something that decodes to the same.
func FuzzDecode(f *testing.F) {
	for _, n := range []int{0, 1, 32, 33, 5000, 70000} {
		state, err := bitmapstate.Encode(bitmap(n))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(state)
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		b, err := bitmapstate.Decode(state)
		if err != nil {
			return
		}
		again, err := bitmapstate.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		back, err := bitmapstate.Decode(again)
		if err != nil || !back.Equals(b) {
			t.Fatalf("%v", err)
		}
	})
}

// bitmap has n values: runs, arrays and bitmaps over several high keys.
func bitmap(n int) *roaring64.Bitmap {
	b := roaring64.New()
	for i := range n {
		v := uint64(i) * 3
		if i%2 == 0 {
			v = uint64(i%5)<<33 + uint64(i)
		}
		b.Add(v)
	}
	b.RunOptimize()
	return b
}
