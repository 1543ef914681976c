package queries

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/projections"
)

// User is a user's profile.
type User struct {
	ID         uint64            `ch:"user_id"`
	Phone      uint64            `ch:"phone"` // 0: none
	OpenID     string            `ch:"openid"`
	Tags       []uint32          `ch:"tags"`
	Attributes map[string]string `ch:"attributes"`
	Seq        uint64            `ch:"seq"`
}

// Order is one order of a user.
type Order struct {
	ID             string    `ch:"order_id"`
	ProductID      uint64    `ch:"product_id"`
	ProductGroupID uint64    `ch:"product_group_id"`
	Amount         string    `ch:"amount"`
	PaidAt         time.Time `ch:"paid_at"`
	Status         string    `ch:"status"`
}

// User returns a profile. A user who is only known by name (from a group or an order)
// has an empty one; fault.NotFound for an id never seen.
func (q *Queries) User(ctx context.Context, biz string, id uint64) (*User, error) {
	u, err := selectOne[User](ctx, q, fault.New(fault.NotFound, "there is no user %d", id),
		"SELECT user_id, phone, openid, tags, attributes, seq FROM users FINAL WHERE biz = {biz:String} AND shard = {shard:UInt64} AND user_id = {id:UInt64}",
		named("biz", biz), named("shard", id>>shardBits), named("id", id))
	if !fault.Is(err, fault.NotFound) {
		return u, err
	}
	known := false
	if err := q.each(ctx, "SELECT bitmapContains(members, {id:UInt64}) FROM sets_by_shard FINAL WHERE biz = {biz:String} AND shard = {shard:UInt64} AND kind = 'known'",
		[]any{named("biz", biz), named("shard", id>>shardBits), named("id", id)}, func(r *clickhouse.Rows) error {
			var hit uint8
			err := r.Scan(&hit)
			known = hit == 1
			return err
		}); err != nil {
		return nil, err
	}
	if !known {
		return nil, err
	}
	return &User{ID: id, Tags: []uint32{}, Attributes: map[string]string{}}, nil
}

// UserOrders lists a user's orders, the newest first.
func (q *Queries) UserOrders(ctx context.Context, biz string, id uint64, limit int) ([]Order, error) {
	return selectAll[Order](ctx, q, `SELECT order_id, product_id, product_group_id, toString(amount) AS amount, paid_at, toString(status) AS status
FROM orders FINAL WHERE biz = {biz:String} AND shard = {shard:UInt64} AND user_id = {id:UInt64} AND status != 'moved' ORDER BY paid_at DESC, order_id LIMIT {limit:UInt64}`,
		named("biz", biz), named("shard", id>>shardBits), named("id", id), named("limit", page(limit)))
}

// UsersByPhone lists who has a phone; UsersByOpenID who has an openid. Ids ascending.
func (q *Queries) UsersByPhone(ctx context.Context, biz string, phone uint64) ([]uint64, error) {
	return q.identified(ctx, biz, "phone", strconv.FormatUint(phone, 10))
}

// UsersByOpenID lists who has an openid, ids ascending.
func (q *Queries) UsersByOpenID(ctx context.Context, biz, openid string) ([]uint64, error) {
	return q.identified(ctx, biz, "openid", openid)
}

func (q *Queries) identified(ctx context.Context, biz, kind, value string) ([]uint64, error) {
	ids := []uint64{}
	err := q.each(ctx, "SELECT user_id FROM identities FINAL WHERE biz = {biz:String} AND kind = {kind:String} AND value = {value:String} AND live = 1 ORDER BY user_id",
		[]any{named("biz", biz), named("kind", kind), named("value", value)}, func(r *clickhouse.Rows) error {
			var id uint64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// Resolve finds the users with some phones, once the read model holds the event
// minSeq; fault.Unavailable when users have stopped before it. Phones that nobody has
// are not in the answer.
func (q *Queries) Resolve(ctx context.Context, biz string, phones []uint64, minSeq uint64) (map[uint64][]uint64, error) {
	if minSeq > 0 {
		if err := q.wait.insist(ctx, minSeq, projections.Users); err != nil {
			return nil, err
		}
	}
	phones = slices.Compact(slices.Sorted(slices.Values(phones)))
	out := make(map[uint64][]uint64, len(phones))
	values := make([]string, len(phones))
	for i, p := range phones {
		values[i] = strconv.FormatUint(p, 10)
	}
	return out, chunked(values, maxInList, func(part []string) error {
		return q.each(ctx, `SELECT toUInt64(value), user_id FROM identities FINAL
WHERE biz = {biz:String} AND kind = 'phone' AND value IN {values:Array(String)} AND live = 1 ORDER BY value, user_id`,
			[]any{named("biz", biz), named("values", part)}, func(r *clickhouse.Rows) error {
				var phone, id uint64
				err := r.Scan(&phone, &id)
				out[phone] = append(out[phone], id)
				return err
			})
	})
}

// Address is what sending to one user needs.
type Address struct {
	UserID     uint64
	OpenID     string
	Phone      uint64
	Attributes map[string]string // of those asked for, the ones the user has
}

// Addresses calls fn for each of the users that has a profile, by id, with the named
// attributes. Users that lie close together, as those of a campaign's range mostly do,
// are read as one span of ids in one statement; others by their ids, some at a time.
// fault.Unavailable while users stand behind the log: who was sent to, or was not for
// want of an address, stays so.
func (q *Queries) Addresses(ctx context.Context, biz string, users *roaring64.Bitmap, attributes []string, fn func(Address) error) error {
	if err := q.abreast(ctx, projections.Users); err != nil {
		return err
	}
	all, size := users.ToArray(), maxInList
	if dense(all) {
		size = len(all)
	}
	return chunked(all, size, func(part []uint64) error {
		sql, args := addressesSQL(biz, part, attributes)
		return q.each(ctx, sql, args, func(r *clickhouse.Rows) error {
			var a Address
			if err := r.Scan(&a.UserID, &a.OpenID, &a.Phone, &a.Attributes); err != nil {
				return err
			}
			if !users.Contains(a.UserID) {
				return nil
			}
			return fn(a)
		})
	})
}

// dense says whether ascending users are at least a fifth or so of the ids they span.
func dense(users []uint64) bool {
	return len(users) > 0 && (users[len(users)-1]-users[0])/4 <= uint64(len(users))
}

// addressesSQL asks for ascending users, and perhaps for some between them.
func addressesSQL(biz string, users []uint64, attributes []string) (string, []any) {
	lo, hi := users[0], users[len(users)-1]
	args := []any{named("biz", biz), named("lo", lo), named("hi", hi), named("first", lo>>shardBits), named("last", hi>>shardBits)}
	fields, which := "map()::Map(String, String)", ""
	if len(attributes) > 0 {
		fields = "mapFilter((k, v) -> has({attributes:Array(String)}, k), attributes)"
		args = append(args, named("attributes", attributes))
	}
	if !dense(users) {
		which = " AND shard IN {shards:Array(UInt64)} AND user_id IN {users:Array(UInt64)}"
		args = append(args, named("users", users), named("shards", shardsOf(users)))
	}
	return "SELECT user_id, openid, phone, " + fields + ` AS named FROM users FINAL
WHERE biz = {biz:String} AND shard BETWEEN {first:UInt64} AND {last:UInt64} AND user_id BETWEEN {lo:UInt64} AND {hi:UInt64}` + which + `
ORDER BY shard, user_id`, args
}
