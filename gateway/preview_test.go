package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestADraftIsPreviewedBeforeItIsATemplate(t *testing.T) {
	h := open(t)
	h.shop()
	h.want(200, "POST", "/v1/shop/users:import?wait=20s", "user_id,attributes\n1,\"{\"\"name\"\":\"\"Li\"\"}\"\n", csv...)
	p := h.want(200, "POST", "/v1/shop/templates/none:preview", `{"user_id":1,"data":{"thing1":"{{user_id}} {{name}} {{city}}"}}`)
	if fmt.Sprint(p["data"], p["missing"]) != "map[thing1:1 Li [city]] [city]" {
		t.Errorf("preview %v", p)
	}
	h.problem(404, "not_found", "POST", "/v1/shop/templates/none:preview", `{"user_id":1}`)
	h.problem(400, "invalid", "POST", "/v1/shop/templates/none:preview", `{"data":{"thing1":"{{"}}`)
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint("f", i)] = "x"
	}
	body, err := json.Marshal(map[string]any{"data": many})
	must(t, err)
	h.problem(400, "invalid", "POST", "/v1/shop/templates/none:preview", string(body))
}

// blamed wants a refusal that names a field.
func (h *house) blamed(field, path, body string) {
	h.t.Helper()
	p := h.problem(400, "invalid", "POST", path, body)
	if errs, _ := p["errors"].([]any); len(errs) != 1 || errs[0].(map[string]any)["field"] != field {
		h.t.Errorf("%.80s: blames %v, want %s", body, p, field)
	}
}

// A few bytes are not to become very many: what is previewed is as short as what is sent.
func TestAPreviewIsAsShortAsAMessage(t *testing.T) {
	h := open(t)
	h.shop()
	const at = "/v1/shop/templates/none:preview"
	draft := func(text, value string) string {
		return `{"data":{"a":"` + text + `"},"variables":{"v":"` + value + `"}}`
	}
	h.blamed("data.a", at, draft(strings.Repeat("{{v}}", 401), "y"))
	h.blamed("variables.v", at, draft("{{v}}", strings.Repeat("y", 1001)))
	h.blamed("data.a", at, draft(strings.Repeat("{{v}}", 400), strings.Repeat("y", 1000)))
	h.blamed("attributes", at, `{"data":{"a":"{{v}}"},"attributes":{"v":"`+strings.Repeat("y", 5000)+`"}}`)
	h.blamed("page", at, `{"data":{"a":"x"},"page":"`+strings.Repeat("y", 1025)+`"}`)
	var names []string
	for i := range 65 {
		names = append(names, fmt.Sprintf(`"f%d":"x"`, i))
	}
	all := "{" + strings.Join(names, ",") + "}"
	h.blamed("attributes", at, `{"data":{"a":"x"},"attributes":`+all+`}`)
	h.blamed("variables", at, `{"data":{"a":"x"},"variables":`+all+`}`)
	h.want(200, "POST", at, draft(strings.Repeat("{{v}}", 200), strings.Repeat("y", 1000)))
	h.want(200, "POST", at, `{"data":{"a":"{{v}}"},"attributes":{"v":"`+strings.Repeat("<", 4000)+`"}}`)
}

func TestWhatThePageLacksIsMissing(t *testing.T) {
	h := open(t)
	h.shop()
	h.want(200, "PUT", "/v1/shop/templates/t?wait=20s", `{"channel":"wechat","provider_template_id":"p","page":"pages/i?city={{city}}&id={{user_id}}","data":{"thing1":"{{name}}"}}`)
	const at = "/v1/shop/templates/t:preview"
	for body, want := range map[string]string{
		`{}`: "pages/i?city=[city]&id=0 [city name]",
		`{"attributes":{"name":"Li","city":"a&b=1"}}`:            "pages/i?city=a%26b%3D1&id=0 []",
		`{"variables":{"city":"W"}}`:                             "pages/i?city=W&id=0 [name]",
		`{"page":"p?x={{other}}","attributes":{"name":"Li"}}`:    "p?x=[other] [other]",
		`{"page":"","attributes":{"name":"Li"}}`:                 "<nil> []",
		`{"data":{"thing1":"x"}}`:                                "<nil> []",
		`{"data":{"thing1":"{{a}}"},"page":"p?a={{a}}&b={{b}}"}`: "p?a=[a]&b=[b] [a b]",
	} {
		p := h.want(200, "POST", at, body)
		if got := fmt.Sprint(p["page"], " ", p["missing"]); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	h.blamed("page", at, `{"page":"{{"}`)
}
