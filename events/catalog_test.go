package events_test

import (
	"encoding/json"
	"strings"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

type noted struct {
	Text string   `json:"text"`
	Tags []string `json:"tags,omitempty"`
}

// testEntries is a catalog whose event has lived through three versions.
func testEntries() []events.Entry {
	return []events.Entry{
		{Type: "test.raw", Version: 1},
		{
			Type: "test.noted", Version: 3, New: func() any { return &noted{} }, Example: noted{Text: "hi"},
			Upcasts: map[int]func([]byte) ([]byte, error){
				1: func(old []byte) ([]byte, error) { // 1 was a bare string
					var s string
					if err := json.Unmarshal(old, &s); err != nil {
						return nil, err
					}
					return json.Marshal(map[string]string{"note": s})
				},
				2: func(old []byte) ([]byte, error) { // 2 called it note
					return []byte(strings.Replace(string(old), `"note"`, `"text"`, 1)), nil
				},
			},
		},
	}
}

func TestCatalogDecodesEveryVersion(t *testing.T) {
	t.Parallel()
	c, err := events.NewCatalog(testEntries())
	if err != nil {
		t.Fatal(err)
	}
	for version, data := range map[int]string{1: `"hi"`, 2: `{"note":"hi"}`, 3: `{"text":"hi"}`} {
		v, err := c.Decode(events.Event{Type: "test.noted", Version: version, Data: []byte(data)})
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := v.(*noted); !ok || n.Text != "hi" {
			t.Fatalf("version %d: %#v", version, v)
		}
	}
	for name, bad := range map[string]struct {
		e    events.Event
		code fault.Code
	}{
		"unknown type":      {events.Event{Type: "test.other", Version: 1}, fault.Unsupported},
		"newer version":     {events.Event{Type: "test.noted", Version: 4, Data: []byte(`{}`)}, fault.Unsupported},
		"unknown field":     {events.Event{Type: "test.noted", Version: 3, Data: []byte(`{"note":"x"}`)}, fault.Corrupt},
		"two values":        {events.Event{Type: "test.noted", Version: 3, Data: []byte(`{"text":"x"} {}`)}, fault.Corrupt},
		"no JSON":           {events.Event{Type: "test.noted", Version: 3, Data: []byte(`x`)}, fault.Corrupt},
		"upcast impossible": {events.Event{Type: "test.noted", Version: 1, Data: []byte(`7`)}, fault.Corrupt},
	} {
		if v, err := c.Decode(bad.e); !fault.Is(err, bad.code) {
			t.Errorf("%s: %v %v", name, v, err)
		}
	}
	if v, err := c.Decode(events.Event{Type: "test.raw", Version: 1, Data: []byte{1, 2}}); err != nil || string(v.([]byte)) != "\x01\x02" {
		t.Errorf("%v %v", v, err)
	}
	for _, payload := range []any{noted{Text: "hi"}, &noted{Text: "hi"}} {
		e, err := c.Encode(payload)
		if err != nil || e.Type != "test.noted" || e.Version != 3 || string(e.Data) != `{"text":"hi"}` {
			t.Errorf("%+v %v", e, err)
		}
	}
	for _, payload := range []any{nil, 7, []byte{1}, struct{}{}} {
		if _, err := c.Encode(payload); !fault.Is(err, fault.Internal) {
			t.Errorf("%v: %v", payload, err)
		}
	}
}

func TestCatalogRefusesMistakes(t *testing.T) {
	t.Parallel()
	fresh := func() any { return &noted{} }
	for name, list := range map[string][]events.Entry{
		"no type":      {{Version: 1}},
		"no version":   {{Type: "a.b"}},
		"twice":        {{Type: "a.b", Version: 1}, {Type: "a.b", Version: 1}},
		"no upcast":    {{Type: "a.b", Version: 2, New: fresh}},
		"same payload": {{Type: "a.b", Version: 1, New: fresh}, {Type: "a.c", Version: 1, New: fresh}},
	} {
		if _, err := events.NewCatalog(list); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := events.NewCatalog(nil); err != nil {
		t.Error(err)
	}
}
