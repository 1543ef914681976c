package gateway_test

import "fmt"

// changesFromWhatIsKnown makes what is at a path, which is not there yet, and changes it, from what its ETag says.
func (h *house) changesFromWhatIsKnown(path string, body func(name string) string) {
	h.t.Helper()
	define := path + "?wait=20s"
	knowing := func(tag string) []string { return []string{"Content-Type", "application/json", "If-Match", tag} }
	tag := func() string {
		a := h.call("GET", path, "")
		if got, want := a.header.Get("ETag"), fmt.Sprintf(`"%v"`, a.json(h.t)["seq"]); got != want {
			h.t.Errorf("the ETag is %s, want %s", got, want)
		}
		return a.header.Get("ETag")
	}
	h.problem(412, "precondition_failed", "PUT", define, body("a"), knowing(`"1"`)...)
	h.want(200, "PUT", define, body("a"))
	known := tag()
	h.want(200, "PUT", define, body("b"), knowing(known)...)
	h.problem(412, "precondition_failed", "PUT", define, body("c"), knowing(known)...)
	if got := h.want(200, "GET", path, "")["name"]; got != "b" {
		h.t.Errorf("it is %v", got)
	}
	h.want(200, "PUT", define, body("b"), knowing(tag())...) // it is so already
	h.want(200, "PUT", define, body("c"), knowing(tag())...)
	for _, headers := range [][]string{knowing("1"), knowing(`W/"1"`), knowing("*"), knowing(`"x"`), knowing(`"1", "2"`), {"If-None-Match", `"1"`}, {"If-None-Match", "*", "If-Match", tag()}} {
		h.problem(400, "invalid", "PUT", define, body("d"), append(headers, "Content-Type", "application/json")...)
	}
}
