package gateway

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// Biz is a product line.
type Biz struct {
	Biz       string    `json:"biz"`
	Name      string    `json:"name"`
	Timezone  string    `json:"timezone" example:"Asia/Shanghai"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Seq       ID        `json:"seq"`
}

// reserved are the words that follow /v1/ in paths of their own.
func reserved(biz string) bool {
	return slices.Contains([]string{"commands", "projections", "settings", "keys", "uploads", "stream", "streams", "session"}, biz)
}

// InBiz is the path of everything that belongs to one product line.
type InBiz struct {
	Biz string `path:"biz" maxLength:"32" doc:"The product line" example:"demo"`
}

// list is a page of anything.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
}

type listed[T any] struct{ Body list[T] }

type found[T any] struct{ Body T }

func (g *Gateway) bizOf(token string, b bizState) Biz {
	return Biz{Biz: token, Name: b.Name, Timezone: b.Timezone, CreatedAt: b.Created, UpdatedAt: b.Updated, Seq: ID(b.Seq)}
}

func (g *Gateway) registerBizzes() {
	handle(g, at(Viewer, http.MethodGet, "/v1", "list-bizzes", "Product lines", "List the product lines"), func(ctx context.Context, _ *struct{}) (*listed[Biz], error) {
		p := principalOf(ctx)
		out := &listed[Biz]{Body: list[Biz]{Items: []Biz{}}}
		for token, b := range g.state.allBizzes() {
			if p.covers(token) {
				out.Body.Items = append(out.Body.Items, g.bizOf(token, b))
			}
		}
		slices.SortFunc(out.Body.Items, func(a, b Biz) int { return strings.Compare(a.Biz, b.Biz) })
		return out, nil
	})
	handle(g, at(Viewer, http.MethodGet, "/v1/{biz}", "get-biz", "Product lines", "Read a product line"), func(_ context.Context, in *InBiz) (*found[Biz], error) {
		b, err := g.state.biz(in.Biz)
		return &found[Biz]{g.bizOf(in.Biz, b)}, err
	})
	type bizDefinition struct {
		InBiz
		Changing
		Body struct {
			Name     string `json:"name" maxLength:"200"`
			Timezone string `json:"timezone" doc:"IANA name: whose midnight calendar days begin at" example:"Asia/Shanghai"`
		}
	}
	command[bizDefinition, Biz](g, at(Admin, http.MethodPut, "/v1/{biz}", "define-biz", "Product lines", "Make or change a product line"), func(_ context.Context, in *bizDefinition) (change, error) {
		if !events.ValidBiz(in.Biz) || in.Biz == events.SystemScope || reserved(in.Biz) {
			return change{}, fault.Field("biz", "is no name for a product line: use a-z, 0-9, _ and -, at most 32")
		}
		return change{
			biz: in.Biz, typ: commands.DefineBizType, params: in.Changing, known: true,
			payload: commands.DefineBiz{Name: in.Body.Name, Timezone: in.Body.Timezone},
			result: func(context.Context, settled) (any, error) {
				b, err := g.state.biz(in.Biz)
				return g.bizOf(in.Biz, b), err
			},
		}, nil
	})
}
