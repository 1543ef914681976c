package queries

import (
	"context"
	"time"

	"muster/internal/clickhouse"
	"muster/internal/fault"
	"muster/projections"
)

// Campaign is a campaign as it stands.
type Campaign struct {
	ID          uint64            `ch:"campaign_id"`
	Biz         string            `ch:"biz"`
	Name        string            `ch:"name"`
	Template    string            `ch:"template_id"`
	Channel     string            `ch:"channel"`
	Where       string            `ch:"segment"` // canonical JSON
	Variables   map[string]string `ch:"variables"`
	Status      string            `ch:"status"` // created, freezing, sending, paused, cancelled, failed, completed
	Reason      string            `ch:"reason"`
	Position    uint64            `ch:"position"` // sequence of the launch; 0 until the audience is frozen
	Audience    uint64            `ch:"audience"` // 0 until it is frozen
	Ranges      uint64            `ch:"ranges"`
	CreatedAt   time.Time         `ch:"created_at"`
	StartedAt   *time.Time        `ch:"started_at"`
	CompletedAt *time.Time        `ch:"completed_at"`
	Seq         uint64            `ch:"seq"`
}

const campaignColumns = `campaign_id, toString(biz) AS biz, name, template_id, toString(channel) AS channel, segment, variables, toString(status) AS status, reason,
  position, audience, ranges, created_at, started_at, completed_at, seq`

// CampaignList asks for a page of campaigns, the newest first.
type CampaignList struct {
	Biz    string
	Status string // "" for all
	Before uint64 // ids below this one; 0 for the first page
	Limit  int
}

func (l CampaignList) sql() (string, []any) {
	where, args := "", []any{named("biz", l.Biz), named("limit", page(l.Limit))}
	if l.Status != "" {
		where += " AND status = {status:String}"
		args = append(args, named("status", l.Status))
	}
	if l.Before > 0 {
		where += " AND campaign_id < {before:UInt64}"
		args = append(args, named("before", l.Before))
	}
	return "SELECT " + campaignColumns + " FROM (SELECT * FROM campaigns FINAL WHERE campaigns.biz = {biz:String}" + where +
		" ORDER BY campaign_id DESC LIMIT {limit:UInt64}) ORDER BY campaign_id DESC", args
}

// Campaigns lists campaigns.
func (q *Queries) Campaigns(ctx context.Context, l CampaignList) ([]Campaign, error) {
	sql, args := l.sql()
	return selectAll[Campaign](ctx, q, sql, args...)
}

// Campaign returns one campaign.
func (q *Queries) Campaign(ctx context.Context, biz string, id uint64) (*Campaign, error) {
	return selectOne[Campaign](ctx, q, fault.New(fault.NotFound, "there is no campaign %d", id),
		"SELECT "+campaignColumns+" FROM (SELECT * FROM campaigns FINAL WHERE campaigns.biz = {biz:String} AND campaign_id = {id:UInt64})",
		named("biz", biz), named("id", id))
}

// AwaitFreeze waits until the segment of the launch at a sequence is evaluated, and
// says how many users it found, or what is wrong with the expression.
func (q *Queries) AwaitFreeze(ctx context.Context, biz string, campaign, launch uint64) (users uint64, problem string, err error) {
	if err := q.wait.wait(ctx, launch, []string{projections.Freezes}); err != nil {
		return 0, "", err
	}
	found := false
	err = q.each(ctx, "SELECT users, error FROM freeze_marks FINAL WHERE biz = {biz:String} AND campaign_id = {id:UInt64} AND seq = {seq:UInt64}",
		[]any{named("biz", biz), named("id", campaign), named("seq", launch)}, func(r *clickhouse.Rows) error {
			found = true
			return r.Scan(&users, &problem)
		})
	if err == nil && !found {
		err = fault.New(fault.Unavailable, "the launch at %d is not evaluated: the freezes projection has stopped, or the campaign went on already", launch)
	}
	return users, problem, err
}
