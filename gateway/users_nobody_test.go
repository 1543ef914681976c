package gateway_test

import "testing"

// Somebody of whom nothing is known is no profile, and is in no group, got no message and ordered nothing.
func TestAUserOfWhomNothingIsKnown(t *testing.T) {
	h := open(t)
	h.shop()
	h.problem(404, "not_found", "GET", "/v1/shop/users/99999999", "")
	for _, what := range []string{"groups", "messages", "orders"} {
		if got := h.want(200, "GET", "/v1/shop/users/99999999/"+what, "")["items"].([]any); len(got) != 0 {
			t.Errorf("%s: %v", what, got)
		}
		h.problem(404, "not_found", "GET", "/v1/shop/users/x/"+what, "")
		h.problem(404, "not_found", "GET", "/v1/none/users/1/"+what, "")
	}
}
