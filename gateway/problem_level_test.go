package gateway_test

import (
	"log/slog"
	"strings"
	"testing"
)

// What this version does not do is the answer to a question, not a failure.
func TestARefusalOfWhatIsNotThereYetIsNoError(t *testing.T) {
	log := &told{}
	h := open(t, func(o *options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	h.shop()
	h.problem(501, "not_supported", "POST", "/v1/shop/groups?wait=20s", `{"name":"x","kind":"buyers"}`)
	if s := log.String(); strings.Contains(s, "ERROR") || strings.Contains(s, "WARN") {
		t.Error(s)
	}
}
