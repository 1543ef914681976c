package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
)

// pages reads a list to its end and returns how many items each page has, and one field of all.
func (h *house) pages(path, field string) (sizes []int, all []string) {
	h.t.Helper()
	for cursor := ""; ; {
		page := h.want(200, "GET", path+cursor, "")
		items := page["items"].([]any)
		sizes = append(sizes, len(items))
		for _, i := range items {
			all = append(all, fmt.Sprint(i.(map[string]any)[field]))
		}
		next, more := page["next"].(string)
		if !more || len(sizes) > 10 {
			return sizes, all
		}
		cursor = "&cursor=" + next
	}
}

func TestListsArePaged(t *testing.T) {
	h := open(t)
	h.shop()
	for id := range 5 {
		h.want(200, "PUT", fmt.Sprintf("/v1/shop/tags/%d?wait=20s", id+1), `{"name":"t"}`)
		h.want(200, "PUT", fmt.Sprintf("/v1/shop/templates/t%d?wait=20s", id+1), `{"channel":"wechat","provider_template_id":"p","data":{"thing1":"b"}}`)
	}
	for path, want := range map[string]string{"/v1/shop/tags?limit=2": "[2 2 1] [1 2 3 4 5]", "/v1/shop/templates?limit=2": "[2 2 1] [t1 t2 t3 t4 t5]", "/v1/shop/tags?limit=5": "[5] [1 2 3 4 5]"} {
		sizes, all := h.pages(path, "id")
		if got := fmt.Sprint(sizes, all); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, path := range []string{"tags?cursor=x", "tags?cursor=4294967296", "templates?cursor=A%20b", "users/1/messages?cursor=x"} {
		h.problem(400, "invalid", "GET", "/v1/shop/"+path, "")
	}
}

// TestNoListIsCutAtTheLargestPage has one tag more than the largest page.
func TestNoListIsCutAtTheLargestPage(t *testing.T) {
	h := open(t)
	h.shop()
	var b strings.Builder
	b.WriteString("user_id,tag_id,op\n")
	for id := range 10_001 {
		fmt.Fprintf(&b, "1,%d,add\n", id+1)
	}
	h.want(200, "POST", "/v1/shop/tags:import?wait=30s", b.String(), csv...)
	sizes, all := h.pages("/v1/shop/tags?limit=10000", "id")
	if len(all) != 10_001 || all[0] != "1" || all[10_000] != "10001" {
		t.Errorf("pages of %v", sizes)
	}
	if tag := h.want(200, "PUT", "/v1/shop/tags/10001?wait=20s", `{"name":"last"}`); tag["name"] != "last" || tag["count"] != 1.0 {
		t.Errorf("%v", tag)
	}
}

func TestAUsersMessagesArePaged(t *testing.T) {
	h := open(t)
	h.shop()
	users, err := roaring64.BitmapOf(42).ToBytes()
	must(t, err)
	for id := range 3 {
		number := fmt.Sprint(id + 1)
		_, err := h.nats.Store.Append(t.Context(), []events.Append{{Subject: events.EventSubject("shop", "audience", number), Events: []events.Event{
			{Type: events.TypeAudienceStarted, Version: 1, Data: []byte(`{"campaign":` + number + `,"position":1,"range_size":10}`)},
			{Type: events.TypeAudienceRange, Version: 1, Encoding: events.EncodingRoaring64, Part: 1, Count: 1, Data: users},
		}}})
		must(t, err)
	}
	eventually(t, "three messages", func() bool {
		_, all := h.pages("/v1/shop/users/42/messages?limit=100", "campaign_id")
		return len(all) == 3
	})
	sizes, all := h.pages("/v1/shop/users/42/messages?limit=2", "campaign_id")
	if got := fmt.Sprint(sizes, all); got != "[2 1] [3 2 1]" {
		t.Errorf("%s", got)
	}
}
