package gateway

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/projections/queries"
	"muster/segments"
)

// ReadModel answers Queries from package projections/queries: it turns rows into
// what the API says.
type ReadModel struct {
	q     *queries.Queries
	heads func(ctx context.Context, stream string) (uint64, error)
	// rebuilding says what is known of rebuilds, by projection; nil: nothing.
	rebuilding func(ctx context.Context) (map[string]Rebuilding, error)
}

// NewReadModel makes one. heads returns the last sequence of a stream; rebuilding, which
// may be nil, what is known of rebuilds by projection.
func NewReadModel(q *queries.Queries, heads func(context.Context, string) (uint64, error),
	rebuilding func(context.Context) (map[string]Rebuilding, error),
) *ReadModel {
	return &ReadModel{q: q, heads: heads, rebuilding: rebuilding}
}

// Await waits until every projection stands at or behind a sequence.
func (r *ReadModel) Await(ctx context.Context, seq uint64) error { return r.q.WaitFor(ctx, seq) }

// Alive asks the engine how far the projections are: a handful of rows.
func (r *ReadModel) Alive(ctx context.Context) error {
	_, err := r.q.Projections(ctx)
	return err
}

// Projections lists all projections.
func (r *ReadModel) Projections(ctx context.Context) ([]Projection, error) {
	all, err := r.q.Projections(ctx)
	if err != nil {
		return nil, err
	}
	var busy map[string]Rebuilding
	if r.rebuilding != nil {
		if busy, err = r.rebuilding(ctx); err != nil {
			return nil, err
		}
	}
	out := make([]Projection, 0, len(all))
	for _, p := range all {
		stream := events.StreamEvents
		if p.Name == deliveries {
			stream = events.StreamLedger
		}
		head, err := r.heads(ctx, stream)
		if err != nil {
			return nil, err
		}
		one := Projection{Name: p.Name, Stream: stream, Position: ID(p.Seq), Head: ID(max(head, p.Seq)), Error: p.Error,
			Rebuilding: busy[p.Name].Now, LastRebuild: busy[p.Name].Last}
		one.Lag = one.Head - one.Position
		out = append(out, one)
	}
	return out, nil
}

// deliveries is the projection that reads LEDGER.
const deliveries = "deliveries"

// Command returns what became of a command.
func (r *ReadModel) Command(ctx context.Context, id string) (Command, error) {
	c, err := r.q.Command(ctx, id)
	if err != nil {
		return Command{}, err
	}
	return Command{
		ID: c.ID, Biz: c.Biz, Type: c.Event, Actor: c.Actor, Status: c.Status, Code: c.Code, Field: c.Field, Reason: c.Reason,
		Aggregate: c.Aggregate, AggregateID: c.AggregateID, Seq: c.Seq, EventSeq: ID(c.Seq), At: c.At,
	}, nil
}

// Upload returns an upload.
func (r *ReadModel) Upload(ctx context.Context, biz, id string) (Upload, error) {
	u, err := r.q.Upload(ctx, biz, id)
	if err != nil {
		return Upload{}, err
	}
	rejected, err := u.RejectedRows()
	return Upload{
		ID: u.ID, Target: u.Target, GroupID: ID(u.GroupID), Status: u.Status, Rows: ID(u.Rows), Accepted: ID(u.Accepted), Rejected: ID(u.Rejected),
		Rejections: rejected, Reason: u.Reason, StartedAt: u.StartedAt, EndedAt: u.EndedAt,
	}, err
}

func groupOf(g *queries.Group) Group {
	out := Group{
		ID: ID(g.ID), Biz: g.Biz, Name: g.Name, Kind: g.Kind, Subkind: g.Subkind, Identity: g.Identity, Content: rawJSON(g.Content), Ext: rawJSON(g.Ext),
		Realtime: g.Realtime == 1, Version: ID(g.Version), Status: g.Status, Reason: g.Reason, Count: ID(g.Count), Unmatched: ID(g.Unmatched),
		ExpiresAt: g.ExpiresAt, ReadyAt: g.ReadyAt, CreatedAt: g.CreatedAt, UpdatedAt: g.UpdatedAt, Seq: ID(g.Seq),
	}
	if g.ParentID != 0 {
		id := ID(g.ParentID)
		out.ParentID = &id
	}
	return out
}

// Group returns a group.
func (r *ReadModel) Group(ctx context.Context, biz string, id uint64) (Group, error) {
	g, err := r.q.Group(ctx, biz, id)
	if err != nil {
		return Group{}, err
	}
	return groupOf(g), nil
}

// Groups lists groups, the newest first.
func (r *ReadModel) Groups(ctx context.Context, biz string, f GroupFilter) ([]Group, error) {
	all, err := r.q.Groups(ctx, queries.GroupList{
		Biz: biz, Kind: f.Kind, Status: f.Status, Search: f.Search, Until: f.Until, Before: f.Before, Limit: f.Limit,
	})
	return mapped(all, groupOf), err
}

// GroupVersions lists a group's versions, the newest first.
func (r *ReadModel) GroupVersions(ctx context.Context, biz string, id, before uint64, limit int) ([]GroupVersion, error) {
	all, err := r.q.GroupVersions(ctx, biz, id, before, limit)
	return mapped(all, func(v *queries.GroupVersion) GroupVersion {
		return GroupVersion{
			Version: ID(v.Version), Op: v.Op, Count: ID(v.Count), Added: ID(v.Added), Removed: ID(v.Removed), Unmatched: ID(v.Unmatched),
			UploadID: v.UploadID, PhonesUploadID: v.PhonesUploadID, Actor: v.Actor, CommandID: v.CommandID, At: v.At, Seq: ID(v.Seq),
		}
	}), err
}

