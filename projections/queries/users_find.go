package queries

import (
	"context"
	"time"

	"muster/internal/clickhouse"
)

// Identity is what users are found by: Phone (as digits) or OpenID as Kind, and its value.
type Identity struct {
	Kind, Value string
}

// Kinds of Identity.
const (
	Phone  = "phone"
	OpenID = "openid"
)

// FindUsers lists the profiles of those who have an identity, with ids above after (0: all), by id.
func (q *Queries) FindUsers(ctx context.Context, biz string, by Identity, after uint64, limit int) ([]User, error) {
	var ids []uint64
	if err := q.each(ctx, `SELECT user_id FROM identities FINAL
WHERE biz = {biz:String} AND kind = {kind:String} AND value = {value:String} AND live = 1 AND (user_id > {after:UInt64} OR {after:UInt64} = 0)
ORDER BY user_id LIMIT {limit:UInt64}`,
		[]any{named("biz", biz), named("kind", by.Kind), named("value", by.Value), named("after", after), named("limit", page(limit))}, func(r *clickhouse.Rows) error {
			var id uint64
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		}); err != nil {
		return nil, err
	}
	out := []User{}
	return out, chunked(ids, maxInList, func(part []uint64) error {
		users, err := selectAll[User](ctx, q, `SELECT user_id, phone, openid, tags, attributes, seq FROM users FINAL
WHERE biz = {biz:String} AND shard IN {shards:Array(UInt64)} AND user_id IN {users:Array(UInt64)} ORDER BY user_id`,
			named("biz", biz), named("shards", shardsOf(part)), named("users", part))
		out = append(out, users...)
		return err
	})
}

// OrderMark is the order that a page of a user's orders ended with; the zero one stands before all.
type OrderMark struct {
	PaidAt time.Time
	ID     string
}

// UserOrdersAfter lists a user's orders behind a mark, the newest first, those paid at the same time by id.
func (q *Queries) UserOrdersAfter(ctx context.Context, biz string, user uint64, after OrderMark, limit int) ([]Order, error) {
	if after.ID == "" {
		return q.UserOrders(ctx, biz, user, limit)
	}
	return selectAll[Order](ctx, q, `SELECT order_id, product_id, product_group_id, toString(amount) AS amount, paid_at, toString(status) AS status
FROM orders FINAL WHERE biz = {biz:String} AND shard = {shard:UInt64} AND user_id = {id:UInt64} AND status != 'moved'
  AND (-toUnixTimestamp64Milli(paid_at), order_id) > (-{paid:Int64}, {order:String})
ORDER BY paid_at DESC, order_id LIMIT {limit:UInt64}`,
		named("biz", biz), named("shard", user>>shardBits), named("id", user), named("paid", after.PaidAt.UnixMilli()), named("order", after.ID), named("limit", page(limit)))
}
