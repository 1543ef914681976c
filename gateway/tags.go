package gateway

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"muster/commands"
	"muster/internal/fault"
	"muster/projections/queries"
)

// size is how many items a page has at the most: one fewer than the read model gives at
// once, since the one beyond says that there is a next page.
func (p Paging) size() int { return min(p.Limit, queries.MaxPage-1) }

// listing is what lists without a filter of their own take.
type listing struct {
	InBiz
	Reading
	Paging
}

func (in *listing) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerTags() {
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/tags", "list-tags", tagUsers, "Tags with their names and numbers of users"), (*listing).where,
		func(ctx context.Context, in *listing) (*listed[Tag], error) {
			after, err := in.from()
			if err == nil && after > math.MaxUint32 {
				err = fault.Field("cursor", "is not one that a page before gave")
			}
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.Tags(ctx, in.Biz, uint32(after), in.size()+1)
			return &listed[Tag]{pageOf(all, in.size(), func(last Tag) string { return last.ID.String() })}, err
		})
	g.registerTagNames()
}

func (g *Gateway) registerTagNames() {
	type tagName struct {
		InBiz
		Changing
		ID   string `path:"id" doc:"The tag" example:"11"`
		Body struct {
			Name        string `json:"name" maxLength:"200"`
			Description string `json:"description,omitempty" maxLength:"2000"`
		}
	}
	command[tagName, Tag](g, at(Operator, http.MethodPut, "/v1/{biz}/tags/{id}", "name-tag", tagUsers, "Name a tag"), func(_ context.Context, in *tagName) (change, error) {
		if _, err := g.state.biz(in.Biz); err != nil {
			return change{}, err
		}
		id, err := strconv.ParseUint(in.ID, 10, 32)
		if err != nil || id == 0 {
			return change{}, fault.Field("id", "a tag's id is a whole number from 1 to 4294967295")
		}
		return change{
			biz: in.Biz, typ: commands.NameTagType, params: in.Changing,
			payload: commands.NameTag{ID: uint32(id), Name: in.Body.Name, Description: in.Body.Description},
			result: func(ctx context.Context, _ settled) (any, error) {
				one, err := g.opt.Queries.Tags(ctx, in.Biz, uint32(id)-1, 1)
				if err == nil && len(one) == 1 && one[0].ID == ID(id) {
					return one[0], nil
				}
				return Tag{ID: ID(id), Name: in.Body.Name, Description: in.Body.Description}, err
			},
		}, nil
	})
}
