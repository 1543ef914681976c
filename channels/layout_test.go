package channels_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"muster/channels"
)

func TestPlaceholders(t *testing.T) {
	l := channels.NewLayout(map[string]string{"city": "武汉", "both": "variable"})
	if err := l.Text("a", `{{ name }}, {{city}} {{both}} {{user_id}} {{name}} {one} }}`); err != nil {
		t.Fatal(err)
	}
	if got := l.Fields(); !reflect.DeepEqual(got, []string{"name"}) {
		t.Fatalf("fields %v", got)
	}
	r := channels.Recipient{UserID: 1<<64 - 1, Values: []channels.Value{{Text: "\"Ann\"", OK: true}}}
	var got string
	if err := json.Unmarshal(l.Append(nil, &r), &got); err != nil {
		t.Fatal(err)
	}
	if want := `"Ann", 武汉 variable 18446744073709551615 "Ann" {one} }}`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	r.Values[0].OK = false
	if got := l.Missing(&r); got != "name" {
		t.Fatalf("missing %q", got)
	}
	for _, bad := range []string{"{{", "{{}}", "{{ }}", "{{a", "{{{a}}}", "{{a{{b}}}}"} {
		if err := channels.NewLayout(nil).Text("a", bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestEscapingIsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "s"))
		var got string
		if err := json.Unmarshal(append(channels.AppendEscaped([]byte{'"'}, s), '"'), &got); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(s) && got != s {
			t.Fatalf("got %q, want %q", got, s)
		}
	})
}

func TestPreview(t *testing.T) {
	data, missing, err := channels.Preview(channels.Template{Data: map[string]string{"b": "{{x}} {{name}}", "a": "{{city}}"}},
		map[string]string{"city": "W"}, map[string]string{"name": "Ann"}, 7)
	if err != nil || !reflect.DeepEqual(data, map[string]string{"a": "W", "b": "[x] Ann"}) || !reflect.DeepEqual(missing, []string{"x"}) {
		t.Fatalf("%v %v %v", data, missing, err)
	}
}
