package gateway_test

import (
	"fmt"
	"sync"
	"testing"
)

const hello = `{"channel":"wechat","name":"%s","provider_template_id":"p","data":{"thing1":"Hello"}}`

func defined(name string) string { return fmt.Sprintf(hello, name) }

func TestTemplatesAreMadeOnce(t *testing.T) {
	h := open(t)
	h.shop()
	const path = "/v1/shop/templates/ready?wait=20s"
	only := []string{"Content-Type", "application/json", "If-None-Match", "*"}

	var both sync.WaitGroup
	status := make([]int, 2)
	for i := range status {
		both.Go(func() { status[i] = h.call("PUT", path, defined(fmt.Sprint("by ", i)), only...).status })
	}
	both.Wait()
	winner := 0
	if status[1] == 200 {
		winner = 1
	}
	if status[winner] != 200 || status[1-winner] != 412 {
		t.Errorf("two at once were answered %v, want 200 and 412", status)
	}
	if got := h.want(200, "GET", "/v1/shop/templates/ready", "")["name"]; got != fmt.Sprint("by ", winner) {
		t.Errorf("the template is %v, and %d won", got, winner)
	}

	// The same request again is the same command, whatever came after it.
	first := append([]string{"Idempotency-Key", "a"}, only...)
	second := append([]string{"Idempotency-Key", "b"}, only...)
	made := h.want(200, "PUT", "/v1/shop/templates/other?wait=20s", defined("first"), first...)
	refused := h.problem(412, "precondition_failed", "PUT", "/v1/shop/templates/other?wait=20s", defined("second"), second...)
	h.want(200, "PUT", "/v1/shop/templates/other?wait=20s", defined("first"), first...)
	again := h.problem(412, "precondition_failed", "PUT", "/v1/shop/templates/other?wait=20s", defined("second"), second...)
	if refused["command_id"] == nil || again["command_id"] != refused["command_id"] || fmt.Sprint(refused["errors"].([]any)[0].(map[string]any)["field"]) != "id" {
		t.Errorf("refused %v, and then %v", refused, again)
	}
	if now := h.want(200, "GET", "/v1/shop/templates/other", ""); now["seq"] != made["seq"] || now["name"] != "first" {
		t.Errorf("it is %v and was %v", now, made)
	}
	h.problem(422, "key_mismatch", "PUT", "/v1/shop/templates/other?wait=20s", defined("first"), "Idempotency-Key", "a", "Content-Type", "application/json")
}

func TestTemplatesChangeFromWhatIsKnown(t *testing.T) {
	h := open(t)
	h.shop()
	h.changesFromWhatIsKnown("/v1/shop/templates/ready", defined)
}

func TestTemplatesAreFound(t *testing.T) {
	h := open(t)
	h.shop()
	for i := range 3 {
		h.want(200, "PUT", fmt.Sprintf("/v1/shop/templates/t%d?wait=20s", i), defined("Spring"))
	}
	h.want(200, "PUT", "/v1/shop/templates/hook?wait=20s", `{"channel":"webhook","url":"https://example.com","data":{"a":"spring"}}`)
	for path, want := range map[string]string{
		"search=%20SPRING%20&limit=2":   "[2 2] [hook t0 t1 t2]",
		"search=spring&channel=wechat":  "[3] [t0 t1 t2]",
		"search=T2":                     "[1] [t2]",
		"search=%25&channel=webhook":    "[0] []",
		"channel=webhook":               "[1] [hook]",
		"search=example.com%27%20OR%20": "[0] []",
	} {
		if sizes, ids := h.pages("/v1/shop/templates?"+path, "id"); fmt.Sprint(sizes, ids) != want {
			t.Errorf("%s: %v %v, want %s", path, sizes, ids, want)
		}
	}
	h.problem(400, "invalid", "GET", "/v1/shop/templates?channel=pigeon", "")
}
