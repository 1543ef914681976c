package gateway_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// page asks for a part of the audit log.
func (h *house) auditPage(query string) (seqs []float64, next string, items []map[string]any) {
	h.t.Helper()
	page := h.want(200, "GET", "/v1/shop/events?"+query, "")
	for _, x := range page["items"].([]any) {
		item := x.(map[string]any)
		items = append(items, item)
		seqs = append(seqs, item["seq"].(float64))
	}
	next, _ = page["next"].(string)
	return seqs, next, items
}

// pages asks for all of it by cursor.
func (h *house) audit(query, cursor string) (seqs []float64) {
	h.t.Helper()
	some, next, _ := h.auditPage(query)
	for seqs = some; next != ""; seqs = append(seqs, some...) {
		some, next, _ = h.auditPage(query + "&" + cursor + "=" + next)
	}
	return seqs
}

func TestTheAuditLogFromItsEndBack(t *testing.T) {
	h := open(t)
	group := h.shop()
	for i := range 20 {
		h.want(200, "POST", "/v1/shop/groups?wait=20s", fmt.Sprintf(`{"name":"g%d","kind":"ids"}`, i))
	}
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n2\n", lines...)
	all, _, items := h.auditPage("limit=500")
	for _, query := range []string{"", "&aggregate=group", "&aggregate=group." + group, "&type=group.created", "&aggregate=upload&type=upload.ids", "&actor=nobody"} {
		want := h.audit("limit=500"+query, "after")
		if got := h.audit("limit=3"+query, "after"); !slices.Equal(got, want) {
			t.Errorf("by threes%s: %v, want %v", query, got, want)
		}
		slices.Reverse(want)
		for _, limit := range []string{"1", "3", "500"} {
			if got := h.audit("order=newest&limit="+limit+query, "before"); !slices.Equal(got, want) {
				t.Errorf("newest first by %s%s: %v, want %v", limit, query, got, want)
			}
		}
	}
	if got := h.audit("type=group.created", "after"); len(got) != 21 {
		t.Errorf("groups: %v", got)
	}
	_, _, back := h.auditPage("order=newest&limit=500")
	slices.Reverse(back)
	if fmt.Sprint(back) != fmt.Sprint(items) {
		t.Errorf("the same events say something else:\n%v\n%v", back, items)
	}
	actor := items[0]["actor"].(string)
	if got := h.audit("actor="+url.QueryEscape(actor), "after"); len(got) == 0 || len(got) > len(all) {
		t.Errorf("of %s: %v", actor, got)
	}
	if id, key := strings.CutPrefix(actor, "key:"); !key || !slices.Equal(h.audit("actor="+id, "after"), h.audit("actor="+url.QueryEscape(actor), "after")) {
		t.Errorf("a key's id alone (%s) finds something else than %s", id, actor)
	}
	middle := items[len(items)/2]
	at := url.QueryEscape(middle["time"].(string))
	since, until := h.audit("order=newest&since="+at, "before"), h.audit("order=newest&until="+at, "before")
	if len(since)+len(until) != len(all) || !slices.Contains(since, middle["seq"].(float64)) {
		t.Errorf("since %v, until %v of %v", since, until, all)
	}
	if got := h.audit("since="+url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339)), "after"); len(got) != 0 {
		t.Errorf("of the future: %v", got)
	}
	for _, never := range []string{"until=0001-01-01T00:00:00Z", "until=1970-01-01T00:00:00Z"} {
		for _, order := range []string{"oldest", "newest"} {
			if got, _, _ := h.auditPage("order=" + order + "&" + never); len(got) != 0 {
				t.Errorf("%s %s: %v", order, never, got)
			}
		}
	}
	if got := h.audit("since=0001-01-01T00:00:00Z", "after"); !slices.Equal(got, all) {
		t.Errorf("since ever: %v, want %v", got, all)
	}
	h.problem(400, "invalid", "GET", "/v1/shop/events?order=newest&after=1", "")
	h.problem(400, "invalid", "GET", "/v1/shop/events?before=1", "")
	h.problem(400, "invalid", "GET", "/v1/shop/events?order=newest&before=x", "")
}

func TestTheAuditLogOfNoProductLineIsForAdmins(t *testing.T) {
	h := open(t)
	h.want(200, "PUT", "/v1/shop?wait=20s", `{"name":"Shop","timezone":"Asia/Shanghai"}`)
	items := h.want(200, "GET", "/v1/_/events?order=newest&aggregate=key", "")["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["type"] != "key.created" {
		t.Errorf("%v", items)
	}
	for _, who := range []string{`"biz":"*","role":"viewer"`, `"biz":"shop","role":"admin"`} {
		key := h.want(200, "POST", "/v1/keys", `{"name":"x",`+who+`}`)["key"].(string)
		h.problem(403, "forbidden", "GET", "/v1/_/events", "", "Authorization", "Bearer "+key)
	}
}
