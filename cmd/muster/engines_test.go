package main

import "testing"

func TestTheDatabaseOfADSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"http://127.0.0.1:8123":                "http://127.0.0.1:8123/muster",
		"http://u:p%2F@ch:8123/?compress=lz4":  "http://u:p%2F@ch:8123/muster?compress=lz4",
		"clickhouse://a:9000,b:9000/shop":      "clickhouse://a:9000,b:9000/shop",
		"https://ch:8443/default":              "https://ch:8443/default",
		"http://127.0.0.1:8123?database=other": "http://127.0.0.1:8123?database=other",
		"":                                     "",
	} {
		if got := inDatabase(dsn); got != want {
			t.Errorf("%q: %q, want %q", dsn, got, want)
		}
	}
}
