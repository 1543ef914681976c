package commands

import (
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
	then(t, s.do(DefineTemplateType, "", DefineTemplate{good}), events.TemplateDefined{Template: good})
	ignored(t, s.do(DefineTemplateType, "", DefineTemplate{good}), DefineTemplateType)
	hook := events.Template{ID: "hook", Channel: "webhook", URL: "https://example.com/in", Data: map[string]string{"user": "{{user_id}}"}}
	then(t, s.do(DefineTemplateType, "", DefineTemplate{hook}), events.TemplateDefined{Template: hook})

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
			refused(t, demo(t).do(DefineTemplateType, "", DefineTemplate{c.template}), fault.Invalid, c.field)
		})
	}
}