// Members lists members from an id on.
func (r *ReadModel) Members(ctx context.Context, biz string, group, from uint64, limit int) ([]uint64, error) {
	return r.q.MemberPage(ctx, biz, group, from, limit)
}

// EachMember calls fn with every member, ascending.
func (r *ReadModel) EachMember(ctx context.Context, biz string, group uint64, fn func(uint64) error) error {
	return r.q.Members(ctx, biz, group, func(members *roaring64.Bitmap) error {
		for it := members.Iterator(); it.HasNext(); {
			if err := fn(it.Next()); err != nil {
				return err
			}
		}
		return nil
	})
}

// IsMember says whether a user is in a group.
func (r *ReadModel) IsMember(ctx context.Context, biz string, group, user uint64) (bool, error) {
	return r.q.IsMember(ctx, biz, group, user)
}

// AreMembers says for each of some users whether it is in a group.
func (r *ReadModel) AreMembers(ctx context.Context, biz string, group uint64, users []uint64) ([]bool, error) {
	in, err := r.q.CheckMembers(ctx, biz, group, users)
	out := make([]bool, len(users))
	for i, u := range users {
		out[i] = in[u]
	}
	return out, err
}

const shownOrders = 100 // of a user's profile

// User returns a profile.
func (r *ReadModel) User(ctx context.Context, biz string, user uint64) (User, error) {
	u, err := r.q.User(ctx, biz, user)
	if err != nil {
		return User{}, err
	}
	orders, err := r.q.UserOrders(ctx, biz, user, shownOrders)
	if err != nil {
		return User{}, err
	}
	out := User{UserID: ID(u.ID), OpenID: u.OpenID, Attributes: u.Attributes, Tags: u.Tags, Seq: ID(u.Seq), Orders: mapped(orders, func(o *queries.Order) Order {
		return Order{OrderID: o.ID, ProductID: ID(o.ProductID), ProductGroupID: ID(o.ProductGroupID), Amount: o.Amount, PaidAt: o.PaidAt, Status: o.Status}
	})}
	if u.Phone != 0 {
		out.Phone = strconv.FormatUint(u.Phone, 10)
	}
	if out.Tags == nil {
		out.Tags = []uint32{}
	}
	if out.Attributes == nil {
		out.Attributes = map[string]string{}
	}
	return out, nil
}

// UserGroups lists the groups a user is in.
func (r *ReadModel) UserGroups(ctx context.Context, biz string, user uint64) ([]UserGroup, error) {
	all, err := r.q.UserGroups(ctx, biz, user)
	return mapped(all, func(g *queries.UserGroup) UserGroup {
		return UserGroup{ID: ID(g.ID), Name: g.Name, Status: g.Status, Version: ID(g.Version)}
	}), err
}

// UserMessages lists what campaigns with lower ids did about a user; 0 is all.
func (r *ReadModel) UserMessages(ctx context.Context, biz string, user, before uint64, limit int) ([]Message, error) {
	all, err := r.q.Messages(ctx, biz, user, before, limit)
	return mapped(all, func(m *queries.Message) Message {
		at := m.At
		return Message{CampaignID: ID(m.CampaignID), Campaign: m.Campaign, Status: m.Status, Code: m.Code, Reason: m.Reason, At: &at}
	}), err
}

// Tags lists tags behind an id.
func (r *ReadModel) Tags(ctx context.Context, biz string, after uint32, limit int) ([]Tag, error) {
	all, err := r.q.Tags(ctx, biz, after, limit)
	return mapped(all, func(t *queries.Tag) Tag {
		return Tag{ID: ID(t.ID), Name: t.Name, Description: t.Description, Count: ID(t.Users)}
	}), err
}

// Templates lists templates.
func (r *ReadModel) Templates(ctx context.Context, biz string, f TemplateFilter) ([]Template, error) {
	all, err := r.q.Templates(ctx, queries.TemplateList{Biz: biz, Channel: f.Channel, Search: f.Search, After: f.After, Limit: f.Limit})
	if err != nil {
		return nil, err
	}
	out := make([]Template, 0, len(all))
	for i := range all {
		t, err := templateOf(&all[i])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// Template returns one template.
func (r *ReadModel) Template(ctx context.Context, biz, id string) (Template, error) {
	t, err := r.q.Template(ctx, biz, id)
	if err != nil {
		return Template{}, err
	}
	return templateOf(t)
}

func templateOf(t *queries.Template) (Template, error) {
	body, err := t.Decode()
	return Template{Template: body, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Seq: ID(t.Seq)}, err
}

func mapped[A, B any](in []A, fn func(*A) B) []B {
	out := make([]B, len(in))
	for i := range in {
		out[i] = fn(&in[i])
	}
	return out
}

var _ Queries = (*ReadModel)(nil)

func campaignOf(c *queries.Campaign) Campaign {
	out := Campaign{
		ID: ID(c.ID), Biz: c.Biz, Name: c.Name, Template: c.Template, Channel: c.Channel, Where: rawJSON(c.Where), Variables: c.Variables,
		Status: c.Status, Reason: c.Reason, Audience: ID(c.Audience), CreatedAt: c.CreatedAt, StartedAt: c.StartedAt, CompletedAt: c.CompletedAt, Seq: ID(c.Seq),
	}
	if n, err := segments.ParseWhere(json.RawMessage(c.Where)); err == nil {
		out.Text = segments.Text(n)
	}
	if out.Variables == nil {
		out.Variables = map[string]string{}
	}
	return out
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
