package queries

import (
	"context"
	"encoding/json"
	"time"

	"muster/events"
	"muster/internal/fault"
)

// Template is a message template; Body is an events.Template as JSON.
type Template struct {
	ID        string    `ch:"template_id"`
	Body      string    `ch:"body"`
	Seq       uint64    `ch:"seq"`
	CreatedAt time.Time `ch:"created_at"`
	UpdatedAt time.Time `ch:"updated_at"`
}

// Decode reads Body.
func (t *Template) Decode() (events.Template, error) {
	var out events.Template
	return out, fault.Wrap(fault.Corrupt, json.Unmarshal([]byte(t.Body), &out), "read a template")
}

// TemplateList asks for a page of templates, by id.
type TemplateList struct {
	Biz     string
	Channel string // "" for all
	Search  string // part of the id, the name, a text, or where it goes to, whatever the case; "" for all
	After   string // ids above this one; "" for the first page
	Limit   int    // default 100
}

const templateColumns = "template_id, body, seq, created_at, updated_at"

func (l TemplateList) sql() (string, []any) {
	sql := "SELECT " + templateColumns + " FROM templates FINAL WHERE biz = {biz:String} AND template_id > {after:String}"
	args := []any{named("biz", l.Biz), named("after", l.After), named("limit", page(l.Limit))}
	if l.Channel != "" {
		sql += " AND JSONExtractString(body, 'channel') = {channel:String}"
		args = append(args, named("channel", l.Channel))
	}
	if l.Search != "" {
		sql += ` AND arrayExists(said -> positionCaseInsensitiveUTF8(said, {search:String}) > 0, arrayConcat(
  [template_id, JSONExtractString(body, 'name'), JSONExtractString(body, 'provider_template_id'), JSONExtractString(body, 'url')],
  JSONExtractKeysAndValues(body, 'data', 'String').2))`
		args = append(args, named("search", l.Search))
	}
	return sql + " ORDER BY template_id LIMIT {limit:UInt64}", args
}

// Templates lists templates.
func (q *Queries) Templates(ctx context.Context, l TemplateList) ([]Template, error) {
	sql, args := l.sql()
	return selectAll[Template](ctx, q, sql, args...)
}

// Template returns one template.
func (q *Queries) Template(ctx context.Context, biz, id string) (*Template, error) {
	return selectOne[Template](ctx, q, fault.New(fault.NotFound, "there is no template %q", id),
		"SELECT "+templateColumns+" FROM templates FINAL WHERE biz = {biz:String} AND template_id = {id:String}", named("biz", biz), named("id", id))
}
