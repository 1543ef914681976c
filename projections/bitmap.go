package projections

import (
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse/bitmapstate"
	"muster/internal/fault"
)

// shardBits: a shard holds 65,536 neighbouring user ids.
const shardBits = 16

func shardOf(user uint64) uint64 { return user >> shardBits }

// encodeState writes a bitmap as the bytes of a groupBitmap state.
func encodeState(bm *roaring64.Bitmap) (string, error) {
	bm.RunOptimize()
	b, err := bitmapstate.Encode(bm)
	return string(b), err
}

// decodePortable reads the bytes that bulk events carry.
func decodePortable(data []byte) (*roaring64.Bitmap, error) {
	bm := roaring64.New()
	if err := bm.UnmarshalBinary(data); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decode a bitmap")
	}
	return bm, nil
}

// byShard cuts a bitmap into shards.
func byShard(bm *roaring64.Bitmap) (map[uint64]*roaring64.Bitmap, error) {
	out := map[uint64]*roaring64.Bitmap{}
	var cur *roaring64.Bitmap
	var shard uint64
	buf := make([]uint64, 4096)
	for it := bm.ManyIterator(); ; {
		n := it.NextMany(buf)
		if n == 0 {
			return out, nil
		}
		for lo := 0; lo < n; {
			s := shardOf(buf[lo])
			hi := lo + 1
			for hi < n && shardOf(buf[hi]) == s {
				hi++
			}
			if cur == nil || s != shard {
				cur, shard = roaring64.New(), s
				if out[s] != nil {
					return nil, fmt.Errorf("bitmap out of order at shard %d", s)
				}
				out[s] = cur
			}
			cur.AddMany(buf[lo:hi])
			lo = hi
		}
	}
}
