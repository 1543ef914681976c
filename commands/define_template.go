package commands

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"muster/events"
	"muster/internal/fault"
)

const maxFields = 50 // of a template, and variables of a campaign

func (w *work) defineTemplate(ctx context.Context, c *DefineTemplate) ([]any, error) {
	if _, err := w.requireBiz(ctx); err != nil {
		return nil, err
	}
	return decideDefineTemplate(own[template](w), c)
}

func decideDefineTemplate(t *template, c *DefineTemplate) ([]any, error) {
	if !isSlug(c.ID) {
		return nil, fault.Field("id", "a template's id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit")
	}
	if c.Name != "" {
		if err := checkName("name", c.Name); err != nil {
			return nil, err
		}
	}
	var err error
	switch c.Channel {
	case "wechat":
		err = checkWeChat(&c.Template)
	case "webhook":
		err = checkWebhook(&c.Template)
	default:
		err = fault.Field("channel", "is wechat or webhook")
	}
	if err == nil {
		err = checkData(c.Data)
	}
	if err != nil {
		return nil, err
	}
	if err := c.expects(t); err != nil {
		return nil, err
	}
	if sameTemplate(&t.Template, &c.Template) {
		return noop("the template is so already"), nil
	}
	return []any{events.TemplateDefined{Template: c.Template}}, nil
}

// expects refuses to replace what the sender does not know of.
func (c *DefineTemplate) expects(t *template) error {
	switch {
	case c.OnlyNew && t.ID != "":
		return &fault.Error{Code: fault.Changed, Field: "id", Msg: "there is a template " + c.ID + " already"}
	case c.IfSeq != 0 && t.ID == "":
		return fault.New(fault.Changed, "there is no template %s to change", c.ID)
	case c.IfSeq != 0 && c.IfSeq != t.seq:
		return fault.New(fault.Changed, "somebody changed the template %s meanwhile", c.ID)
	}
	return nil
}

func sameTemplate(a, b *events.Template) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Channel == b.Channel && a.ProviderTemplateID == b.ProviderTemplateID &&
		a.Page == b.Page && a.URL == b.URL && maps.Equal(a.Data, b.Data)
}

func checkWeChat(t *events.Template) error {
	if t.ProviderTemplateID == "" {
		return fault.Field("provider_template_id", "name the template's id at WeChat")
	}
	if err := checkText("provider_template_id", t.ProviderTemplateID, maxName); err != nil {
		return err
	}
	if t.URL != "" {
		return fault.Field("url", "only webhook templates have one; WeChat opens page")
	}
	if err := checkPage(t.Page); err != nil {
		return err
	}
	if len(t.Data) == 0 {
		return fault.Field("data", `give the template's keywords, as {"thing1": "text with {{name}}"}`)
	}
	var errs []error
	for _, k := range slices.Sorted(maps.Keys(t.Data)) {
		errs = append(errs, checkKeyword(k, t.Data[k]))
	}
	return errors.Join(errs...)
}

func checkPage(page string) error {
	if err := checkText("page", page, 1024); err != nil {
		return err
	}
	if strings.Contains(page, "://") {
		return fault.Field("page", "is a page of the mini program, as pages/index?id={{user_id}}")
	}
	_, _, err := placeholders("page", page)
	return err
}

func checkWebhook(t *events.Template) error {
	u, err := url.Parse(t.URL)
	switch {
	case t.URL == "" || err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fault.Field("url", "is where to post to: an absolute http or https URL")
	case u.User != nil:
		return fault.Field("url", "must not hold a user name or password")
	case t.ProviderTemplateID != "" || t.Page != "":
		return fault.Field("channel", "webhook templates have neither provider_template_id nor page")
	}
	return checkText("url", t.URL, maxText)
}

func checkData(data map[string]string) error {
	if len(data) > maxFields {
		return fault.Field("data", "has %d fields, at most %d are allowed", len(data), maxFields)
	}
	for _, k := range slices.Sorted(maps.Keys(data)) {
		if !isVariable(k) {
			return fault.Field("data", "%.40q is not a field's name: use A-Z, a-z, 0-9, _ and .", k)
		}
		field := "data." + k
		if err := checkText(field, data[k], maxText); err != nil {
			return err
		}
		if _, _, err := placeholders(field, data[k]); err != nil {
			return err
		}
	}
	return nil
}
