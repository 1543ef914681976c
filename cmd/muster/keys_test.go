package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A key is for as little as was said: whoever names a product line does not get a key for all of them.
func TestWhatAKeyIsFor(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := object{}
		if err := json.NewDecoder(r.Body).Decode(&k); err != nil {
			t.Error(err)
		}
		k["id"], k["key"] = "1", "mk_1_x"
		_ = json.NewEncoder(w).Encode(k)
	}))
	defer srv.Close()
	for name, c := range map[string]struct {
		env   string
		args  []string
		biz   string
		words string
	}{
		"nothing said":        {"", nil, "*", "every product line"},
		"the flag":            {"", []string{"--biz", "demo"}, "demo", "the product line demo"},
		"the environment":     {"shop", nil, "shop", "the product line shop"},
		"the flag goes first": {"shop", []string{"--biz", "demo"}, "demo", "the product line demo"},
		"for goes first":      {"shop", []string{"--biz", "demo", "--for", "school"}, "school", "the product line school"},
		"for all of them":     {"shop", []string{"--biz", "demo", "--for", "*"}, "*", "every product line"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MUSTER_BIZ", c.env)
			var out bytes.Buffer
			root, keys := &cobra.Command{}, &cli{out: &out}
			keys.flags(root)
			root.AddCommand(keys.keysCommand())
			root.SetArgs(append([]string{"keys", "create", "--url", srv.URL, "--key", "k", "--name", "n"}, c.args...))
			if err := root.ExecuteContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for line := range strings.Lines(out.String()) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
				got[name] = strings.TrimSpace(value)
			}
			if got["biz"] != c.biz || got["for"] != c.words {
				t.Errorf("%s: want %s, %s", out.String(), c.biz, c.words)
			}
		})
	}
}
