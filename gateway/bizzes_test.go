package gateway_test

import (
	"strings"
	"testing"

	"muster/commands"
	"muster/events"
)

// What the server answers under a word of its own, nobody finds a product line under.
func TestNoProductLineIsNamedLikeAPath(t *testing.T) {
	h := open(t)
	words := map[string]bool{"assets": true, "docs": true}
	for path := range h.gw.OpenAPI().Paths {
		parts := strings.Split(path, "/")[1:]
		words[parts[0]] = true
		if len(parts) > 1 {
			words[parts[1]] = true
		}
	}
	for word := range words {
		if word, _, _ = strings.Cut(word, ":"); events.ValidBiz(word) {
			p := h.problem(400, "invalid", "PUT", "/v1/"+word, `{"name":"A","timezone":"UTC"}`)
			if wrong, _ := p["errors"].([]any); len(wrong) != 1 || wrong[0].(map[string]any)["field"] != "biz" {
				t.Errorf("%s: %v", word, p)
			}
		}
	}
	for _, free := range []string{"v1shop", "v2", "documents", "assets-cn"} {
		h.want(200, "PUT", "/v1/"+free+"?wait=20s", `{"name":"A","timezone":"UTC"}`)
	}
}

// One that was made before its name was reserved can still be changed.
func TestAnOldProductLineKeepsItsName(t *testing.T) {
	h := open(t)
	_, _, err := commands.Send(t.Context(), h.nats.JS, commands.Request{
		Biz: "docs", Type: commands.DefineBizType, Payload: commands.DefineBiz{Name: "Docs", Timezone: "UTC"}, Actor: "test",
	})
	must(t, err)
	eventually(t, "it is known", func() bool { return h.call("GET", "/v1/docs", "").status == 200 })
	if b := h.want(200, "PUT", "/v1/docs?wait=20s", `{"name":"Papers","timezone":"UTC"}`); b["name"] != "Papers" {
		t.Errorf("it is %v", b)
	}
}
