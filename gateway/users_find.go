package gateway

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muster/internal/fault"
	"muster/projections/queries"
)

// Profile is a user without orders.
type Profile struct {
	UserID     ID                `json:"user_id"`
	Phone      string            `json:"phone,omitempty"`
	OpenID     string            `json:"openid,omitempty"`
	Attributes map[string]string `json:"attributes"`
	Tags       []uint32          `json:"tags"`
	Seq        ID                `json:"seq"`
}

const foundUsers = 20 // in one page of users that were looked for

// FindUsers is what users are looked for by. It stands in the body: addresses are kept by browsers and by what
// stands between them and the door, and neither is to know phones and openids.
type FindUsers struct {
	InBiz
	Reading
	Cursor string `query:"cursor" doc:"Where the page before said to go on"`
	Body   Sought
}

// Sought is whom to look for: exactly one of the three.
type Sought struct {
	ID     *ID     `json:"id,omitempty" doc:"The user's id"`
	Phone  *string `json:"phone,omitempty" maxLength:"256" doc:"A phone number; a leading +, spaces, dashes, dots and brackets do not matter" example:"13800000001"`
	OpenID *string `json:"openid,omitempty" maxLength:"256" doc:"An openid, exactly"`
}

func (in *FindUsers) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerFindUsers() {
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/users:find", "find-users", tagUsers, "Find users by id, phone or openid").
		about("Give exactly one of `id`, `phone` and `openid`. At most "+strconv.Itoa(foundUsers)+" users at a time, by id. Nobody is an empty list."), (*FindUsers).where,
		func(ctx context.Context, in *FindUsers) (*listed[Profile], error) {
			all, err := g.findUsers(ctx, in)
			return &listed[Profile]{pageOf(all, foundUsers, func(last Profile) string { return last.UserID.String() })}, err
		})
	type orders struct {
		GetUser
		Paging
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}/orders", "list-user-orders", tagUsers, "A user's orders, the newest first").about(ofNobody),
		func(in *orders) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *orders) (*listed[Order], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			after, err := orderMark(in.Cursor)
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.UserOrders(ctx, in.Biz, id, after, in.size()+1)
			return &listed[Order]{pageOf(all, in.size(), orderCursor)}, err
		})
}

func (g *Gateway) findUsers(ctx context.Context, in *FindUsers) ([]Profile, error) {
	after, err := Paging{Cursor: in.Cursor}.from()
	if err != nil {
		return nil, err
	}
	switch sought := in.Body; {
	case sought.ID != nil && sought.Phone == nil && sought.OpenID == nil:
		return g.userByID(ctx, in.Biz, uint64(*sought.ID))
	case sought.Phone != nil && sought.ID == nil && sought.OpenID == nil:
		digits, ok := phoneDigits(*sought.Phone)
		if !ok {
			return nil, fault.Field("phone", "is not a phone number")
		}
		return g.opt.Queries.FindUsers(ctx, in.Biz, queries.Identity{Kind: queries.Phone, Value: digits}, after, foundUsers+1)
	case sought.OpenID != nil && sought.ID == nil && sought.Phone == nil:
		openid := strings.TrimSpace(*sought.OpenID)
		if openid == "" {
			return nil, fault.Field("openid", "is empty")
		}
		return g.opt.Queries.FindUsers(ctx, in.Biz, queries.Identity{Kind: queries.OpenID, Value: openid}, after, foundUsers+1)
	}
	return nil, fault.Field("id", "give exactly one of id, phone and openid")
}

func (g *Gateway) userByID(ctx context.Context, biz string, id uint64) ([]Profile, error) {
	u, err := g.opt.Queries.User(ctx, biz, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []Profile{{UserID: u.UserID, Phone: u.Phone, OpenID: u.OpenID, Attributes: u.Attributes, Tags: u.Tags, Seq: u.Seq}}, nil
}

// phoneDigits reads a phone number as uploads do: people write signs between the digits.
func phoneDigits(s string) (string, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	n, err := strconv.ParseUint(strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "").Replace(s), 10, 64)
	return strconv.FormatUint(n, 10), err == nil && n > 0
}

// orderCursor names the last order of a page; orderMark reads it.
func orderCursor(last Order) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.PaidAt.UnixMilli(), 10) + " " + last.OrderID))
}

func orderMark(cursor string) (queries.OrderMark, error) {
	if cursor == "" {
		return queries.OrderMark{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	paid, id, ok := strings.Cut(string(raw), " ")
	at, badTime := strconv.ParseInt(paid, 10, 64)
	if err != nil || !ok || id == "" || badTime != nil {
		return queries.OrderMark{}, fault.Field("cursor", "is not one that a page before gave")
	}
	return queries.OrderMark{PaidAt: time.UnixMilli(at), ID: id}, nil
}

// FindUsers lists who has a phone or an openid.
func (r *ReadModel) FindUsers(ctx context.Context, biz string, by queries.Identity, after uint64, limit int) ([]Profile, error) {
	all, err := r.q.FindUsers(ctx, biz, by, after, limit)
	return mapped(all, func(u *queries.User) Profile {
		p := Profile{UserID: ID(u.ID), OpenID: u.OpenID, Attributes: u.Attributes, Tags: u.Tags, Seq: ID(u.Seq)}
		if u.Phone != 0 {
			p.Phone = strconv.FormatUint(u.Phone, 10)
		}
		return p
	}), err
}

// UserOrders lists a user's orders behind a mark, the newest first.
func (r *ReadModel) UserOrders(ctx context.Context, biz string, user uint64, after queries.OrderMark, limit int) ([]Order, error) {
	all, err := r.q.UserOrdersAfter(ctx, biz, user, after, limit)
	return mapped(all, func(o *queries.Order) Order {
		return Order{OrderID: o.ID, ProductID: ID(o.ProductID), ProductGroupID: ID(o.ProductGroupID), Amount: o.Amount, PaidAt: o.PaidAt, Status: o.Status}
	}), err
}
