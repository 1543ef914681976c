package main

import (
	"bytes"
	"strings"
	"testing"

	"muster/projections/verify"
)

func TestVerifyCallsOnlyAWholeLogWhole(t *testing.T) {
	for _, c := range []struct {
		check string
		whole bool
	}{{"", true}, {"books", true}, {"log", false}} {
		r := &verify.Report{Events: 7, Ledger: 3}
		if c.check != "" {
			r.Findings = []verify.Finding{{Check: c.check, Detail: "event 5 is not the one after event 4"}}
		}
		var out bytes.Buffer
		err := (&cli{out: &out}).printVerify(r)
		if (err == nil) != (c.check == "") {
			t.Errorf("with a finding of %q: %v", c.check, err)
		}
		if got := strings.Contains(out.String(), "hashes chain, no holes"); got != c.whole || !strings.HasPrefix(out.String(), "7 events and 3 ledger entries") {
			t.Errorf("with a finding of %q it prints %q", c.check, out.String())
		}
	}
}
