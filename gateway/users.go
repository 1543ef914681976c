package gateway

import (
	"context"
	"net/http"
	"strconv"

	"muster/commands"
	"muster/internal/fault"
)

const tagUsers = "Users and tags"

type getUser struct {
	InBiz
	Reading
	User string `path:"user" doc:"The user's id" example:"42"`
}

func (in *getUser) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerUsers() {
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}", "get-user", tagUsers, "A user with tags and the newest orders"), (*getUser).where,
		func(ctx context.Context, in *getUser) (*found[User], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			u, err := g.opt.Queries.User(ctx, in.Biz, id)
			return &found[User]{u}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}/groups", "list-user-groups", tagUsers, "The groups a user is in"), (*getUser).where,
		func(ctx context.Context, in *getUser) (*listed[UserGroup], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.UserGroups(ctx, in.Biz, id)
			return &listed[UserGroup]{pageOf(all, len(all), nil)}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}/messages", "list-user-messages", tagUsers, "What was sent to a user, and why not"), (*getUser).where,
		func(ctx context.Context, in *getUser) (*listed[Message], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.UserMessages(ctx, in.Biz, id, 1000)
			return &listed[Message]{pageOf(all, len(all), nil)}, err
		})
	g.registerTags()
}

func (g *Gateway) registerTags() {
	type query struct {
		InBiz
		Reading
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/tags", "list-tags", tagUsers, "Tags with their names and numbers of users"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*listed[Tag], error) {
			all, err := g.opt.Queries.Tags(ctx, in.Biz)
			return &listed[Tag]{pageOf(all, len(all), nil)}, err
		})
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
				all, err := g.opt.Queries.Tags(ctx, in.Biz)
				for _, t := range all {
					if t.ID == ID(id) {
						return t, err
					}
				}
				return Tag{ID: ID(id), Name: in.Body.Name, Description: in.Body.Description}, err
			},
		}, nil
	})
}
