package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestAGroupFromTheFirstUploadToTheLastMember(t *testing.T) {
	h := open(t)
	group := h.shop()
	up := h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "user_id\n1\n2\nx\n18446744073709551615\n2\n", csv...)
	if up["rows"] != 5.0 || up["accepted"] != 4.0 || up["rejected_count"] != 1.0 || up["status"] != "completed" || up["seq"] == nil {
		t.Errorf("upload %v", up)
	}
	if r := fmt.Sprint(up["rejected"]); r != "[map[field:user_id line:4 reason:is not a number]]" {
		t.Errorf("rejected %s", r)
	}
	if g := up["group"].(map[string]any); g["count"] != 3.0 || g["version"] != 1.0 || g["status"] != "ready" {
		t.Errorf("group %v", g)
	}
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", `{"users":[5,"6"]}`)
	h.want(200, "DELETE", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n2\n", lines...)
	page := h.want(200, "GET", "/v1/shop/groups/"+group+"/members?limit=2", "")
	if fmt.Sprint(page["items"]) != "[5 6]" || page["next"] != "7" {
		t.Errorf("page %v", page)
	}
	page = h.want(200, "GET", "/v1/shop/groups/"+group+"/members?limit=2&cursor=7", "")
	if fmt.Sprint(page["items"]) != "[18446744073709551615]" || page["next"] != nil {
		t.Errorf("last page %v", page)
	}
	if a := h.call("GET", "/v1/shop/groups/"+group+"/members.csv", ""); string(a.body) != "user_id\n5\n6\n18446744073709551615\n" {
		t.Errorf("export %d %q", a.status, a.body)
	}
	check := h.want(200, "POST", "/v1/shop/groups/"+group+"/members:check", `{"users":[5,1,"18446744073709551615"]}`)
	if fmt.Sprint(check) != "map[members:[5 18446744073709551615] others:[1]]" {
		t.Errorf("check %v", check)
	}
	if m := h.want(200, "GET", "/v1/shop/groups/"+group+"/members/5", ""); m["member"] != true {
		t.Errorf("member %v", m)
	}
	path := "/v1/shop/groups/" + group + "/versions?limit=2"
	first := h.want(200, "GET", path, "")
	if rest := h.want(200, "GET", path+"&cursor="+fmt.Sprint(first["next"]), ""); len(first["items"].([]any)) != 2 || len(rest["items"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("versions by page: %v, then %v", first, rest)
	}
	if v := h.want(200, "GET", "/v1/shop/groups/"+group+"/versions", ""); len(v["items"].([]any)) != 3 {
		t.Errorf("versions %v", v)
	}
	if l := h.want(200, "GET", "/v1/shop/groups", ""); len(l["items"].([]any)) != 1 {
		t.Errorf("groups %v", l)
	}
	if a := h.want(200, "POST", "/v1/shop/groups/"+group+":archive?wait=20s", ""); a["status"] != "archived" {
		t.Errorf("archived %v", a)
	}
	h.problem(409, "conflict", "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n", lines...)
	log := h.want(200, "GET", "/v1/shop/events?aggregate=group."+group, "")
	if n := len(log["items"].([]any)); n != 5 {
		t.Errorf("%d events: %v", n, log)
	}
	again := h.want(200, "GET", "/v1/shop/events?aggregate=group&limit=2", "")
	rest := h.want(200, "GET", "/v1/shop/events?aggregate=group&after="+fmt.Sprint(again["next"]), "")
	if len(again["items"].([]any)) != 2 || len(rest["items"].([]any)) != 3 {
		t.Errorf("pages of %v and %v", again, rest)
	}
}

func TestUsersTagsOrdersAndSegments(t *testing.T) {
	h := open(t)
	group := h.shop()
	h.want(200, "POST", "/v1/shop/users:import?wait=20s", "user_id,phone,openid,tags,attributes\n1,13800000001,o1,\"1,2\",\"{\"\"name\"\":\"\"Li\"\"}\"\n2,,,11,\n", csv...)
	h.want(200, "POST", "/v1/shop/tags:import?wait=20s", "user_id,tag_id,op\n2,1,add\n3,11,add\n", csv...)
	h.want(200, "POST", "/v1/shop/orders:import?wait=20s", "order_id,user_id,amount,paid_at,status\na,1,9.90,2026-11-20 23:59:59,paid\n", csv...)
	h.want(200, "PUT", "/v1/shop/tags/11?wait=20s", `{"name":"Parents"}`)
	h.want(200, "POST", "/v1/shop/groups/"+group+"/members?wait=20s", "1\n2\n3\n", lines...)
	u := h.want(200, "GET", "/v1/shop/users/1", "")
	if u["openid"] != "o1" || u["phone"] != "13800000001" || fmt.Sprint(u["tags"]) != "[1 2]" || fmt.Sprint(u["attributes"]) != "map[name:Li]" || len(u["orders"].([]any)) != 1 {
		t.Errorf("user %v", u)
	}
	for where, want := range map[string]float64{
		`"tag(1) and not tag(11)"`:              1,
		`{"all":[{"tag":1},{"tag":11}]}`:        1,
		`"group(` + group + `)"`:                3,
		`{"orders":{"days":3650,"at_least":1}}`: 1,
	} {
		c := h.want(200, "POST", "/v1/shop/segments:count", `{"where":`+where+`}`)
		if c["count"] != want || c["seq"] == nil || c["took_ms"] == nil {
			t.Errorf("%s: %v", where, c)
		}
	}
	if s := h.want(200, "POST", "/v1/shop/segments:sample?limit=2", `{"where":"group(`+group+`)"}`); fmt.Sprint(s["users"]) != "[1 2]" {
		t.Errorf("sample %v", s)
	}
	if e := h.want(200, "POST", "/v1/shop/segments:explain", `{"where":"tag(1) or tag(11)"}`); len(e["clauses"].([]any)) != 3 || e["sql"] == "" {
		t.Errorf("explain %v", e)
	}
	if l := h.want(200, "GET", "/v1/shop/users/1/groups", ""); len(l["items"].([]any)) != 1 {
		t.Errorf("groups of a user %v", l)
	}
	if l := h.want(200, "GET", "/v1/shop/tags", ""); !strings.Contains(fmt.Sprint(l), "Parents") {
		t.Errorf("tags %v", l)
	}
	h.want(200, "PUT", "/v1/shop/templates/ready?wait=20s", `{"channel":"wechat","provider_template_id":"t1","data":{"thing1":"Hello {{name}} of {{city}}"}}`)
	p := h.want(200, "POST", "/v1/shop/templates/ready:preview", `{"user_id":1,"variables":{"city":"Wuhan"}}`)
	if fmt.Sprint(p["data"]) != "map[thing1:Hello Li of Wuhan]" {
		t.Errorf("preview %v", p)
	}
	c := h.want(200, "POST", "/v1/shop/campaigns?wait=20s", `{"name":"Spring","template":"ready","where":"tag(1)","variables":{"city":"Wuhan"}}`)
	id := fmt.Sprint(c["id"])
	if c["status"] != "created" || c["text"] != "tag(1)" {
		t.Errorf("campaign %v", c)
	}
	for range 2 { // a double click
		h.want(200, "POST", "/v1/shop/campaigns/"+id+":launch?wait=20s", "")
	}
	if r := h.want(200, "GET", "/v1/shop/campaigns/"+id+"/report", ""); r["audience"] == nil || r["by_code"] == nil {
		t.Errorf("report %v", r)
	}
	if w := h.want(200, "GET", "/v1/shop/campaigns/"+id+"/users/3", ""); w["status"] != "not_in_audience" || len(w["clauses"].([]any)) != 1 {
		t.Errorf("why %v", w)
	}
	h.want(200, "GET", "/v1/shop/campaigns/"+id+"/recipients", "")
	h.want(200, "GET", "/v1/shop/users/1/messages", "")
	h.want(200, "POST", "/v1/shop/campaigns/"+id+":cancel?wait=20s", "")
}

func TestBadRequests(t *testing.T) {
	h := open(t)
	group := h.shop()
	members := "/v1/shop/groups/" + group + "/members?wait=20s"
	deep := strings.Repeat(`{"not":`, 10_000) + `{"tag":1}` + strings.Repeat("}", 10_000)
	for name, c := range map[string]struct {
		status             int
		code, method, path string
		body               string
		header             []string
		field              string
	}{
		"empty file":             {400, "invalid", "POST", members, "", lines, ""},
		"broken gzip":            {400, "invalid", "POST", members, "not gzip", []string{"Content-Encoding", "gzip", "Content-Type", "text/plain"}, ""},
		"wrong header":           {400, "invalid", "POST", "/v1/shop/users:import", "hello\n1\n", csv, "header"},
		"unknown column":         {400, "invalid", "POST", "/v1/shop/users:import", "user_id,shoe_size\n1,2\n", csv, "header"},
		"unknown json field":     {400, "invalid", "POST", "/v1/shop/groups", `{"name":"a","kind":"ids","colour":"red"}`, nil, "colour"},
		"no json":                {400, "invalid", "POST", "/v1/shop/groups", `{"name":`, nil, "body"},
		"no body":                {400, "invalid", "POST", "/v1/shop/groups", "", nil, ""},
		"wrong type":             {400, "invalid", "POST", "/v1/shop/groups", `{"name":1,"kind":"ids"}`, nil, "name"},
		"wrong content type":     {400, "invalid", "POST", "/v1/shop/groups", `<a/>`, []string{"Content-Type", "text/xml"}, ""},
		"unknown query":          {400, "invalid", "GET", "/v1/shop/groups?colour=red", "", nil, "colour"},
		"bad limit":              {400, "invalid", "GET", "/v1/shop/groups?limit=0", "", nil, "limit"},
		"bad cursor":             {400, "invalid", "GET", "/v1/shop/groups?cursor=abc", "", nil, "cursor"},
		"bad wait":               {400, "invalid", "POST", "/v1/shop/groups?wait=soon", `{"name":"a","kind":"ids"}`, nil, "wait"},
		"bad min_seq":            {400, "invalid", "GET", "/v1/shop/groups?min_seq=x", "", nil, "min_seq"},
		"unknown group":          {404, "not_found", "GET", "/v1/shop/groups/99", "", nil, ""},
		"upload, unknown group":  {404, "not_found", "POST", "/v1/shop/groups/99/members", "1\n", lines, "group"},
		"archive, unknown group": {404, "not_found", "POST", "/v1/shop/groups/99:archive?wait=20s", "", nil, ""},
		"group id no number":     {404, "not_found", "GET", "/v1/shop/groups/abc", "", nil, "group"},
		"group id above 2^64":    {404, "not_found", "GET", "/v1/shop/groups/18446744073709551616", "", nil, "group"},
		"unknown biz":            {404, "not_found", "GET", "/v1/nowhere/groups", "", nil, "biz"},
		"unknown path":           {404, "not_found", "GET", "/v1/shop/nothing/here", "", nil, ""},
		"bad biz name":           {400, "invalid", "PUT", "/v1/Shop", `{"name":"a","timezone":"UTC"}`, nil, "biz"},
		"reserved biz name":      {400, "invalid", "PUT", "/v1/keys", `{"name":"a","timezone":"UTC"}`, nil, "biz"},
		"unbalanced text":        {400, "invalid", "POST", "/v1/shop/segments:count", `{"where":"(tag(1) and tag(2)"}`, nil, "where"},
		"unknown clause":         {400, "invalid", "POST", "/v1/shop/segments:count", `{"where":{"shoe":1}}`, nil, ""},
		"10,000 deep":            {400, "invalid", "POST", "/v1/shop/segments:count", `{"where":` + deep + `}`, nil, ""},
		"segment, unknown group": {400, "invalid", "POST", "/v1/shop/segments:count", `{"where":"group(99)"}`, nil, ""},
		"user above 2^64":        {404, "not_found", "GET", "/v1/shop/users/18446744073709551616", "", nil, "user"},
		"check, negative":        {400, "invalid", "POST", "/v1/shop/groups/" + group + "/members:check", `{"users":[-1]}`, nil, ""},
		"too large":              {413, "too_large", "POST", "/v1/shop/groups", `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, nil, ""},
		"template without data":  {400, "invalid", "PUT", "/v1/shop/templates/x?wait=20s", `{"channel":"wechat"}`, nil, "data"},
		"campaign, no template":  {404, "not_found", "POST", "/v1/shop/campaigns?wait=20s", `{"name":"a","template":"none","where":"tag(1)"}`, nil, ""},
		"tag zero":               {400, "invalid", "PUT", "/v1/shop/tags/0", `{"name":"a"}`, nil, "id"},
		"timezone":               {400, "invalid", "PUT", "/v1/shop2?wait=20s", `{"name":"a","timezone":"Mars/Base"}`, nil, "timezone"},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.problem(c.status, c.code, c.method, c.path, c.body, c.header...)
			if c.field != "" && !strings.Contains(fmt.Sprint(p["errors"]), "field:"+c.field) {
				t.Errorf("no word of %s: %v", c.field, p)
			}
			if b, _ := json.Marshal(p); strings.Contains(string(b), "goroutine") || strings.Contains(string(b), "DB::") {
				t.Errorf("internals leak: %s", b)
			}
		})
	}
}
