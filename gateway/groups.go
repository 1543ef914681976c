package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"muster/commands"
	"muster/internal/fault"
)

const tagGroups = "Groups"

// maxExpiring is how far ahead a list of groups that expire may look.
const maxExpiring = 366 * 24 * time.Hour

// InGroup is the path of one group.
type InGroup struct {
	InBiz
	ID string `path:"id" doc:"The group" example:"12"`
}

func (in *InGroup) id() (uint64, error) { return pathID("group", in.ID) }

// GetGroup reads one group.
type GetGroup struct {
	InGroup
	Reading
}

func (in *GetGroup) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerGroups() {
	type newGroup struct {
		InBiz
		Changing
		Body struct {
			Name      string     `json:"name" maxLength:"200"`
			Kind      string     `json:"kind" doc:"ids: members are added and removed; file: read from a file" enum:"ids,file,buyers,segment,composite"`
			Subkind   string     `json:"subkind,omitempty" doc:"Of file: upload or local"`
			Identity  string     `json:"identity,omitempty" doc:"What uploads name users by: user_id (default) or phone"`
			Content   rawJSON    `json:"content,omitempty" doc:"Of file/local: {path, column}"`
			Ext       rawJSON    `json:"ext,omitempty" doc:"Your own notes"`
			ParentID  *ID        `json:"parent_id,omitempty"`
			ExpiresAt *time.Time `json:"expires_at,omitempty"`
		}
	}
	command[newGroup, Group](g, at(Operator, http.MethodPost, "/v1/{biz}/groups", "create-group", tagGroups, "Create a group"), func(_ context.Context, in *newGroup) (change, error) {
		b := &in.Body
		payload := commands.CreateGroup{
			Name: b.Name, Kind: b.Kind, Subkind: b.Subkind, Identity: b.Identity,
			Content: json.RawMessage(b.Content), Ext: json.RawMessage(b.Ext), ExpiresAt: b.ExpiresAt,
		}
		if b.ParentID != nil {
			payload.ParentID = uint64(*b.ParentID)
		}
		return g.groupChange(in.Biz, 0, commands.CreateGroupType, payload, in.Changing)
	})
	type ref struct {
		InGroup
		Changing
	}
	type archive struct {
		InGroup
		Changing
		Reason string `query:"reason" maxLength:"500"`
	}
	command[archive, Group](g, at(Operator, http.MethodPost, "/v1/{biz}/groups/{id}:archive", "archive-group", tagGroups, "End a group: it keeps its members and takes no more changes"), func(_ context.Context, in *archive) (change, error) {
		id, err := in.id()
		if err != nil {
			return change{}, err
		}
		return g.groupChange(in.Biz, id, commands.ArchiveGroupType, commands.ArchiveGroup{Group: id, Reason: in.Reason}, in.Changing)
	})
	command[ref, Group](g, at(Operator, http.MethodPost, "/v1/{biz}/groups/{id}:rebuild", "rebuild-group", tagGroups, "Read a group's file again and make a new version of it"), func(_ context.Context, in *ref) (change, error) {
		id, err := in.id()
		if err != nil {
			return change{}, err
		}
		return g.groupChange(in.Biz, id, commands.RebuildGroupType, commands.RebuildGroup{Group: id}, in.Changing)
	})
	g.registerGroupReads()
	g.registerMembers()
}

// groupChange is a change whose result is a group; id 0 is the one it creates.
func (g *Gateway) groupChange(biz string, id uint64, typ string, payload any, params Changing) (change, error) {
	if _, err := g.state.biz(biz); err != nil {
		return change{}, err
	}
	return change{biz: biz, typ: typ, payload: payload, params: params, result: func(ctx context.Context, s settled) (any, error) {
		if id == 0 {
			return g.opt.Queries.Group(ctx, biz, s.command.Seq)
		}
		return g.opt.Queries.Group(ctx, biz, id)
	}}, nil
}

