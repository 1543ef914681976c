package commands

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"muster/events"
	"muster/internal/fault"
)

func wechat(data map[string]string) events.Template {
	return events.Template{ID: "ready", Channel: "wechat", ProviderTemplateID: "t1", Page: "pages/index?u={{user_id}}", Data: data}
}

func TestDefineTemplate(t *testing.T) {
	s := demo(t)
	good := wechat(map[string]string{"thing1": "Hello {{name}}", "amount2": "¥10.50元", "phrase3": "配送中", "time4": "{{start}}", "custom9": "new keyword"})
	then(t, s.do(DefineTemplateType, "", DefineTemplate{Template: good}), events.TemplateDefined{Template: good})
	ignored(t, s.do(DefineTemplateType, "", DefineTemplate{Template: good}), DefineTemplateType)
	hook := events.Template{ID: "hook", Channel: "webhook", URL: "https://example.com/in", Data: map[string]string{"user": "{{user_id}}"}}
	then(t, s.do(DefineTemplateType, "", DefineTemplate{Template: hook}), events.TemplateDefined{Template: hook})

	for name, c := range map[string]struct {
		template events.Template
		field    string
	}{
		"id":                  {events.Template{ID: "A b", Channel: "webhook", URL: "http://x"}, "id"},
		"channel":             {events.Template{ID: "a", Channel: "pigeon"}, "channel"},
		"no provider id":      {events.Template{ID: "a", Channel: "wechat", Data: map[string]string{"thing1": "x"}}, "provider_template_id"},
		"no data":             {wechat(nil), "data"},
		"no url":              {events.Template{ID: "a", Channel: "webhook"}, "url"},
		"ftp":                 {events.Template{ID: "a", Channel: "webhook", URL: "ftp://example.com"}, "url"},
		"secret in url":       {events.Template{ID: "a", Channel: "webhook", URL: "https://u:p@example.com"}, "url"},
		"unbalanced":          {wechat(map[string]string{"thing1": "Hello {{name"}), "data.thing1"},
		"closed only":         {wechat(map[string]string{"thing1": "Hello name}}"}), "data.thing1"},
		"nested":              {wechat(map[string]string{"thing1": "{{a{{b}}}}"}), "data.thing1"},
		"empty placeholder":   {wechat(map[string]string{"thing1": "{{}}"}), "data.thing1"},
		"spaces":              {wechat(map[string]string{"thing1": "{{ name }}"}), "data.thing1"},
		"thing too long":      {wechat(map[string]string{"thing1": strings.Repeat("字", 21)}), "data.thing1"},
		"long beside a place": {wechat(map[string]string{"thing1": strings.Repeat("字", 21) + "{{x}}"}), "data.thing1"},
		"number":              {wechat(map[string]string{"number1": "12a"}), "data.number1"},
		"phrase":              {wechat(map[string]string{"phrase1": "abc"}), "data.phrase1"},
		"amount":              {wechat(map[string]string{"amount1": "about ten"}), "data.amount1"},
		"empty keyword":       {wechat(map[string]string{"thing1": ""}), "data.thing1"},
		"no number":           {wechat(map[string]string{"thing": "x"}), "data.thing"},
		"control character":   {wechat(map[string]string{"thing1": "a\nb"}), "data.thing1"},
		"webhook data":        {events.Template{ID: "a", Channel: "webhook", URL: "http://x", Data: map[string]string{"a b": "x"}}, "data"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, demo(t).do(DefineTemplateType, "", DefineTemplate{Template: c.template}), fault.Invalid, c.field)
		})
	}
}

func TestDefineTemplateOnCondition(t *testing.T) {
	s := demo(t)
	define := func(text string, onlyNew bool, ifSeq uint64) []any {
		t.Helper()
		return s.do(DefineTemplateType, "", DefineTemplate{Template: wechat(map[string]string{"thing1": text}), OnlyNew: onlyNew, IfSeq: ifSeq})
	}
	last := func() uint64 { return s.log(events.EventSubject("demo", aggTemplate, "ready"))[0].Seq }

	refused(t, define("a", false, 7), fault.Changed, "") // there is none
	s = demo(t)
	then(t, define("a", true, 0), events.TemplateDefined{Template: wechat(map[string]string{"thing1": "a"})})
	first := last()
	refused(t, define("b", true, 0), fault.Changed, "id")
	refused(t, define("a", true, 0), fault.Changed, "id") // even the same
	refused(t, define("b", false, first+1), fault.Changed, "")
	ignored(t, define("a", false, first), DefineTemplateType)
	then(t, define("b", false, first), events.TemplateDefined{Template: wechat(map[string]string{"thing1": "b"})}) // refusals and what changed nothing do not count
	refused(t, define("c", false, first), fault.Changed, "")
	then(t, define("c", false, 0), events.TemplateDefined{Template: wechat(map[string]string{"thing1": "c"})})            // who asks for nothing replaces
	refused(t, s.do(DefineTemplateType, "", DefineTemplate{Template: wechat(nil), OnlyNew: true}), fault.Invalid, "data") // what is wrong is said first
}

// Two services decide at once: one of two who make the same template is told that there is one.
func TestTwoMakeOneTemplate(t *testing.T) {
	t.Parallel()
	store := newMemory()
	one := newStage(t, store)
	one.given(aggBiz, "demo", events.BizDefined{Name: "Demo", Timezone: "Asia/Shanghai"})
	// The second decides while the first has decided and not yet appended.
	other := newStage(t, store)
	other.seq = 200
	var between []any
	one.service.opt.Store = beforeAppend{store, func() {
		if between == nil {
			between = other.do(DefineTemplateType, "", DefineTemplate{Template: wechat(map[string]string{"thing1": "theirs"}), OnlyNew: true})
		}
	}}
	refused(t, one.do(DefineTemplateType, "", DefineTemplate{Template: wechat(map[string]string{"thing1": "mine"}), OnlyNew: true}), fault.Changed, "id")
	then(t, between, events.TemplateDefined{Template: wechat(map[string]string{"thing1": "theirs"})})
}

type beforeAppend struct {
	Store
	first func()
}

func (s beforeAppend) Append(ctx context.Context, a []events.Append) ([]events.Version, error) {
	s.first()
	return s.Store.Append(ctx, a)
}

// What the console tells operators while they type (console/src/pages/templates/limits.ts) is what is decided here.
func TestTheConsolesCasesOfTemplates(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../console/src/pages/templates/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct{ Refused, Taken [][2]string }
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases.Refused) == 0 || len(cases.Taken) == 0 {
		t.Fatalf("%d refused, %d taken, %v", len(cases.Refused), len(cases.Taken), err)
	}
	decide := func(c [2]string) error {
		_, err := decideDefineTemplate(new(template), &DefineTemplate{Template: wechat(map[string]string{c[0]: c[1]})})
		return err
	}
	for _, c := range cases.Refused {
		if err := decide(c); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q is refused by the console, here: %v", c[0], c[1], err)
		}
	}
	for _, c := range cases.Taken {
		if err := decide(c); err != nil {
			t.Errorf("%s: %q is taken by the console, here: %v", c[0], c[1], err)
		}
	}
}
