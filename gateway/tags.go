package gateway

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
	"muster/projections/queries"
)

// Lists is what of the read model is listed page by page beside groups and campaigns.
type Lists interface {
	TagsAfter(ctx context.Context, biz string, after uint32, limit int) ([]Tag, error)                     // by id, ascending
	TemplatesAfter(ctx context.Context, biz, after string, limit int) ([]Template, error)                  // by id, ascending
	UserMessagesBefore(ctx context.Context, biz string, user, before uint64, limit int) ([]Message, error) // by campaign, descending
}

var _ Lists = (*ReadModel)(nil)

// lists is the read model as far as it is listed.
func (g *Gateway) lists() (Lists, error) {
	l, ok := g.opt.Queries.(Lists)
	if !ok {
		return nil, fault.New(fault.Unsupported, "this read model has no lists")
	}
	return l, nil
}

// size is how many items a page has at the most: one fewer than the read model gives at
// once, since the one beyond says that there is a next page.
func (p Paging) size() int { return min(p.Limit, queries.MaxPage-1) }

// TagsAfter lists tags behind an id.
func (r *ReadModel) TagsAfter(ctx context.Context, biz string, after uint32, limit int) ([]Tag, error) {
	all, err := r.q.Tags(ctx, biz, after, limit)
	return mapped(all, func(t *queries.Tag) Tag {
		return Tag{ID: ID(t.ID), Name: t.Name, Description: t.Description, Count: ID(t.Users)}
	}), err
}

// TemplatesAfter lists templates behind an id.
func (r *ReadModel) TemplatesAfter(ctx context.Context, biz, after string, limit int) ([]Template, error) {
	all, err := r.q.Templates(ctx, biz, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Template, len(all))
	for i := range all {
		if out[i], err = templateOf(&all[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// UserMessagesBefore lists what campaigns with lower ids did about a user; 0 is all.
func (r *ReadModel) UserMessagesBefore(ctx context.Context, biz string, user, before uint64, limit int) ([]Message, error) {
	all, err := r.q.Messages(ctx, biz, user, before, limit)
	return mapped(all, func(m *queries.Message) Message {
		at := m.At
		return Message{CampaignID: ID(m.CampaignID), Campaign: m.Campaign, Status: m.Status, Code: m.Code, Reason: m.Reason, At: &at}
	}), err
}

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
			lists, err := g.lists()
			if err != nil {
				return nil, err
			}
			all, err := lists.TagsAfter(ctx, in.Biz, uint32(after), in.size()+1)
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
				lists, err := g.lists()
				if err != nil {
					return nil, err
				}
				one, err := lists.TagsAfter(ctx, in.Biz, uint32(id)-1, 1)
				if err == nil && len(one) == 1 && one[0].ID == ID(id) {
					return one[0], nil
				}
				return Tag{ID: ID(id), Name: in.Body.Name, Description: in.Body.Description}, err
			},
		}, nil
	})
}

// templates lists a product line's templates.
func (g *Gateway) templates(ctx context.Context, in *listing) (*listed[Template], error) {
	if in.Cursor != "" && !events.ValidToken(in.Cursor) {
		return nil, fault.Field("cursor", "is not one that a page before gave")
	}
	lists, err := g.lists()
	if err != nil {
		return nil, err
	}
	all, err := lists.TemplatesAfter(ctx, in.Biz, in.Cursor, in.size()+1)
	return &listed[Template]{pageOf(all, in.size(), func(last Template) string { return last.ID })}, err
}
