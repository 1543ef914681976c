package gateway

import (
	"context"
	"net/http"
)

const tagUsers = "Users and tags"

const ofNobody = "Of a user nobody knows of it is an empty list, not 404: any id may come to be in a group before it is imported."

// GetUser reads one user.
type GetUser struct {
	InBiz
	Reading
	User string `path:"user" doc:"The user's id" example:"42"`
}

func (in *GetUser) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerUsers() {
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}", "get-user", tagUsers, "A user with tags and the newest orders"), (*GetUser).where,
		func(ctx context.Context, in *GetUser) (*found[User], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			u, err := g.opt.Queries.User(ctx, in.Biz, id)
			return &found[User]{u}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}/groups", "list-user-groups", tagUsers, "The groups a user is in").about(ofNobody), (*GetUser).where,
		func(ctx context.Context, in *GetUser) (*listed[UserGroup], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.UserGroups(ctx, in.Biz, id)
			return &listed[UserGroup]{pageOf(all, len(all), nil)}, err
		})
	type messages struct {
		GetUser
		Paging
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/users/{user}/messages", "list-user-messages", tagUsers, "What was sent to a user, and why not, the newest first").about(ofNobody),
		func(in *messages) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *messages) (*listed[Message], error) {
			id, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			before, err := in.from()
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.UserMessages(ctx, in.Biz, id, before, in.size()+1)
			return &listed[Message]{pageOf(all, in.size(), func(last Message) string { return last.CampaignID.String() })}, err
		})
	g.registerFindUsers()
	g.registerTags()
}
