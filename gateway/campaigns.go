package gateway

import (
	"context"
	"net/http"

	"muster/commands"
	"muster/segments"
)

const tagCampaigns = "Campaigns"

// InCampaign is the path of one campaign.
type InCampaign struct {
	InBiz
	ID string `path:"id" doc:"The campaign" example:"31"`
}

func (in *InCampaign) id() (uint64, error) { return pathID("campaign", in.ID) }

// GetCampaign reads one campaign.
type GetCampaign struct {
	InCampaign
	Reading
}

func (in *GetCampaign) where() (string, Reading) { return in.Biz, in.Reading }

func (g *Gateway) registerCampaigns() {
	type newCampaign struct {
		InBiz
		Changing
		Body struct {
			Name      string            `json:"name" maxLength:"200"`
			Template  string            `json:"template" doc:"The template's id"`
			Where     rawJSON           `json:"where" doc:"The segment: JSON, or text in a JSON string"`
			Variables map[string]string `json:"variables,omitempty" doc:"For placeholders that are no attribute"`
		}
	}
	command[newCampaign, Campaign](g, at(Operator, http.MethodPost, "/v1/{biz}/campaigns", "create-campaign", tagCampaigns, "Create a campaign"), func(_ context.Context, in *newCampaign) (change, error) {
		where, err := segment(in.Body.Where)
		if err != nil {
			return change{}, err
		}
		return g.campaignChange(in.Biz, 0, commands.CreateCampaignType, commands.CreateCampaign{
			Name: in.Body.Name, Template: in.Body.Template, Where: segments.JSON(where), Variables: in.Body.Variables,
		}, in.Changing)
	})
	type ref struct {
		InCampaign
		Changing
	}
	for verb, what := range map[string]struct{ typ, summary string }{
		"launch": {commands.LaunchCampaignType, "Launch a campaign: freeze its audience and send once to each user of it"},
		"pause":  {commands.PauseCampaignType, "Pause sending"},
		"resume": {commands.ResumeCampaignType, "Go on with sending"},
		"cancel": {commands.CancelCampaignType, "End sending for good; users not yet claimed are skipped"},
	} {
		command[ref, Campaign](g, at(Operator, http.MethodPost, "/v1/{biz}/campaigns/{id}:"+verb, verb+"-campaign", tagCampaigns, what.summary), func(_ context.Context, in *ref) (change, error) {
			id, err := in.id()
			if err != nil {
				return change{}, err
			}
			return g.campaignChange(in.Biz, id, what.typ, commands.CampaignRef{Campaign: id}, in.Changing)
		})
	}
	g.registerCampaignReads()
}

func (g *Gateway) campaignChange(biz string, id uint64, typ string, payload any, params Changing) (change, error) {
	if _, err := g.state.biz(biz); err != nil {
		return change{}, err
	}
	return change{biz: biz, typ: typ, payload: payload, params: params, result: func(ctx context.Context, s settled) (any, error) {
		if id == 0 {
			return g.opt.Queries.Campaign(ctx, biz, s.command.Seq)
		}
		return g.opt.Queries.Campaign(ctx, biz, id)
	}}, nil
}

func (g *Gateway) registerCampaignReads() {
	type query struct {
		InBiz
		Reading
		Paging
		Status string `query:"status" doc:"Only those" enum:"created,freezing,sending,paused,cancelled,failed,completed"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/campaigns", "list-campaigns", tagCampaigns, "List campaigns, the newest first"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*listed[Campaign], error) {
			before, err := in.from()
			if err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.Campaigns(ctx, in.Biz, in.Status, before, in.size()+1)
			return &listed[Campaign]{pageOf(all, in.size(), func(last Campaign) string { return last.ID.String() })}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/campaigns/{id}", "get-campaign", tagCampaigns, "Read a campaign"), (*GetCampaign).where,
		func(ctx context.Context, in *GetCampaign) (*found[Campaign], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, err := g.opt.Queries.Campaign(ctx, in.Biz, id)
			return &found[Campaign]{c}, err
		})
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/campaigns/{id}/report", "report-campaign", tagCampaigns, "A campaign's books"), (*GetCampaign).where,
		func(ctx context.Context, in *GetCampaign) (*found[Report], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			r, err := g.opt.Queries.Report(ctx, in.Biz, id)
			return &found[Report]{r}, err
		})
	g.registerRecipients()
	g.registerRecipientsCSV()
}

func (g *Gateway) registerRecipients() {
	type query struct {
		GetCampaign
		Paging
		Status string `query:"status" doc:"Only those" enum:"pending,sent,failed,skipped,unknown"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/campaigns/{id}/recipients", "list-recipients", tagCampaigns, "Who is in the audience, and what became of the message"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*listed[Recipient], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			from, err := in.from()
			if err != nil {
				return nil, err
			}
			if _, err := g.opt.Queries.Campaign(ctx, in.Biz, id); err != nil {
				return nil, err
			}
			all, err := g.opt.Queries.Recipients(ctx, in.Biz, id, in.Status, from, in.size()+1)
			return &listed[Recipient]{pageOf(all, in.size(), func(last Recipient) string { return (last.UserID + 1).String() })}, err
		})
	type one struct {
		GetCampaign
		User string `path:"user" example:"42"`
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/campaigns/{id}/users/{user}", "why-recipient", tagCampaigns, "Why a user got this message, or did not"),
		func(in *one) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *one) (*found[Why], error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			user, err := pathID("user", in.User)
			if err != nil {
				return nil, err
			}
			w, err := g.opt.Queries.Why(ctx, in.Biz, id, user)
			return &found[Why]{w}, err
		})
}
