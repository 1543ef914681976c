package gateway_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestRecipientsAsCSV reads what became of an audience: all of it, those of one status, and what is refused before the
// first byte.
func TestRecipientsAsCSV(t *testing.T) {
	h := open(t)
	h.shop()
	h.want(200, "PUT", "/v1/shop/templates/ready?wait=20s", `{"channel":"wechat","provider_template_id":"t1","data":{"thing1":"Hello"}}`)
	h.want(200, "POST", "/v1/shop/tags:import?wait=20s", "user_id,tag_id\n1,1\n", csv...)
	made := h.want(200, "POST", "/v1/shop/campaigns?wait=20s", `{"name":"Spring","template":"ready","where":"tag(1)"}`)
	id, at := fmt.Sprint(made["id"]), "/v1/shop/campaigns/"+fmt.Sprint(made["id"])
	for _, sql := range []string{
		`INSERT INTO audiences (biz, campaign_id, range, seq, from_user, to_user, users, bytes)
SELECT 'shop', ` + id + `, 1, 1, 1, 5, 5, CAST(groupBitmapState(arrayJoin([1, 2, 3, 4, 5]::Array(UInt64))) AS String)`,
		`INSERT INTO deliveries (biz, campaign_id, range, seq, part, status, code, reason, at, from_user, to_user, users, bytes)
SELECT 'shop', ` + id + `, 1, 2, 0, 'sent', '', '', '2024-01-02 03:04:05.006', 1, 2, 2, CAST(groupBitmapState(arrayJoin([1, 2]::Array(UInt64))) AS String)`,
		`INSERT INTO deliveries (biz, campaign_id, range, seq, part, status, code, reason, at, from_user, to_user, users, bytes)
SELECT 'shop', ` + id + `, 1, 3, 0, 'failed', '43101', 'the user refused, or "used up" the grant', '2024-01-02 03:04:06', 4, 4, 1, CAST(groupBitmapState(arrayJoin([4]::Array(UInt64))) AS String)`,
	} {
		must(t, h.db.Exec(context.Background(), sql))
	}
	const head, failed = "user_id,status,code,reason,at\n", `4,failed,43101,"the user refused, or ""used up"" the grant",2024-01-02T03:04:06Z` + "\n"
	for query, want := range map[string]string{
		"": head + "1,sent,,,2024-01-02T03:04:05.006Z\n2,sent,,,2024-01-02T03:04:05.006Z\n3,pending,,,\n" + failed + "5,pending,,,\n",
		"?status=failed&min_seq=" + fmt.Sprint(made["seq"]): head + failed,
		"?status=unknown": head,
	} {
		a := h.call("GET", at+"/recipients.csv"+query, "")
		if got := string(a.body); a.status != 200 || got != want || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
			t.Errorf("%q: %d %s %q, want %q", query, a.status, a.header, got, want)
		}
	}
	if d := h.call("GET", at+"/recipients.csv?status=sent", "").header.Get("Content-Disposition"); d != `attachment; filename="campaign-`+id+`-recipients-sent.csv"` {
		t.Errorf("the file is %s", d)
	}
	h.problem(400, "invalid", "GET", at+"/recipients.csv?status=gone", "")
	h.problem(404, "not_found", "GET", "/v1/shop/campaigns/x/recipients.csv", "")
	h.problem(404, "not_found", "GET", "/v1/shop/campaigns/99/recipients.csv", "")

	rows := h.want(200, "GET", at+"/recipients?status=failed", "")["items"].([]any)
	if one := rows[0].(map[string]any); len(rows) != 1 || one["code"] != "43101" || one["reason"] == "" || one["at"] != "2024-01-02T03:04:06Z" {
		t.Errorf("recipients %v", rows)
	}
	for status, want := range map[string]int{"created": 1, "completed": 0} {
		if l := h.want(200, "GET", "/v1/shop/campaigns?status="+status, "")["items"].([]any); len(l) != want {
			t.Errorf("%s: %v", status, l)
		}
	}
	h.problem(400, "invalid", "GET", "/v1/shop/campaigns?status=gone", "")
}
