package gateway_test

import (
	"fmt"
	"strings"
	"sync"
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

func TestProductLinesAreMadeOnce(t *testing.T) {
	h := open(t)
	only := []string{"Content-Type", "application/json", "If-None-Match", "*"}
	body := func(name any) string { return fmt.Sprintf(`{"name":"%v","timezone":"UTC"}`, name) }

	var both sync.WaitGroup
	status := make([]int, 2)
	for i := range status {
		both.Go(func() { status[i] = h.call("PUT", "/v1/shop?wait=20s", body(i), only...).status })
	}
	both.Wait()
	winner := 0
	if status[1] == 200 {
		winner = 1
	}
	if status[winner] != 200 || status[1-winner] != 412 {
		t.Errorf("two at once were answered %v, want 200 and 412", status)
	}
	if got := h.want(200, "GET", "/v1/shop", "")["name"]; got != fmt.Sprint(winner) {
		t.Errorf("the product line is %v, and %d won", got, winner)
	}

	// The same request again is the same command, whatever came after it.
	const path = "/v1/other?wait=20s"
	first := append([]string{"Idempotency-Key", "a"}, only...)
	second := append([]string{"Idempotency-Key", "b"}, only...)
	made := h.want(200, "PUT", path, body("first"), first...)
	refused := h.problem(412, "precondition_failed", "PUT", path, body("second"), second...)
	h.want(200, "PUT", path, body("first"), first...)
	again := h.problem(412, "precondition_failed", "PUT", path, body("second"), second...)
	if refused["command_id"] == nil || again["command_id"] != refused["command_id"] || fmt.Sprint(refused["errors"].([]any)[0].(map[string]any)["field"]) != "biz" {
		t.Errorf("refused %v, and then %v", refused, again)
	}
	if now := h.want(200, "GET", "/v1/other", ""); now["seq"] != made["seq"] || now["name"] != "first" {
		t.Errorf("it is %v and was %v", now, made)
	}
	h.problem(422, "key_mismatch", "PUT", path, body("first"), "Idempotency-Key", "a", "Content-Type", "application/json")
}

func TestProductLinesChangeFromWhatIsKnown(t *testing.T) {
	open(t).changesFromWhatIsKnown("/v1/shop", func(name string) string { return fmt.Sprintf(`{"name":%q,"timezone":"UTC"}`, name) })
}
