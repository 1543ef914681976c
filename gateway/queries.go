package gateway

import (
	"context"
	"time"

	"muster/events"
	"muster/projections/queries"
	"muster/segments"
)

// Queries is the read model as the gateway needs it. Errors carry fault codes:
// NotFound for what is not there, Unavailable when the engine is away.
type Queries interface {
	// Await waits until every projection stands at or behind a sequence of EVENTS.
	Await(ctx context.Context, seq uint64) error
	// Alive asks the engine next to nothing: an error says that it does not answer.
	Alive(ctx context.Context) error
	Projections(ctx context.Context) ([]Projection, error)
	Command(ctx context.Context, id string) (Command, error)
	Upload(ctx context.Context, biz, id string) (Upload, error)
	Totals(ctx context.Context, biz string) (Totals, error)

	Group(ctx context.Context, biz string, id uint64) (Group, error)
	Groups(ctx context.Context, biz string, f GroupFilter) ([]Group, error) // by id, descending
	GroupVersions(ctx context.Context, biz string, id, before uint64, limit int) ([]GroupVersion, error)
	Members(ctx context.Context, biz string, group, from uint64, limit int) ([]uint64, error) // ascending, from an id on
	EachMember(ctx context.Context, biz string, group uint64, fn func(user uint64) error) error
	// EachUnmatched calls fn with the phones that Group.Unmatched counts, the newest upload's first.
	EachUnmatched(ctx context.Context, biz string, group uint64, fn func(phone uint64) error) error
	IsMember(ctx context.Context, biz string, group, user uint64) (bool, error)
	AreMembers(ctx context.Context, biz string, group uint64, users []uint64) ([]bool, error)

	User(ctx context.Context, biz string, user uint64) (User, error)
	FindUsers(ctx context.Context, biz string, by queries.Identity, after uint64, limit int) ([]Profile, error) // by id, ascending
	UserOrders(ctx context.Context, biz string, user uint64, after queries.OrderMark, limit int) ([]Order, error)
	UserGroups(ctx context.Context, biz string, user uint64) ([]UserGroup, error)
	UserMessages(ctx context.Context, biz string, user, before uint64, limit int) ([]Message, error) // by campaign, descending

	Tags(ctx context.Context, biz string, after uint32, limit int) ([]Tag, error)    // by id, ascending
	Templates(ctx context.Context, biz string, f TemplateFilter) ([]Template, error) // by id, ascending
	Template(ctx context.Context, biz, id string) (Template, error)

	Count(ctx context.Context, biz string, zone *time.Location, where segments.Node) (Counted, error)
	Sample(ctx context.Context, biz string, zone *time.Location, where segments.Node, limit int) ([]uint64, error)
	Explain(ctx context.Context, biz string, zone *time.Location, where segments.Node) (Explanation, error)

	Campaign(ctx context.Context, biz string, id uint64) (Campaign, error)
	Campaigns(ctx context.Context, biz, status string, before uint64, limit int) ([]Campaign, error) // by id, descending
	Report(ctx context.Context, biz string, id uint64) (Report, error)
	Recipients(ctx context.Context, biz string, id uint64, status string, from uint64, limit int) ([]Recipient, error) // by user, from an id on
	EachRecipient(ctx context.Context, biz string, id uint64, status string, fn func(Recipient) error) error           // by user
	Why(ctx context.Context, biz string, id, user uint64) (Why, error)
}

// GroupFilter chooses groups of a list.
type GroupFilter struct {
	Before uint64 // ids below this; 0 is all
	Status string
	Kind   string
	Search string    // part of the name, or the id; "" is all
	Until  time.Time // those that expire until then; zero is all
	Limit  int
}

// TemplateFilter chooses templates of a list.
type TemplateFilter struct {
	After   string // ids above this; "" is all
	Channel string // "" is all
	Search  string // part of the id, the name, a text, or where it goes to; "" is all
	Limit   int
}

// Projection is how far one projection is.
type Projection struct {
	Name       string `json:"name"`
	Stream     string `json:"stream" enum:"EVENTS,LEDGER"`
	Position   ID     `json:"position" doc:"Sequence of the last event whose rows are stored"`
	Head       ID     `json:"head" doc:"Sequence of the newest event"`
	Lag        ID     `json:"lag" doc:"Events still to be read"`
	Rebuilding bool   `json:"rebuilding"`
	Error      string `json:"error,omitempty" doc:"Why it stopped; it never steps over an event"`

	LastRebuild *LastRebuild `json:"last_rebuild,omitempty" doc:"What became of its last rebuild, as far as the running gateways remember"`
}

