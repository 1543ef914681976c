package channels_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"muster/channels"
	"muster/internal/fault"
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

func TestPlaceholdersOfALinkAreEncoded(t *testing.T) {
	l := channels.NewLayout(map[string]string{"ref": "a b+c"})
	if err := l.Link("page", `pages/{{shop}}?id={{user_id}}&name={{name}}&ref={{ref}}&"`); err != nil {
		t.Fatal(err)
	}
	r := channels.Recipient{UserID: 42, Values: []channels.Value{{Text: "../x?y", OK: true}, {Text: "a&admin=1#x 武\"\n~", OK: true}}}
	var got string
	if err := json.Unmarshal(l.Append(nil, &r), &got); err != nil {
		t.Fatal(err)
	}
	if want := `pages/../x%3Fy?id=42&name=a%26admin%3D1%23x%20%E6%AD%A6%22%0A~&ref=a%20b%2Bc&"`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		l := channels.NewLayout(nil)
		if err := l.Link("page", "p/{{name}}?a={{name}}&b=1"); err != nil {
			t.Fatal(err)
		}
		var page string
		if err := json.Unmarshal(l.Append(nil, &channels.Recipient{Values: []channels.Value{{Text: name, OK: true}}}), &page); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(page)
		if err != nil || u.Fragment != "" || u.Path != "p/"+name || !reflect.DeepEqual(u.Query(), url.Values{"a": {name}, "b": {"1"}}) {
			t.Fatalf("%q makes %s: %v", name, page, err)
		}
	})
}

// A value that is a path stays one, until the parameters begin.
func TestAPathInALinkStaysAPath(t *testing.T) {
	l := channels.NewLayout(map[string]string{"page": "pages/order/list", "back": "/a?b#c&d%e"})
	if err := l.Link("page", `{{page}}{{back}}/{{sub}}?page={{page}}&sub={{sub}}#{{page}}`); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(l.Append(nil, &channels.Recipient{Values: []channels.Value{{Text: "x/y", OK: true}}}), &got); err != nil {
		t.Fatal(err)
	}
	if want := `pages/order/list/a%3Fb%23c%26d%25e/x/y?page=pages%2Forder%2Flist&sub=x%2Fy#pages%2Forder%2Flist`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// The place of a field is looked up, not looked for: with so many, the one takes a moment, the other minutes.
func TestManyPlaceholders(t *testing.T) {
	const n = 100_000
	var text strings.Builder
	for range 2 {
		for i := range n {
			fmt.Fprintf(&text, "{{f%d}}", i)
		}
	}
	l := channels.NewLayout(nil)
	if err := l.Text("a", text.String()); err != nil {
		t.Fatal(err)
	}
	if got := l.Fields(); len(got) != n || got[0] != "f0" || got[n-1] != fmt.Sprint("f", n-1) {
		t.Fatalf("%d fields", len(got))
	}
}

func TestPreview(t *testing.T) {
	p, err := channels.NewPreview(channels.Template{Page: "p?id={{user_id}}&n={{name}}&s={{shop}}", Data: map[string]string{"b": "{{x}} {{name}} {{shop}}", "a": "{{city}}"}},
		map[string]string{"city": "W"}, map[string]string{"name": "Ann & Bob"}, 7)
	want := channels.Preview{Page: "p?id=7&n=Ann%20%26%20Bob&s=[shop]", Data: map[string]string{"a": "W", "b": "[x] Ann & Bob [shop]"}, Missing: []string{"shop", "x"}}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Fatalf("%+v %v", p, err)
	}
}

func TestAPreviewIsBounded(t *testing.T) {
	many := strings.Repeat("{{v}}", 300)
	for name, c := range map[string]struct {
		vars, attributes map[string]string
	}{
		"variable":  {map[string]string{"v": strings.Repeat("y", 1000)}, nil},
		"attribute": {nil, map[string]string{"v": strings.Repeat("y", 1000)}},
	} {
		_, err := channels.NewPreview(channels.Template{Data: map[string]string{"a": many}}, c.vars, c.attributes, 1)
		var f *fault.Error
		if !errors.As(err, &f) || f.Field != "data.a" || f.Code != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := channels.NewPreview(channels.Template{Data: map[string]string{"a": many[:5*100]}}, c.vars, c.attributes, 1); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
