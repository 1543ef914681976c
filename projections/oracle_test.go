package projections

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/events"
	"muster/events/rows"
)

// oracle is the read model as plain Go says it.
type oracle struct {
	users  map[uint64]*rows.User
	orders map[string]rows.Order
	groups map[uint64]map[uint64]bool
	known  map[uint64]bool
}

func newOracle() *oracle {
	return &oracle{users: map[uint64]*rows.User{}, orders: map[string]rows.Order{}, groups: map[uint64]map[uint64]bool{}, known: map[uint64]bool{}}
}

func (o *oracle) user(id uint64) *rows.User {
	o.known[id] = true
	if o.users[id] == nil {
		o.users[id] = &rows.User{UserID: id, Phone: ptr(uint64(0)), OpenID: ptr("")}
	}
	return o.users[id]
}

func (o *oracle) putUsers(list []rows.User) {
	for _, r := range list {
		u := o.user(r.UserID)
		if r.Phone != nil {
			u.Phone = r.Phone
		}
		if r.OpenID != nil {
			u.OpenID = r.OpenID
		}
		if r.HasTags {
			u.Tags = slices.Clone(r.Tags)
		}
	}
}

func (o *oracle) putTags(list []rows.Tag) {
	for _, r := range list {
		u := o.user(r.UserID)
		u.Tags = slices.DeleteFunc(u.Tags, func(t uint32) bool { return t == r.TagID })
		if !r.Remove {
			u.Tags = append(u.Tags, r.TagID)
			slices.Sort(u.Tags)
		}
	}
}

func (o *oracle) putOrders(list []rows.Order) {
	for _, r := range list {
		o.known[r.UserID] = true
		o.orders[r.OrderID] = r
	}
}

func (o *oracle) putMembers(group uint64, op events.MemberOp, ids []uint64) {
	if op == events.OpReplace {
		clear(o.groups[group])
	}
	for _, id := range ids {
		o.known[id] = true
		if op == events.OpRemove {
			delete(o.groups[group], id)
		} else {
			o.groups[group][id] = true
		}
	}
}

// dump writes the oracle in the words of bench.dump.
func (o *oracle) dump() map[string]string {
	sets := map[string]map[uint64]bool{}
	put := func(kind string, set, user uint64) {
		k := fmt.Sprintf("%s %d", kind, set)
		if sets[k] == nil {
			sets[k] = map[uint64]bool{}
		}
		sets[k][user] = true
	}
	var users, orders, ids []string
	for id, u := range o.users {
		tags := fmt.Sprint(u.Tags)
		users = append(users, fmt.Sprintf("%d phone=%d openid=%s tags=%s", id, *u.Phone, *u.OpenID, tags))
		for _, t := range u.Tags {
			put(KindTag, uint64(t), id)
		}
		if *u.Phone != 0 {
			ids = append(ids, fmt.Sprintf("phone %d %d", *u.Phone, id))
		}
		if *u.OpenID != "" {
			ids = append(ids, fmt.Sprintf("openid %s %d", *u.OpenID, id))
		}
	}
	for id, r := range o.orders {
		orders = append(orders, fmt.Sprintf("%s %d %s %s", id, r.UserID, r.Amount, r.Status))
	}
	for g, members := range o.groups {
		for id := range members {
			put(KindGroup, g, id)
		}
	}
	for id := range o.known {
		put(KindKnown, 0, id)
	}
	var lines []string
	for k, members := range sets {
		lines = append(lines, k+" "+fmt.Sprint(slices.Sorted(maps.Keys(members))))
	}
	return map[string]string{"users": sorted(users), "orders": sorted(orders), "identities": sorted(ids), "sets": sorted(lines), "sets_by_shard": sorted(lines)}
}

func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// told reads the same from the database.
func (b *bench) told(db DB) map[string]string {
	sets := func(table string) string {
		return "SELECT concat(kind, ' ', toString(set_id), ' [', arrayStringConcat(arrayMap(x -> toString(x), arraySort(arrayFlatten(groupArray(bitmapToArray(members))))), ' '), ']') AS s FROM " +
			table + " FINAL WHERE bitmapCardinality(members) > 0 GROUP BY kind, set_id"
	}
	out := map[string]string{}
	for table, sql := range map[string]string{
		"users":         "SELECT concat(toString(user_id), ' phone=', toString(phone), ' openid=', openid, ' tags=[', arrayStringConcat(arrayMap(x -> toString(x), tags), ' '), ']') AS s FROM users FINAL",
		"orders":        "SELECT concat(order_id, ' ', toString(user_id), ' ', toString(amount), ' ', status) AS s FROM orders FINAL WHERE status != 'moved'",
		"identities":    "SELECT concat(kind, ' ', value, ' ', toString(user_id)) AS s FROM identities FINAL WHERE live = 1",
		"sets":          sets("sets"),
		"sets_by_shard": sets("sets_by_shard"),
	} {
		var got []struct {
			S string `ch:"s"`
		}
		b.must(db.Select(b.Context(), &got, sql))
		lines := make([]string, len(got))
		for i := range got {
			lines[i] = got[i].S
		}
		out[table] = sorted(lines)
	}
	return out
}