// Command is what became of a command.
type Command struct {
	ID          string    `json:"command_id"`
	Biz         string    `json:"biz"`
	Type        string    `json:"type"`
	Actor       string    `json:"actor,omitempty"`
	Status      string    `json:"status" enum:"accepted,running,completed,refused"`
	Code        string    `json:"code,omitempty" doc:"Of a refused one"`
	Field       string    `json:"field,omitempty"`
	Reason      string    `json:"reason,omitempty"`
	Aggregate   string    `json:"aggregate,omitempty" doc:"What it changed: group, campaign, ..."`
	AggregateID string    `json:"aggregate_id,omitempty"`
	Seq         uint64    `json:"-"`
	EventSeq    ID        `json:"seq" doc:"Sequence of the event that says so"`
	At          time.Time `json:"at"`
}

// Upload is what an upload held.
type Upload struct {
	ID         string             `json:"upload_id"`
	Target     string             `json:"target"`
	GroupID    ID                 `json:"group_id,omitempty"`
	Status     string             `json:"status"`
	Rows       ID                 `json:"rows"`
	Accepted   ID                 `json:"accepted"`
	Rejected   ID                 `json:"rejected_count"`
	Rejections []events.Rejection `json:"rejected"`
	Reason     string             `json:"reason,omitempty"`
	StartedAt  time.Time          `json:"started_at"`
	EndedAt    *time.Time         `json:"ended_at,omitempty"`
}

// Group is a set of users that operators manage.
type Group struct {
	ID        ID         `json:"id"`
	Biz       string     `json:"biz"`
	Name      string     `json:"name"`
	Kind      string     `json:"kind" enum:"ids,file"`
	Subkind   string     `json:"subkind"`
	Identity  string     `json:"identity" enum:"user_id,phone"`
	Content   rawJSON    `json:"content"`
	Ext       rawJSON    `json:"ext"`
	Realtime  bool       `json:"realtime"`
	Version   ID         `json:"version"`
	Status    string     `json:"status" enum:"building,ready,failed,archived"`
	Reason    string     `json:"reason,omitempty" doc:"Why it failed or was archived"`
	Count     ID         `json:"count"`
	Unmatched ID         `json:"unmatched" doc:"Phones that matched no user, of all uploads since the members were last replaced or the group was rebuilt"`
	ParentID  *ID        `json:"parent_id"`
	ExpiresAt *time.Time `json:"expires_at"`
	ReadyAt   *time.Time `json:"ready_at"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	Seq       ID         `json:"seq"`
}

// GroupVersion is one change of a group's members.
type GroupVersion struct {
	Version        ID        `json:"version"`
	Op             string    `json:"op" enum:"add,remove,replace"`
	Count          ID        `json:"count" doc:"Users after the change"`
	Added          ID        `json:"added"`
	Removed        ID        `json:"removed"`
	Unmatched      ID        `json:"unmatched" doc:"Phones of this upload that matched no user"`
	UploadID       string    `json:"upload_id"`
	PhonesUploadID string    `json:"phones_upload_id,omitempty"`
	Actor          string    `json:"actor"`
	CommandID      string    `json:"command_id"`
	At             time.Time `json:"at"`
	Seq            ID        `json:"seq"`
}

// User is one person.
type User struct {
	UserID     ID                `json:"user_id"`
	Phone      string            `json:"phone,omitempty"`
	OpenID     string            `json:"openid,omitempty"`
	Attributes map[string]string `json:"attributes"`
	Tags       []uint32          `json:"tags"`
	Orders     []Order           `json:"orders" doc:"The newest ones"`
	Seq        ID                `json:"seq"`
}

// Order is one order of a user.
type Order struct {
	OrderID        string    `json:"order_id"`
	ProductID      ID        `json:"product_id"`
	ProductGroupID ID        `json:"product_group_id"`
	Amount         string    `json:"amount"`
	PaidAt         time.Time `json:"paid_at"`
	Status         string    `json:"status"`
}

// Message is what one campaign did about one user.
type Message struct {
	CampaignID ID         `json:"campaign_id"`
	Campaign   string     `json:"campaign"`
	Status     string     `json:"status" enum:"pending,sent,failed,skipped,unknown"`
	Code       string     `json:"code,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	At         *time.Time `json:"at,omitempty"`
}

