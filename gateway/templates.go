package gateway

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

const tagTemplates = "Templates"

func (g *Gateway) registerTemplates() {
	g.registerTemplateReads()
	g.registerTemplateDefinition()
	g.registerPreview(tagTemplates)
}

func (g *Gateway) registerTemplateReads() {
	type one struct {
		InBiz
		Reading
		ID string `path:"id" doc:"The template" example:"ready"`
	}
	type tagged struct {
		ETag string `header:"ETag" doc:"The template's seq in quotes, for If-Match"`
		Body Template
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/templates/{id}", "get-template", tagTemplates, "Read a template"),
		func(in *one) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *one) (*tagged, error) {
			t, err := g.opt.Queries.Template(ctx, in.Biz, in.ID)
			return &tagged{strconv.Quote(t.Seq.String()), t}, err
		})
	type query struct {
		InBiz
		Reading
		Paging
		Channel string `query:"channel" doc:"Only those" enum:"wechat,webhook"`
		Search  string `query:"search" maxLength:"200" doc:"Part of the id, the name, a text, the provider's template id or the URL, whatever the case"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/templates", "list-templates", tagTemplates, "List templates"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*listed[Template], error) {
			if in.Cursor != "" && !events.ValidToken(in.Cursor) {
				return nil, fault.Field("cursor", "is not one that a page before gave")
			}
			filter := TemplateFilter{After: in.Cursor, Channel: in.Channel, Search: strings.TrimSpace(in.Search), Limit: in.size() + 1}
			all, err := g.opt.Queries.Templates(ctx, in.Biz, filter)
			return &listed[Template]{pageOf(all, in.size(), func(last Template) string { return last.ID })}, err
		})
}

func (g *Gateway) registerTemplateDefinition() {
	type templateDefinition struct {
		InBiz
		Changing
		Expecting
		ID   string `path:"id" doc:"The template" example:"ready"`
		Body struct {
			ID                 string            `json:"id,omitempty" doc:"The same as in the path, if given"`
			Name               string            `json:"name,omitempty" maxLength:"200"`
			Channel            string            `json:"channel" enum:"wechat,webhook"`
			ProviderTemplateID string            `json:"provider_template_id,omitempty"`
			Page               string            `json:"page,omitempty" doc:"wechat: the mini-program page it opens"`
			URL                string            `json:"url,omitempty" doc:"webhook: where it is posted"`
			Data               map[string]string `json:"data" doc:"The provider's fields: text with {{name}}, an attribute, user_id or a campaign variable"`
		}
	}
	command[templateDefinition, Template](g, at(Operator, http.MethodPut, "/v1/{biz}/templates/{id}", "define-template", tagTemplates, "Make or change a template"), func(_ context.Context, in *templateDefinition) (change, error) {
		if _, err := g.state.biz(in.Biz); err != nil {
			return change{}, err
		}
		b := &in.Body
		if b.ID != "" && b.ID != in.ID {
			return change{}, fault.Field("id", "is not the one in the path")
		}
		if !events.ValidToken(in.ID) {
			return change{}, fault.Field("id", "a template's id is a-z, 0-9, _ and -, at most 64")
		}
		onlyNew, seq, err := in.expected()
		if err != nil {
			return change{}, err
		}
		t := events.Template{ID: in.ID, Name: b.Name, Channel: b.Channel, ProviderTemplateID: b.ProviderTemplateID, Page: b.Page, URL: b.URL, Data: b.Data}
		return change{biz: in.Biz, typ: commands.DefineTemplateType, payload: commands.DefineTemplate{Template: t, OnlyNew: onlyNew, IfSeq: seq}, params: in.Changing,
			result: func(ctx context.Context, _ settled) (any, error) { return g.opt.Queries.Template(ctx, in.Biz, in.ID) }}, nil
	})
}
