package gateway

import (
	"context"
	"net/http"
	"slices"
	"strconv"
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

// reserved are the words that the server answers under itself: behind /v1/, where the API
// has product lines, and behind /, where the console has them.
func reserved(biz string) bool {
	return slices.Contains([]string{
		"commands", "projections", "settings", "keys", "uploads", "stream", "streams", "session",
		"v1", "docs", "assets", "metrics", "healthz", "readyz",
	}, biz)
}

// nameable refuses what cannot name a product line. One that has its name already keeps it.
func (g *Gateway) nameable(biz string) error {
	if !events.ValidBiz(biz) || biz == events.SystemScope {
		return fault.Field("biz", "is no name for a product line: use a-z, 0-9, _ and -, at most 32")
	}
	if _, err := g.state.biz(biz); err != nil && reserved(biz) {
		return fault.Field("biz", "is a word of the server's own addresses: choose another")
	}
	return nil
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
	type tagged struct {
		ETag string `header:"ETag" doc:"The product line's seq in quotes, for If-Match"`
		Body Biz
	}
	handle(g, at(Viewer, http.MethodGet, "/v1/{biz}", "get-biz", "Product lines", "Read a product line"), func(_ context.Context, in *InBiz) (*tagged, error) {
		b, err := g.state.biz(in.Biz)
		return &tagged{strconv.Quote(ID(b.Seq).String()), g.bizOf(in.Biz, b)}, err
	})
	g.registerBizDefinition()
}

func (g *Gateway) registerBizDefinition() {
	type bizDefinition struct {
		InBiz
		Changing
		Expecting
		Body struct {
			Name     string `json:"name" maxLength:"200"`
			Timezone string `json:"timezone" doc:"IANA name: whose midnight calendar days begin at" example:"Asia/Shanghai"`
		}
	}
	command[bizDefinition, Biz](g, at(Admin, http.MethodPut, "/v1/{biz}", "define-biz", "Product lines", "Make or change a product line"), func(_ context.Context, in *bizDefinition) (change, error) {
		if err := g.nameable(in.Biz); err != nil {
			return change{}, err
		}
		onlyNew, seq, err := in.expected()
		if err != nil {
			return change{}, err
		}
		return change{
			biz: in.Biz, typ: commands.DefineBizType, params: in.Changing, known: true,
			payload: commands.DefineBiz{Name: in.Body.Name, Timezone: in.Body.Timezone, OnlyNew: onlyNew, IfSeq: seq},
			result: func(context.Context, settled) (any, error) {
				b, err := g.state.biz(in.Biz)
				return g.bizOf(in.Biz, b), err
			},
		}, nil
	})
}