func TestRandomOperationsAgainstAnOracle(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	b, o := newBench(t), newOracle()
	anyone := func() uint64 { return []uint64{0, 65_530, 5_000_000_000}[r.IntN(3)] + uint64(r.IntN(12)) + 1 }
	for g := uint64(1); g <= 3; g++ {
		o.groups[g] = map[uint64]bool{}
		b.group("demo", g)
	}
	tags := func() []uint32 {
		seen := map[uint32]bool{}
		for range r.IntN(4) {
			seen[[]uint32{1, 2, 11, 12, 111}[r.IntN(5)]] = true
		}
		return slices.Sorted(maps.Keys(seen))
	}
	users := func() []rows.User {
		list := make([]rows.User, 1+r.IntN(8))
		for i := range list {
			list[i] = rows.User{UserID: anyone()}
			if r.IntN(2) == 0 {
				list[i].Phone = ptr(uint64(r.IntN(6)))
			}
			if r.IntN(2) == 0 {
				list[i].OpenID = ptr([]string{"", "a", "b,\"c"}[r.IntN(3)])
			}
			if r.IntN(3) > 0 {
				list[i].Tags, list[i].HasTags = tags(), true
			}
		}
		return list
	}
	late := func() {} // an upload that is completed only after others
	for range 60 {
		size := 1 + r.IntN(4)
		switch r.IntN(6) {
		case 0:
			list := users()
			b.users("demo", size, list...)
			o.putUsers(list)
		case 1:
			late()
			list := users()
			c := b.userChunks(size, users())
			start := events.UploadStarted{Target: events.TargetUsers, Content: events.TypeUploadUsers}
			id := b.begin("demo", start, c) // begun in vain: the second start discards it
			c = b.userChunks(size, list)
			b.again("demo", id, start, c)
			late = func() {
				b.complete("demo", id, events.TargetUsers, events.TypeUploadUsers, len(list), len(c))
				o.putUsers(list)
			}
		case 2:
			list := make([]rows.Tag, 1+r.IntN(8))
			for i := range list {
				list[i] = rows.Tag{UserID: anyone(), TagID: []uint32{1, 2, 11, 12, 111}[r.IntN(5)], Remove: r.IntN(2) == 0}
			}
			b.tags("demo", size, list...)
			o.putTags(list)
		case 3:
			list := make([]rows.Order, 1+r.IntN(8))
			for i := range list {
				list[i] = rows.Order{OrderID: fmt.Sprint(r.IntN(10)), UserID: anyone(), Amount: fmt.Sprint(1 + r.IntN(99)), PaidAt: time.UnixMilli(1), Status: []string{"paid", "refunded"}[r.IntN(2)]}
			}
			b.orders("demo", size, list...)
			o.putOrders(list)
		default:
			ids := make([]uint64, 1+r.IntN(8))
			for i := range ids {
				ids[i] = anyone()
			}
			g, op := 1+r.Uint64N(3), []events.MemberOp{events.OpAdd, events.OpAdd, events.OpRemove, events.OpReplace}[r.IntN(4)]
			b.members("demo", g, op, size, ids...)
			o.putMembers(g, op, ids)
		}
	}
	late()
	b.users("demo", 1, rows.User{UserID: 1})
	o.putUsers([]rows.User{{UserID: 1}})
	want := o.dump()
	for _, c := range []struct {
		batch int
		limits
	}{
		{1000, limits{smallUpload: 1000, sliceRows: 1000, blockBytes: 1 << 20}},
		{37, limits{smallUpload: 4, sliceRows: 5, blockBytes: 200}},
	} {
		db := newDB(t)
		s := b.service(db, c.batch)
		s.env.limits = c.limits
		b.run(s)
		b.same(want, b.told(db))
	}
}