func (g *Gateway) registerGroupReads() {
	type query struct {
		InBiz
		Reading
		Paging
		Status   string `query:"status" enum:"building,ready,failed,archived"`
		Kind     string `query:"kind"`
		Search   string `query:"search" maxLength:"200" doc:"Part of the name, whatever the case, or the id"`
		Expiring string `query:"expiring" doc:"Only those that expire within this time from now; at most a year (8784h)" example:"168h"`
	}
	type versions struct {
		InGroup
		Reading
		Paging
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/groups", "list-groups", tagGroups, "List groups, the newest first"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*listed[Group], error) {
			before, err := in.from()
			if err != nil {
				return nil, err
			}
			filter := GroupFilter{Before: before, Status: in.Status, Kind: in.Kind, Search: strings.TrimSpace(in.Search), Limit: in.size() + 1}
			if in.Expiring != "" {
				within, ok := duration(in.Expiring, maxExpiring+1) // what is longer comes back as this
				if !ok || within > maxExpiring {
					return nil, fault.Field("expiring", "is not a duration of at most a year: use 168h or 30m, up to 8784h")
				}
				filter.Until = time.Now().Add(within)
			}
			groups, err := g.opt.Queries.Groups(ctx, in.Biz, filter)
			return &listed[Group]{pageOf(groups, in.size(), func(last Group) string { return last.ID.String() })}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}", "get-group", tagGroups, "Read a group"), (*GetGroup).where,
		func(ctx context.Context, in *GetGroup) (*found[Group], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			group, err := g.opt.Queries.Group(ctx, in.Biz, id)
			return &found[Group]{group}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}/versions", "list-group-versions", tagGroups, "A group's history, the newest first"),
		func(in *versions) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *versions) (*listed[GroupVersion], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			before, err := in.from()
			if err != nil {
				return nil, err
			}
			if _, err := g.opt.Queries.Group(ctx, in.Biz, id); err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.GroupVersions(ctx, in.Biz, id, before, in.size()+1)
			return &listed[GroupVersion]{pageOf(all, in.size(), func(last GroupVersion) string { return last.Version.String() })}, err
		})
}

func (g *Gateway) registerMembers() {
	type page struct {
		GetGroup
		Paging
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}/members", "list-members", tagGroups, "List a group's users by id"),
		func(in *page) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *page) (*listed[ID], error) {
			id, from, err := groupAndCursor(&in.InGroup, in.Paging)
			if err != nil {
				return nil, err
			}
			users, err := g.opt.Queries.Members(ctx, in.Biz, id, from, in.size()+1)
			return &listed[ID]{pageOf(ids(users), in.size(), func(last ID) string { return (last + 1).String() })}, err
		})
	type one struct {
		GetGroup
		User string `path:"user" example:"42"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/groups/{id}/members/{user}", "get-member", tagGroups, "Whether a user is in a group"),
		func(in *one) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *one) (*found[Membership], error) {
			id, _, err := groupAndCursor(&in.InGroup, Paging{})
			if err != nil {
				return nil, err
			}
			user, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			is, err := g.opt.Queries.IsMember(ctx, in.Biz, id, user)
			if err != nil {
				return nil, err
			}
			return &found[Membership]{Membership{UserID: ID(user), Member: is}}, nil
		})
	type memberCheck struct {
		GetGroup
		Body struct {
			Users []ID `json:"users" maxItems:"10000"`
		}
	}
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/groups/{id}/members:check", "check-members", tagGroups, "Which of up to 10,000 users are in a group"),
		func(in *memberCheck) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *memberCheck) (*found[Checked], error) {
			id, _, err := groupAndCursor(&in.InGroup, Paging{})
			if err != nil {
				return nil, err
			}
			out := &found[Checked]{Checked{Members: []ID{}, Others: []ID{}}}
			users := make([]uint64, len(in.Body.Users))
			for i, u := range in.Body.Users {
				users[i] = uint64(u)
			}
			is, err := g.opt.Queries.AreMembers(ctx, in.Biz, id, users)
			if err != nil {
				return nil, err
			}
			for i, u := range in.Body.Users {
				if is[i] {
					out.Body.Members = append(out.Body.Members, u)
				} else {
					out.Body.Others = append(out.Body.Others, u)
				}
			}
			return out, nil
		})
}

// Membership says whether a user is in a group.
type Membership struct {
	UserID ID   `json:"user_id"`
	Member bool `json:"member"`
}

// Checked sorts users into those who are in a group and those who are not.
type Checked struct {
	Members []ID `json:"members"`
	Others  []ID `json:"others"`
}

// groupAndCursor reads both. Whether there is such a group the queries say.
func groupAndCursor(in *InGroup, p Paging) (id, from uint64, err error) {
	if id, err = in.id(); err != nil {
		return 0, 0, err
	}
	if from, err = p.from(); err != nil {
		return 0, 0, err
	}
	return id, from, nil
}

func ids(users []uint64) []ID {
	out := make([]ID, len(users))
	for i, u := range users {
		out[i] = ID(u)
	}
	return out
}

// noGroup is the answer for groups that are not there.
func noGroup() error {
	return &fault.Error{Code: fault.NotFound, Field: "group", Msg: "there is no such group"}
}