// Tag is a tag's name and how many users have it.
type Tag struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Count       ID     `json:"count"`
}

// Template is a message template.
type Template struct {
	events.Template
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Seq       ID        `json:"seq"`
}

// Explanation says what each clause of a segment contributes.
type Explanation struct {
	Text    string   `json:"text" doc:"The segment as text"`
	Where   rawJSON  `json:"where" doc:"The segment as JSON"`
	Count   ID       `json:"count"`
	Known   ID       `json:"known_users"`
	Clauses []Clause `json:"clauses"`
	SQL     string   `json:"sql"`
	TookMS  float64  `json:"took_ms"`
	Seq     ID       `json:"seq"`
}

// Clause is one part of a segment.
type Clause struct {
	Text    string     `json:"text"`
	Depth   int        `json:"depth"`
	Users   ID         `json:"users" doc:"For how many users it holds"`
	Running *ID        `json:"running,omitempty" doc:"How many are left once it is joined with those before it; not told for a segment of more than 64 clauses"`
	From    *time.Time `json:"from,omitempty" doc:"Window of an order clause"`
	To      *time.Time `json:"to,omitempty" doc:"Its end, exclusive"`
}

// Campaign is one message to one audience.
type Campaign struct {
	ID          ID                `json:"id"`
	Biz         string            `json:"biz"`
	Name        string            `json:"name"`
	Template    string            `json:"template"`
	Channel     string            `json:"channel,omitempty"`
	Where       rawJSON           `json:"where"`
	Text        string            `json:"text" doc:"The segment as text"`
	Variables   map[string]string `json:"variables"`
	Status      string            `json:"status"`
	Reason      string            `json:"reason,omitempty"`
	Audience    ID                `json:"audience"`
	CreatedAt   time.Time         `json:"created_at"`
	StartedAt   *time.Time        `json:"started_at"`
	CompletedAt *time.Time        `json:"completed_at"`
	Seq         ID                `json:"seq"`
}

// Report is a campaign's books: audience = sent + failed + skipped + unknown + pending.
type Report struct {
	Status      string        `json:"status"`
	Audience    ID            `json:"audience"`
	Sent        ID            `json:"sent"`
	Failed      ID            `json:"failed"`
	Skipped     ID            `json:"skipped"`
	Unknown     ID            `json:"unknown"`
	Pending     ID            `json:"pending"`
	ByCode      map[string]ID `json:"by_code"`
	StartedAt   *time.Time    `json:"started_at"`
	CompletedAt *time.Time    `json:"completed_at"`
}

// Recipient is one user of a campaign's audience.
type Recipient struct {
	UserID ID         `json:"user_id"`
	Status string     `json:"status" enum:"pending,sent,failed,skipped,unknown"`
	Code   string     `json:"code,omitempty" doc:"The provider's, such as 43101, or one of Muster's own, such as no_openid"`
	Reason string     `json:"reason,omitempty"`
	At     *time.Time `json:"at,omitempty" doc:"Of the outcome"`
}

// Why says what a campaign did about one user.
type Why struct {
	UserID     ID          `json:"user_id"`
	InAudience bool        `json:"in_audience"`
	Frozen     bool        `json:"frozen" doc:"Whether the audience is known; before that in_audience says nothing"`
	Status     string      `json:"status" enum:"pending,sent,failed,skipped,unknown,not_in_audience"`
	Code       string      `json:"code,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Range      ID          `json:"range,omitempty"`
	At         *time.Time  `json:"at,omitempty"`
	Clauses    []WhyClause `json:"clauses,omitempty" doc:"The segment as it is now, parents first; the audience was frozen at the launch"`
}

// WhyClause is one part of a segment, and whether the user fulfils it now.
type WhyClause struct {
	Text    string `json:"text"`
	Kind    string `json:"kind" enum:"all,any,not,group,tag,orders"`
	Depth   int    `json:"depth"`
	Holds   bool   `json:"holds"`
	Decides bool   `json:"decides" doc:"Whether the whole holds, or does not, because of this clause"`
}

// UserGroup is a group that a user is in.
type UserGroup struct {
	ID      ID     `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Version ID     `json:"version"`
}
