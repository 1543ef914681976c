package gateway

import (
	"context"
	"net/http"

	"muster/channels"
	"muster/commands"
	"muster/imports"
	"muster/internal/fault"
)

// Preview is a template as one user would get it.
type Preview struct {
	Data    map[string]string `json:"data"`
	Page    string            `json:"page,omitempty" doc:"wechat: the page that opens; values in it are percent-encoded"`
	Missing []string          `json:"missing" doc:"Placeholders, of the page too, that neither the user's attributes nor the variables fill: such a user is skipped"`
}

// PreviewTemplate asks for one.
type PreviewTemplate struct {
	InBiz
	Reading
	ID   string `path:"id" doc:"The template" example:"ready"`
	Body struct {
		UserID     *ID               `json:"user_id,omitempty" doc:"Take this user's attributes"`
		Attributes map[string]string `json:"attributes,omitempty" doc:"Instead of, or beside, a user's; as many and as long as a user may have"`
		Variables  map[string]string `json:"variables,omitempty" doc:"As of a campaign"`
		Data       map[string]string `json:"data,omitempty" maxProperties:"50" doc:"A draft: these texts instead of the template's, which need not exist"`
		Page       *string           `json:"page,omitempty" doc:"A draft's page; with data and without this there is none"`
	}
}

func (in *PreviewTemplate) where() (string, Reading) { return in.Biz, in.Reading }

// check holds everything to the limits of what it stands for, so that nobody has more rendered than a campaign would.
func (in *PreviewTemplate) check() error {
	var page string
	if in.Body.Page != nil {
		page = *in.Body.Page
	}
	if err := commands.CheckDraft(page, in.Body.Data); err != nil {
		return err
	}
	if err := commands.CheckVariables(in.Body.Variables); err != nil {
		return err
	}
	if why := imports.CheckAttributes(in.Body.Attributes); in.Body.Attributes != nil && why != "" {
		return fault.Field("attributes", "%s", why)
	}
	return nil
}

func (g *Gateway) registerPreview(tag string) {
	r := at(Viewer, http.MethodPost, "/v1/{biz}/templates/{id}:preview", "preview-template", tag, "What one user would get").
		about("Texts, variables and attributes may be as long as a template, a campaign and an upload allow; what comes out may have 256 KiB.")
	read(g, r, (*PreviewTemplate).where, func(ctx context.Context, in *PreviewTemplate) (*found[Preview], error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		t, err := g.drafted(ctx, in)
		if err != nil {
			return nil, err
		}
		attributes := map[string]string{}
		var user uint64
		if in.Body.UserID != nil {
			user = uint64(*in.Body.UserID)
			u, err := g.opt.Queries.User(ctx, in.Biz, user)
			if err != nil {
				return nil, err
			}
			attributes = u.Attributes
		}
		for k, v := range in.Body.Attributes {
			attributes[k] = v
		}
		p, err := channels.NewPreview(t, in.Body.Variables, attributes, user)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "preview the template")
		}
		if p.Missing == nil {
			p.Missing = []string{}
		}
		return &found[Preview]{Preview(p)}, nil
	})
}

// drafted is what to look at: the draft, the template, or the template with a draft's page.
func (g *Gateway) drafted(ctx context.Context, in *PreviewTemplate) (channels.Template, error) {
	t := channels.Template{Data: in.Body.Data}
	if t.Data == nil {
		stored, err := g.opt.Queries.Template(ctx, in.Biz, in.ID)
		if err != nil {
			return t, err
		}
		t.Data, t.Page = stored.Data, stored.Page
	}
	if in.Body.Page != nil {
		t.Page = *in.Body.Page
	}
	return t, nil
}
