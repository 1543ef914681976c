package gateway

import (
	"context"
	"net/http"

	"muster/channels"
	"muster/internal/fault"
)

// Preview is a template as one user would get it.
type Preview struct {
	Data    map[string]string `json:"data"`
	Missing []string          `json:"missing" doc:"Placeholders that neither the user's attributes nor the variables fill"`
}

func (g *Gateway) registerPreview(tag string) {
	type previewed struct {
		InBiz
		Reading
		ID   string `path:"id" doc:"The template" example:"ready"`
		Body struct {
			UserID     *ID               `json:"user_id,omitempty" doc:"Take this user's attributes"`
			Attributes map[string]string `json:"attributes,omitempty" doc:"Instead of, or beside, a user's"`
			Variables  map[string]string `json:"variables,omitempty"`
			Data       map[string]string `json:"data,omitempty" maxProperties:"50" doc:"A draft: these texts instead of the template's, which need not exist"`
		}
	}
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/templates/{id}:preview", "preview-template", tag, "What one user would get"),
		func(in *previewed) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *previewed) (*found[Preview], error) {
			texts := in.Body.Data
			if texts == nil {
				t, err := g.opt.Queries.Template(ctx, in.Biz, in.ID)
				if err != nil {
					return nil, err
				}
				texts = t.Data
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
			data, missing, err := channels.Preview(channels.Template{Data: texts}, in.Body.Variables, attributes, user)
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "preview the template")
			}
			if missing == nil {
				missing = []string{}
			}
			return &found[Preview]{Preview{Data: data, Missing: missing}}, nil
		})
}
