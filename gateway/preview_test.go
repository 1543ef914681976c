package gateway_test

import (
	"encoding/json"
	"fmt"
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
