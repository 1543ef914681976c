package gateway_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestGroupsAreFound makes some groups and looks for them by name, id, state and expiry.
func TestGroupsAreFound(t *testing.T) {
	h := open(t)
	h.shop()
	ids := map[string]string{}
	for _, g := range []struct {
		name, kind string
		expires    time.Duration
	}{{"Spring buyers", `"kind":"ids"`, 0}, {"春节 VIP 100% _off_", `"kind":"ids"`, time.Hour}, {"spring file", `"kind":"file","subkind":"upload"`, 10 * 24 * time.Hour}} {
		body := fmt.Sprintf(`{"name":%q,%s}`, g.name, g.kind)
		if g.expires > 0 {
			body = fmt.Sprintf(`{"name":%q,%s,"expires_at":%q}`, g.name, g.kind, time.Now().Add(g.expires).Format(time.RFC3339))
		}
		ids[g.name] = fmt.Sprint(h.want(200, "POST", "/v1/shop/groups?wait=20s", body)["id"])
	}
	find := func(query string) string {
		_, names := h.pages("/v1/shop/groups?limit=2&"+query, "name")
		return strings.Join(names, ", ")
	}
	for query, want := range map[string]string{
		"":                                     "spring file, 春节 VIP 100% _off_, Spring buyers, all", // which the shop has already
		"search=SPRING":                        "spring file, Spring buyers",
		"search=" + url.QueryEscape(" vip "):   "春节 VIP 100% _off_",
		"search=" + url.QueryEscape("节"):       "春节 VIP 100% _off_",
		"search=" + url.QueryEscape("0%"):      "春节 VIP 100% _off_",
		"search=" + url.QueryEscape("%"):       "春节 VIP 100% _off_",
		"search=" + url.QueryEscape("' OR 1"):  "",
		"search=" + ids["Spring buyers"]:       "Spring buyers",
		"search=spring&kind=file":              "spring file",
		"search=spring&status=ready":           "Spring buyers",
		"expiring=2h":                          "春节 VIP 100% _off_",
		"expiring=7200":                        "春节 VIP 100% _off_",
		"expiring=336h":                        "spring file, 春节 VIP 100% _off_",
		"expiring=336h&search=spring":          "spring file",
		"expiring=8784h":                       "spring file, 春节 VIP 100% _off_",
		"expiring=1m":                          "",
		"search=" + strings.Repeat("9", 30):    "",
		"search=18446744073709551615&kind=ids": "",
	} {
		if got := find(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for _, bad := range []string{"soon", "-1h", "-1", "8785h", "9999h", "999999999h", "31622401", "99999999999999", strings.Repeat("9", 40), "1e3"} {
		if p := h.problem(400, "invalid", "GET", "/v1/shop/groups?expiring="+bad, ""); !strings.Contains(fmt.Sprint(p["errors"]), "field:expiring ") {
			t.Errorf("%s: %v", bad, p)
		}
	}
}
