package commands

import (
	"context"
	"maps"
	"slices"

	"muster/events"
	"muster/internal/fault"
	"muster/segments"
)

const maxVariable = 1000 // characters of a campaign variable

func (w *work) createCampaign(ctx context.Context, c *CreateCampaign) ([]any, error) {
	if _, err := w.requireBiz(ctx); err != nil {
		return nil, err
	}
	if _, err := w.template(ctx, c.Template); err != nil {
		return nil, err
	}
	where, err := segments.ParseWhere(c.Where)
	if err != nil {
		return nil, err
	}
	if err := w.checkGroups(ctx, where); err != nil {
		return nil, err
	}
	return decideCreateCampaign(own[campaign](w), c, w.cmd.Seq, where)
}

// decideCreateCampaign: id is the new campaign's; template and groups are there.
func decideCreateCampaign(s *campaign, c *CreateCampaign, id uint64, where segments.Node) ([]any, error) {
	if s.status != "" {
		return nil, fault.New(fault.Conflict, "the campaign exists already")
	}
	if err := checkName("name", c.Name); err != nil {
		return nil, err
	}
	if err := checkVariables(c.Variables); err != nil {
		return nil, err
	}
	return []any{events.CampaignCreated{ID: id, Name: c.Name, Template: c.Template, Where: segments.JSON(where), Variables: c.Variables}}, nil
}

func checkVariables(vars map[string]string) error {
	if len(vars) > maxFields {
		return fault.Field("variables", "has %d variables, at most %d are allowed", len(vars), maxFields)
	}
	for _, k := range slices.Sorted(maps.Keys(vars)) {
		if !isVariable(k) {
			return fault.Field("variables", "%.40q is not a variable's name: use A-Z, a-z, 0-9, _ and .", k)
		}
		if err := checkText("variables."+k, vars[k], maxVariable); err != nil {
			return err
		}
	}
	return nil
}
