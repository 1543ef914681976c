package queries

import (
	"fmt"
	"testing"
)

func TestTemplatesAreSearched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cols := []string{"biz", "LowCardinality(String)", "template_id", "String", "body", "String", "seq", "UInt64", "created_at", stamp, "updated_at", stamp}
	template := func(biz, id string, seq uint64, body string) {
		w.insert("templates", cols, []any{biz, id, fmt.Sprintf(body, id), seq, epoch, epoch})
	}
	template("b", "course", 1, `{"id":%q,"channel":"webhook","name":"Replaced","data":{}}`)
	template("b", "course", 2, `{"id":%q,"channel":"wechat","name":"Kurs für Übung","provider_template_id":"AbC_9","page":"pages/index","data":{"thing1":"课程开始","phrase2":"It's 100%% {{name}}\\"}}`)
	template("b", "hook", 3, `{"id":%q,"channel":"webhook","url":"https://example.com/in","data":{"user":"{{user_id}}"}}`)
	template("b", "zoo", 4, `{"id":%q,"channel":"wechat","data":{"thing1":"course over"}}`)
	template("c", "course", 5, `{"id":%q,"channel":"wechat","data":{"thing1":"another's"}}`)
	for _, c := range []struct {
		list TemplateList
		want string
	}{
		{TemplateList{}, "[course hook zoo]"},
		{TemplateList{Channel: "wechat"}, "[course zoo]"},
		{TemplateList{Channel: "webhook"}, "[hook]"},
		{TemplateList{Search: "COURSE"}, "[course zoo]"}, // an id, a text
		{TemplateList{Search: "course", Channel: "webhook"}, "[]"},
		{TemplateList{Search: "course", After: "course"}, "[zoo]"},
		{TemplateList{Search: "course", Limit: 1}, "[course]"},
		{TemplateList{Search: "übung"}, "[course]"},
		{TemplateList{Search: "abc_9"}, "[course]"},
		{TemplateList{Search: "Example.com"}, "[hook]"},
		{TemplateList{Search: "程开"}, "[course]"},
		{TemplateList{Search: "it's 100% {{NAME}}\\"}, "[course]"},
		{TemplateList{Search: "replaced"}, "[]"}, // what it was called before
		{TemplateList{Search: "thing1"}, "[]"},   // keys and the JSON around are no texts
		{TemplateList{Search: `"`}, "[]"},
		{TemplateList{Search: "%"}, "[course]"},
		{TemplateList{Search: "another's"}, "[]"},
	} {
		c.list.Biz = "b"
		all, err := w.q.Templates(t.Context(), c.list)
		w.must(err)
		ids := []string{}
		for _, x := range all {
			ids = append(ids, x.ID)
		}
		if got := fmt.Sprint(ids); got != c.want {
			t.Errorf("%+v: %s, want %s", c.list, got, c.want)
		}
	}
}
