package rows

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestUsersRoundTrip(t *testing.T) {
	c := newCodec(t)
	gen := rapid.Custom(func(t *rapid.T) User {
		u := User{UserID: rapid.Uint64().Draw(t, "id")}
		if rapid.Bool().Draw(t, "p") {
			p := rapid.Uint64().Draw(t, "phone")
			u.Phone = &p
		}
		if rapid.Bool().Draw(t, "o") {
			o := rapid.StringMatching(`[ -~\n",]{0,20}`).Draw(t, "openid")
			u.OpenID = &o
		}
		if u.HasTags = rapid.Bool().Draw(t, "t"); u.HasTags {
			u.Tags = append(u.Tags, rapid.SliceOfN(rapid.Uint32(), 0, 5).Draw(t, "tags")...)
		}
		if rapid.Bool().Draw(t, "a") {
			u.Attributes = rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "attrs")
		}
		return u
	})
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(gen, 0, 20).Draw(rt, "users")
		chunk, err := c.EncodeUsers(want)
		if err != nil {
			rt.Fatal(err)
		}
		var got []User
		if err := c.DecodeUsers(chunk, func(u User) error { got = append(got, u); return nil }); err != nil {
			rt.Fatal(err)
		}
		if len(got) != len(want) {
			rt.Fatalf("got %d users, want %d", len(got), len(want))
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				rt.Fatalf("user %d: got %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}

func TestOrdersTagsPhonesRoundTrip(t *testing.T) {
	c := newCodec(t)
	orders := []Order{
		{OrderID: "a,\"1\"", UserID: 1<<64 - 1, ProductID: 5, ProductGroupID: 6, Amount: "11.7700", PaidAt: time.UnixMilli(1700000000123).UTC(), Status: "paid"},
		{OrderID: "b", UserID: 2, Amount: "0", PaidAt: time.UnixMilli(0).UTC(), Status: "refunded"},
	}
	chunk, err := c.EncodeOrders(orders)
	if err != nil {
		t.Fatal(err)
	}
	var got []Order
	if err := c.DecodeOrders(chunk, func(o Order) error { got = append(got, o); return nil }); err != nil || !reflect.DeepEqual(got, orders) {
		t.Fatalf("got %+v (%v), want %+v", got, err, orders)
	}

	tags := []Tag{{UserID: 1, TagID: 11}, {UserID: 1 << 63, TagID: 1<<32 - 1, Remove: true}}
	if chunk, err = c.EncodeTags(tags); err != nil {
		t.Fatal(err)
	}
	var gotTags []Tag
	if err := c.DecodeTags(chunk, func(o Tag) error { gotTags = append(gotTags, o); return nil }); err != nil || !reflect.DeepEqual(gotTags, tags) {
		t.Fatalf("got %+v (%v), want %+v", gotTags, err, tags)
	}

	phones := []uint64{13800000000, 1<<64 - 1}
	if chunk, err = c.EncodePhones(phones); err != nil {
		t.Fatal(err)
	}
	var gotPhones []uint64
	if err := c.DecodePhones(chunk, func(p uint64) error { gotPhones = append(gotPhones, p); return nil }); err != nil || !reflect.DeepEqual(gotPhones, phones) {
		t.Fatalf("got %v (%v), want %v", gotPhones, err, phones)
	}
}

func TestDecodeRefusesRubbish(t *testing.T) {
	c := newCodec(t)
	if err := c.DecodePhones([]byte("not zstd"), func(uint64) error { return nil }); err == nil {
		t.Fatal("rubbish was decoded")
	}
	chunk, err := c.EncodePhones([]uint64{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DecodeTags(chunk, func(Tag) error { return nil }); err == nil {
		t.Fatal("a chunk of phones was decoded as tags")
	}
}

func newCodec(t *testing.T) *Codec {
	t.Helper()
	c, err := NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
