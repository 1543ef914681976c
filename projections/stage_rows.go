package projections

import (
	"context"
	"fmt"
	"time"

	"muster/events"
	"muster/events/rows"
	"muster/internal/clickhouse"
	"muster/internal/fault"
)

// blockRows is how many staged rows are sent at once, at the least.
const blockRows = 200_000

// The fields of a staged user that are present, as bits.
const (
	hasPhone = 1 << iota
	hasOpenID
	hasTags
	hasAttributes
)

// stageBlock decodes chunks until a block is full, inserts it, and says how many
// chunks it took.
func (s *stager) stageBlock(ctx context.Context, u *upload) (int, error) {
	blk := &rowBlock{part: u.part, run: s.run, before: u.staged}
	blk.grow(u.pending)
	n := 0
	for n < len(u.pending) && len(blk.pos) < blockRows {
		e := u.pending[n]
		if err := blk.decode(s.codec, e); err != nil {
			return 0, fault.Wrap(fault.Corrupt, err, fmt.Sprintf("chunk at %d", e.Seq))
		}
		n++
	}
	if err := blk.insert(ctx, s.db, u.pending[0].Type); err != nil {
		return 0, err
	}
	u.staged += uint64(len(blk.pos))
	return n, nil
}

// rowBlock is a block of staged rows, by column.
type rowBlock struct {
	run, part string
	before    uint64   // rows of the same part before these
	pos, user []uint64 // pos is the row's number within its part, from 1: the later wins
	seq       []uint64

	fields                   []uint8 // of users
	phone                    []uint64
	openid, tags, attributes []string

	tag    []uint32 // of tags
	remove []uint8

	order, status  []string // of orders
	product, group []uint64
	amount         []string
	paid           []time.Time
}

// grow makes room for the rows of chunks, or for a little more than a block of them.
func (b *rowBlock) grow(chunks []events.Event) {
	n := uint64(0)
	for _, e := range chunks {
		n = min(n+min(e.Count, blockRows), blockRows*9/8)
	}
	b.pos, b.user, b.seq = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint64, 0, n)
	switch chunks[0].Type {
	case events.TypeUploadUsers:
		b.fields, b.phone = make([]uint8, 0, n), make([]uint64, 0, n)
		b.openid, b.tags, b.attributes = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	case events.TypeUploadTags:
		b.tag, b.remove = make([]uint32, 0, n), make([]uint8, 0, n)
	default:
		b.order, b.status, b.amount = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
		b.product, b.group, b.paid = make([]uint64, 0, n), make([]uint64, 0, n), make([]time.Time, 0, n)
	}
}

func (b *rowBlock) next(user, seq uint64) {
	b.pos, b.user, b.seq = append(b.pos, b.before+uint64(len(b.pos))+1), append(b.user, user), append(b.seq, seq)
}

func (b *rowBlock) decode(c *rows.Codec, e events.Event) error {
	switch e.Type {
	case events.TypeUploadUsers:
		return c.DecodeRawUsers(e.Data, func(r rows.RawUser) error { b.addUser(r, 0); return nil })
	case events.TypeUploadTags:
		return c.DecodeTags(e.Data, func(r rows.Tag) error { b.addTag(r, 0); return nil })
	default:
		return c.DecodeOrders(e.Data, func(r rows.Order) error { b.addOrder(r, 0); return nil })
	}
}

func (b *rowBlock) addUser(r rows.RawUser, seq uint64) {
	b.next(r.UserID, seq)
	var f uint8
	for i := 0; i < len(r.Set); i++ {
		switch r.Set[i] {
		case 'p':
			f |= hasPhone
		case 'o':
			f |= hasOpenID
		case 't':
			f |= hasTags
		case 'a':
			f |= hasAttributes
		}
	}
	b.fields, b.phone = append(b.fields, f), append(b.phone, r.Phone)
	b.openid, b.tags, b.attributes = append(b.openid, r.OpenID), append(b.tags, r.Tags), append(b.attributes, r.Attributes)
}

func (b *rowBlock) addTag(r rows.Tag, seq uint64) {
	b.next(r.UserID, seq)
	b.tag, b.remove = append(b.tag, r.TagID), append(b.remove, boolByte(r.Remove))
}

func (b *rowBlock) addOrder(r rows.Order, seq uint64) {
	amount := r.Amount
	if amount == "" {
		amount = "0"
	}
	b.next(r.UserID, seq)
	b.order, b.status = append(b.order, r.OrderID), append(b.status, r.Status)
	b.product, b.group = append(b.product, r.ProductID), append(b.group, r.ProductGroupID)
	b.amount, b.paid = append(b.amount, amount), append(b.paid, r.PaidAt)
}

// insert sends the block to the staging table of its kind.
func (b *rowBlock) insert(ctx context.Context, db DB, kind events.Type) error {
	n := len(b.pos)
	run, part := repeat(b.run, n), repeat(b.part, n)
	shard := make([]uint64, n)
	for i, u := range b.user {
		shard[i] = shardOf(u)
	}
	cols := columns{"run", "LowCardinality(String)", "part", "String", "seq", "UInt64", "pos", "UInt64", "user_id", "UInt64"}
	data := []any{run, part, b.seq, b.pos, b.user}
	var table string
	switch kind {
	case events.TypeUploadUsers:
		table = "staged_users"
		cols = append(cols, "shard", "UInt64", "fields", "UInt8", "phone", "UInt64", "openid", "String", "tags_text", "String", "attributes_text", "String")
		data = append(data, shard, b.fields, b.phone, b.openid, b.tags, b.attributes)
	case events.TypeUploadTags:
		table = "staged_tags"
		cols = append(cols, "shard", "UInt64", "tag_id", "UInt32", "remove", "UInt8")
		data = append(data, shard, b.tag, b.remove)
	default:
		table = "staged_orders"
		cols = append(cols, "order_id", "String", "product_id", "UInt64", "product_group_id", "UInt64",
			"amount", "String", "paid_at", "DateTime64(3, 'UTC')", "status", "LowCardinality(String)")
		data = append(data, b.order, b.product, b.group, b.amount, b.paid, b.status)
	}
	return insert(ctx, db, table, cols, func(blk clickhouse.Batch) error {
		for i, d := range data {
			if err := blk.Column(i).Append(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func repeat(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}
