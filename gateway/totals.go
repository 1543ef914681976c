package gateway

import (
	"context"
	"net/http"

	"muster/projections/queries"
)

// Totals are how much there is of everything in a product line.
type Totals struct {
	Users     ID `json:"users"`
	Groups    ID `json:"groups" doc:"Archived ones aside"`
	Building  ID `json:"groups_building"`
	Failed    ID `json:"groups_failed"`
	Templates ID `json:"templates"`
	Campaigns ID `json:"campaigns"`
	UnderWay  ID `json:"campaigns_under_way" doc:"Launched and not at their end, paused ones included"`
	Paused    ID `json:"campaigns_paused"`
}

func totalsOf(t *queries.Totals) Totals {
	return Totals{
		Users: ID(t.Users), Groups: ID(t.Groups), Building: ID(t.Building), Failed: ID(t.Failed),
		Templates: ID(t.Templates), Campaigns: ID(t.Campaigns), UnderWay: ID(t.UnderWay), Paused: ID(t.Paused),
	}
}

// Totals counts what a product line has.
func (r *ReadModel) Totals(ctx context.Context, biz string) (Totals, error) {
	t, err := r.q.Totals(ctx, biz)
	if err != nil {
		return Totals{}, err
	}
	return totalsOf(t), nil
}

func (g *Gateway) registerTotals() {
	type query struct {
		InBiz
		Reading
	}
	read(g, at(Viewer, http.MethodGet, "/v1/{biz}/totals", "get-totals", tagOperations, "How much there is of everything"),
		func(in *query) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *query) (*found[Totals], error) {
			t, err := g.opt.Queries.Totals(ctx, in.Biz)
			return &found[Totals]{t}, err
		})
}
