package segments

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"muster/internal/fault"
)

// grammar is testdata/grammar.json: what every parser of the language must do,
// whatever it is written in.
type grammar struct {
	About  string         `json:"about"`
	Limits map[string]int `json:"limits"`
	Valid  []struct {
		Name  string   `json:"name"`
		Texts []string `json:"texts"` // all mean the same
		JSONs []string `json:"jsons"` // and these too
		Text  string   `json:"text"`  // canonical
		JSON  string   `json:"json"`  // canonical
	} `json:"valid"`
	InvalidText []struct {
		Name   string `json:"name"`
		Text   string `json:"text"`
		Offset int    `json:"offset"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Says   string `json:"says"`
	} `json:"invalid_text"`
	InvalidJSON []struct {
		Name   string `json:"name"`
		JSON   string `json:"json"`
		Offset int    `json:"offset"`
		Path   string `json:"path"`
		Says   string `json:"says"`
	} `json:"invalid_json"`
	RepeatText []repeat `json:"repeat_text"`
	RepeatJSON []repeat `json:"repeat_json"`
}

type repeat struct {
	Name    string `json:"name"`
	Open    string `json:"open"`
	Times   int    `json:"times"`
	Inner   string `json:"inner"`
	Close   string `json:"close"`
	Refused bool   `json:"refused"`
	Says    string `json:"says"`
}

func (r repeat) String() string {
	return strings.Repeat(r.Open, r.Times) + r.Inner + strings.Repeat(r.Close, r.Times)
}

func readGrammar(t testing.TB) grammar {
	t.Helper()
	b, err := os.ReadFile("testdata/grammar.json")
	if err != nil {
		t.Fatal(err)
	}
	var g grammar
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGrammarValid(t *testing.T) {
	t.Parallel()
	for _, c := range readGrammar(t).Valid {
		t.Run(c.Name, func(t *testing.T) {
			want, err := ParseText(c.Text)
			if err != nil {
				t.Fatal(err)
			}
			check := func(form string, n Node, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if !Equal(n, want) {
					t.Errorf("%s: got the tree of %s", form, Text(n))
				}
				if got := Text(n); got != c.Text {
					t.Errorf("%s: text is %s, want %s", form, got, c.Text)
				}
				if got := string(JSON(n)); got != c.JSON {
					t.Errorf("%s: JSON is %s, want %s", form, got, c.JSON)
				}
			}
			for _, s := range append(c.Texts, c.Text) {
				n, err := ParseText(s)
				check(s, n, err)
				quoted, _ := json.Marshal(s)
				n, err = ParseWhere(quoted)
				check(string(quoted), n, err)
			}
			for _, s := range append(c.JSONs, c.JSON) {
				n, err := ParseJSON([]byte(s))
				check(s, n, err)
				n, err = ParseWhere(json.RawMessage(s))
				check(s, n, err)
			}
		})
	}
}

// refusal asserts that err is an *Error and a fault with what people need.
func refusal(t *testing.T, err error, says string) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid || !strings.HasPrefix(f.Field, "where") || f.Msg == "" {
		t.Errorf("got fault %+v", f)
	}
	if !strings.Contains(e.Msg, says) {
		t.Errorf("says %q, want something with %q", e.Msg, says)
	}
	return e
}

func TestGrammarInvalid(t *testing.T) {
	t.Parallel()
	g := readGrammar(t)
	for _, c := range g.InvalidText {
		t.Run("text/"+c.Name, func(t *testing.T) {
			_, err := ParseText(c.Text)
			e := refusal(t, err, c.Says)
			if e.At != (Pos{Offset: c.Offset, Line: c.Line, Col: c.Column}) {
				t.Errorf("at %+v, want offset %d, line %d, column %d", e.At, c.Offset, c.Line, c.Column)
			}
		})
	}
	for _, c := range g.InvalidJSON {
		t.Run("json/"+c.Name, func(t *testing.T) {
			_, err := ParseJSON([]byte(c.JSON))
			e := refusal(t, err, c.Says)
			if e.At != (Pos{Offset: c.Offset, Path: c.Path}) {
				t.Errorf("at %+v, want offset %d, path %s", e.At, c.Offset, c.Path)
			}
		})
	}
}

func TestGrammarLimits(t *testing.T) {
	t.Parallel()
	g := readGrammar(t)
	for name, want := range map[string]int{"bytes": MaxBytes, "depth": MaxDepth, "nodes": MaxNodes, "orders": MaxOrders, "days": MaxDays, "count": MaxCount} {
		if g.Limits[name] != want {
			t.Errorf("limit %s is %d, want %d", name, g.Limits[name], want)
		}
	}
	for _, c := range g.RepeatText {
		t.Run("text/"+c.Name, func(t *testing.T) { c.run(t, ParseText) })
	}
	for _, c := range g.RepeatJSON {
		t.Run("json/"+c.Name, func(t *testing.T) { c.run(t, func(s string) (Node, error) { return ParseJSON([]byte(s)) }) })
	}
}

func (r repeat) run(t *testing.T, parse func(string) (Node, error)) {
	n, err := parse(r.String())
	if r.Refused {
		_ = refusal(t, err, r.Says)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	sameBack(t, n)
}

// sameBack asserts that both prints of n parse to n and print as themselves.
func sameBack(t interface {
	Fatalf(string, ...any)
	Helper()
}, n Node) {
	t.Helper()
	text, js := Text(n), JSON(n)
	a, err := ParseText(text)
	if err != nil || Text(a) != text || string(JSON(a)) != string(js) {
		t.Fatalf("text %s came back as %v, %v", text, a, err)
	}
	b, err := ParseJSON(js)
	if err != nil || Text(b) != text || string(JSON(b)) != string(js) {
		t.Fatalf("JSON %s came back as %v, %v", js, b, err)
	}
	if !Equal(a, b) {
		t.Fatalf("the forms of %s differ", text)
	}
}
