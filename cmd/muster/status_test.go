package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestStatusFailsForAStoppedProjection(t *testing.T) {
	for name, c := range map[string]struct{ why, want string }{
		"all go on": {},
		"one stops": {`,"error":"cannot apply event 7"`, "the projection orders is stopped: cannot apply event 7"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"items":[{"name":"groups","lag":0},{"name":"orders","lag":2%s}]}`, c.why)
		}))
		for _, asJSON := range []bool{false, true} {
			var out bytes.Buffer
			cmd := (&cli{url: srv.URL, key: "k", out: &out, asJSON: asJSON}).statusCommand()
			cmd.SetArgs([]string{})
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			got := ""
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				got = err.Error()
			}
			if got != c.want || !strings.Contains(out.String(), "orders") {
				t.Errorf("%s (JSON: %t): %q after %q", name, asJSON, got, out.String())
			}
		}
		srv.Close()
	}
}
