package sends

import (
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
)

// maxRangeBytes bounds one range as an event. Ids that lie far apart take up to 20 bytes each.
const maxRangeBytes = 240 << 10

// cutter cuts ascending user ids into ranges of at most size users and maxRangeBytes.
type cutter struct {
	size  int
	users []uint64
	out   func(users []uint64, encoded []byte) error
}

// add takes the members of one shard; shards come in ascending order.
func (c *cutter) add(members *roaring64.Bitmap) error {
	for it := members.Iterator(); it.HasNext(); {
		c.users = append(c.users, it.Next())
		if len(c.users) >= c.size {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush cuts what was added so far.
func (c *cutter) flush() error {
	if len(c.users) == 0 {
		return nil
	}
	defer func() { c.users = c.users[:0] }()
	return c.cut(c.users)
}

func (c *cutter) cut(users []uint64) error {
	b := roaring64.New()
	b.AddMany(users)
	b.RunOptimize()
	encoded, err := b.ToBytes()
	if err != nil {
		return fmt.Errorf("encode a range: %w", err)
	}
	if len(encoded) > maxRangeBytes && len(users) > 1 {
		half := len(users) / 2
		if err := c.cut(users[:half]); err != nil {
			return err
		}
		return c.cut(users[half:])
	}
	return c.out(users, encoded)
}

func decodeUsers(data []byte) (*roaring64.Bitmap, error) {
	users := roaring64.New()
	if err := users.UnmarshalBinary(data); err != nil {
		return nil, fmt.Errorf("decode a range: %w", err)
	}
	return users, nil
}
