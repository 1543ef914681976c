package segments

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/fault"
)

func TestPrintsComeBack(t *testing.T) {
	t.Parallel()
	gen := genNode(genAnyLeaf(), 5)
	rapid.Check(t, func(t *rapid.T) {
		n := gen.Draw(t, "n")
		if err := Check(n); err != nil {
			if strings.Contains(err.Error(), "order clauses") {
				t.Skip("too many order clauses")
			}
			t.Fatal(err)
		}
		sameBack(t, n)
		a, err := ParseText(Text(n))
		if err != nil || !Equal(a, n) {
			t.Fatalf("%s came back as another tree: %v", Text(n), err)
		}
	})
}

func TestBuiltListsOfOnePrintAsThatOne(t *testing.T) {
	t.Parallel()
	n := All{Of: []Node{Any{Of: []Node{All{Of: []Node{Tag{ID: 1}, Tag{ID: 2}}}}}, Not{Of: Any{Of: []Node{Tag{ID: 3}}}}}}
	if got, want := Text(n), "(tag(1) and tag(2)) and not tag(3)"; got != want {
		t.Errorf("text %s, want %s", got, want)
	}
	if got, want := string(JSON(n)), `{"all":[{"all":[{"tag":1},{"tag":2}]},{"not":{"tag":3}}]}`; got != want {
		t.Errorf("JSON %s, want %s", got, want)
	}
	sameBack(t, n)
}

func TestCheckRefusesWhatWasBuiltWrong(t *testing.T) {
	t.Parallel()
	deep := Node(Tag{ID: 1})
	for range 100_000 {
		deep = Not{Of: deep}
	}
	wide := Any{}
	for i := range MaxOrders + 1 {
		wide.Of = append(wide.Of, Orders{Days: i + 1, Op: MoreThan})
	}
	for says, n := range map[string]Node{
		"the expression is missing":    nil,
		"a clause is missing":          Not{},
		"an empty list":                All{},
		"group ids begin with 1":       Group{},
		"tag ids begin with 1":         Any{Of: []Node{Tag{}, Tag{ID: 1}}},
		"days must be":                 Orders{Op: MoreThan},
		"is no comparison":             Orders{Days: 1, Op: "=="},
		"is at most":                   Orders{Days: 1, Op: MoreThan, N: MaxCount + 1},
		"until must be":                Orders{Days: 1, Op: MoreThan, Until: &Date{2023, 2, 29}},
		"nested too deeply":            deep,
		"more than 20 different order": wide,
		"more than 500 clauses and op": Any{Of: make([]Node, MaxNodes)},
	} {
		if a, ok := n.(Any); ok && len(a.Of) == MaxNodes {
			for i := range a.Of {
				a.Of[i] = Tag{ID: uint32(i + 1)}
			}
		}
		err := Check(n)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want something with %q", err, says)
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%v is no *Error", err)
		}
	}
}

func TestParseWhere(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		"": "missing", " null ": "missing", `""`: "expected group", `"group(1`: "not a whole JSON string", `"group(1` + "\x00\"": "not a whole JSON string",
		"true": "expected an object", `"group(1)" 2`: "not a whole JSON string",
	} {
		_, err := ParseWhere(json.RawMessage(raw))
		_ = refusal(t, err, says)
	}
	big := strings.Repeat(" ", MaxBytes) + "tag(1)"
	quoted, _ := json.Marshal(big)
	_, errText := ParseText(big)
	_, errJSON := ParseJSON([]byte(big))
	_, errWhere := ParseWhere(quoted)
	for _, err := range []error{errText, errJSON, errWhere} {
		if !fault.Is(err, fault.TooLarge) {
			t.Errorf("got %v, want too_large", err)
		}
	}
	if n, err := ParseText(big[len("tag(1)"):]); err != nil || Text(n) != "tag(1)" {
		t.Errorf("at the limit: %v, %v", n, err)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	n, err := ParseText("group(7) and (tag(11) or not tag(1) or group(3)) and not group(7) and orders(days=1) > 1 and tag(11)")
	if err != nil {
		t.Fatal(err)
	}
	if g := Groups(n); len(g) != 2 || g[0] != 3 || g[1] != 7 {
		t.Errorf("groups %v", g)
	}
}

func FuzzText(f *testing.F) {
	g := readGrammar(f)
	for _, c := range g.Valid {
		f.Add(c.Text)
	}
	for _, c := range g.InvalidText {
		f.Add(c.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseText(s)
		if err == nil {
			sameBack(t, n)
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.At.Offset < 0 || e.At.Offset > len(s) {
			t.Fatalf("error %v has no place", err)
		}
	})
}

func FuzzJSON(f *testing.F) {
	g := readGrammar(f)
	for _, c := range g.Valid {
		f.Add([]byte(c.JSON))
	}
	for _, c := range g.InvalidJSON {
		f.Add([]byte(c.JSON))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseWhere(b)
		if err == nil {
			sameBack(t, n)
			if !json.Valid(b) {
				t.Fatalf("accepted what is no JSON: %q", b)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.At.Offset < 0 || e.At.Offset > len(b) {
			t.Fatalf("error %v has no place", err)
		}
	})
}
