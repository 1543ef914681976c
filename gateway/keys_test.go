package gateway_test

import (
	"fmt"
	"strings"
	"testing"
)

// A key for a product line that is not there would be a misspelt one, found when it opens nothing.
func TestAKeyIsForAProductLineThatIsThere(t *testing.T) {
	h := open(t)
	h.want(202, "PUT", "/v1/shop", `{"name":"Shop","timezone":"Asia/Shanghai"}`)
	h.want(200, "POST", "/v1/keys", `{"name":"x","biz":"shop","role":"viewer"}`) // just made is there
	h.want(200, "POST", "/v1/keys", `{"name":"x","biz":"*","role":"viewer"}`)
	for body, status := range map[string]int{`{"name":"x","biz":"shpo","role":"viewer"}`: 404, `{"name":"x","biz":"","role":"viewer"}`: 400, `{"name":"x","biz":"_","role":"viewer"}`: 400} {
		a := h.call("POST", "/v1/keys", body)
		p := a.problem(t, status, map[int]string{404: "not_found", 400: "invalid"}[status])
		if !strings.Contains(fmt.Sprint(p["errors"]), "field:biz ") {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}
