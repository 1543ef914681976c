package sends

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"muster/commands"
	"muster/events"
	"muster/internal/fault"
)

// command stores one command about a campaign. Its id follows from what it says, so that any number of processes
// and repetitions store it once.
func (s *Service) command(ctx context.Context, c campaign, kind string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "encode "+kind)
	}
	name := map[string]string{
		commands.RecordFreezeType: "freeze", commands.FailCampaignType: "fail", commands.CompleteCampaignType: "complete",
	}[kind]
	_, _, err = events.PublishCommand(ctx, s.opt.JS, events.Command{
		ID: fmt.Sprintf("%s-campaign-%020d", name, c.key.id), Biz: c.key.biz, Family: commands.FamilyCampaign,
		Type: kind, Actor: "sends", Correlation: c.correlation, Time: time.Now(), Data: data,
	})
	return fault.Wrap(fault.Unavailable, err, "store "+kind)
}
