package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/commands"
	"muster/events"
	"muster/imports"
	"muster/internal/fault"
)

// Imported is what an upload did.
type Imported struct {
	CommandID     string             `json:"command_id"`
	Status        string             `json:"status" enum:"completed"`
	Rows          ID                 `json:"rows"`
	Accepted      ID                 `json:"accepted"`
	Rejected      []events.Rejection `json:"rejected" doc:"The first rejected rows: line, field and reason"`
	RejectedCount ID                 `json:"rejected_count" doc:"All rejected rows"`
	Seq           ID                 `json:"seq"`
	Group         *Group             `json:"group,omitempty" doc:"Of a change of members: the group afterwards"`
}

// maxUploads is how many uploads are read at once: each takes some megabytes, and one in
// zstd a window beside.
const maxUploads = 32

// busy knows the uploads under way in this process.
type busy struct {
	mu   sync.Mutex
	ids  map[string]struct{}
	room chan struct{} // one for each that is being read
}

// newBusy has room for that many uploads; 0 is maxUploads.
func newBusy(limit int) *busy {
	if limit <= 0 {
		limit = maxUploads
	}
	return &busy{ids: map[string]struct{}{}, room: make(chan struct{}, limit)}
}

// enter takes a place among those that are read, which leave gives back. Nobody waits for
// one: whoever waits keeps a connection, and a client that sends.
func (b *busy) enter() (leave func(), err error) {
	select {
	case b.room <- struct{}{}:
		return func() { <-b.room }, nil
	default:
		return nil, fault.New(fault.RateLimited, "%d uploads are being read already; try again later", cap(b.room))
	}
}

func (b *busy) begin(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, there := b.ids[id]; there {
		return false
	}
	b.ids[id] = struct{}{}
	return true
}

func (b *busy) end(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.ids, id)
}

// upload is one streamed body and what it is for.
type upload struct {
	biz     string
	target  events.UploadTarget
	group   uint64
	content events.Type
	op      events.MemberOp
}

func (g *Gateway) registerUploads() {
	for _, u := range []struct {
		path    string
		target  events.UploadTarget
		content events.Type
		columns string
	}{
		{"users", events.TargetUsers, events.TypeUploadUsers, "user_id, phone, openid, tags, attributes. A column that is there replaces what is stored (an empty cell clears), one that is not leaves it"},
		{"tags", events.TargetTags, events.TypeUploadTags, "user_id, tag_id, op (add or remove)"},
		{"orders", events.TargetOrders, events.TypeUploadOrders, "order_id, user_id, product_id, product_group_id, amount, paid_at, status. The last row of an order id wins"},
	} {
		r := at(Operator, http.MethodPost, "/v1/{biz}/"+u.path+":import", "import-"+u.path, "Imports", "Import "+u.path+" from a stream of any size").about("Columns: " + u.columns + ".")
		g.stream(r, func(c *fiber.Ctx) (upload, error) {
			return upload{biz: c.Params("biz"), target: u.target, content: u.content}, nil
		})
	}
	for method, op := range map[string]events.MemberOp{http.MethodPost: events.OpAdd, http.MethodDelete: events.OpRemove} {
		summary := map[events.MemberOp]string{events.OpAdd: "Add users to a group", events.OpRemove: "Remove users from a group"}[op]
		r := at(Operator, method, "/v1/{biz}/groups/{id}/members", string(op)+"-members", tagGroups, summary).
			about("A column user_id, or phone for groups of that identity; lines need no header; JSON is {\"users\": [...]}.")
		if op == events.OpAdd {
			r.op.Parameters = append(r.op.Parameters, parameter("query", "mode", "replace: the group afterwards holds exactly these users", false))
		}
		g.stream(r, func(c *fiber.Ctx) (upload, error) { return g.memberUpload(c, op) })
	}
}

// memberUpload finds out what a group's uploads name users by. It asks the log, not
// the read model: uploads work while that is away.
func (g *Gateway) memberUpload(c *fiber.Ctx, op events.MemberOp) (upload, error) {
	u := upload{biz: c.Params("biz"), target: events.TargetGroup, content: events.TypeUploadIDs, op: op}
	switch mode := c.Query("mode"); {
	case mode == "replace" && op == events.OpAdd:
		u.op = events.OpReplace
	case mode != "":
		return u, fault.Field("mode", "is replace, or left out")
	}
	id, err := pathID("group", c.Params("id"))
	if err != nil {
		return u, err
	}
	u.group = id
	ctx, cancel := context.WithTimeout(c.UserContext(), sendTimeout)
	defer cancel()
	subject := events.EventSubject(u.biz, "group", ID(id).String())
	last, err := g.opt.Store.Last(ctx, subject)
	if fault.Is(err, fault.NotFound) {
		return u, noGroup()
	}
	if err != nil {
		return u, err
	}
	if last.Type == events.TypeGroupArchived {
		return u, &fault.Error{Code: fault.Conflict, Field: "group", Msg: "the group is archived: it takes no more changes"}
	}
	first, err := g.eventAt(ctx, 1, subject.String())
	if err != nil {
		return u, err
	}
	payload, err := g.opt.Catalog.Decode(first)
	if err != nil {
		return u, err
	}
	created, ok := payload.(*events.GroupCreated)
	if !ok { // a command for a group that never was is refused on its subject
		return u, noGroup()
	}
	if created.Identity == "phone" {
		u.content = events.TypeUploadPhones
	}
	return u, nil
}

// stream registers a route whose body is an upload.
func (g *Gateway) stream(r route, what func(c *fiber.Ctx) (upload, error)) {
	text := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	r.op.Parameters = append(r.op.Parameters,
		parameter("path", "biz", "The product line", true),
		parameter("query", "wait", "Wait up to this long (at most 60s) and answer 200 with the result", false),
		parameter("header", "Idempotency-Key", "The same key and the same body again is the same upload", false),
		parameter("header", "Content-Encoding", "gzip or zstd; recognized by itself when left out", false))
	if r.op.Tags[0] == tagGroups {
		r.op.Parameters = append(r.op.Parameters, parameter("path", "id", "The group", true))
	}
	r.op.RequestBody = &huma.RequestBody{Required: true, Description: "Any size, plain, gzip or zstd", Content: map[string]*huma.MediaType{
		"text/csv": {Schema: text}, "text/plain": {Schema: text}, "application/x-ndjson": {Schema: text}, "application/json": {Schema: &huma.Schema{}},
	}}
	r.op.Responses = map[string]*huma.Response{
		"200": g.jsonOf("Done: with ?wait=, what the upload did", Imported{}),
		"202": g.jsonOf("Read to its end and stored; will be decided on", Accepted{}),
	}
	g.raw(r, func(c *fiber.Ctx) error {
		out, err := g.take(c, what)
		if err != nil {
			return err
		}
		return c.Status(out.Status).JSON(out.Body)
	})
}

// take reads an upload to its end and commands that it counts.
func (g *Gateway) take(c *fiber.Ctx, what func(c *fiber.Ctx) (upload, error)) (*changed, error) {
	ctx := c.UserContext()
	biz, err := g.state.biz(c.Params("biz"))
	if err != nil {
		return nil, err
	}
	params := Changing{Wait: c.Query("wait"), Key: c.Get("Idempotency-Key")}
	if _, ok := duration(params.Wait, maxWait); !ok {
		return nil, fault.Field("wait", "is not a duration: use 10s or 500ms, at most 60s")
	}
	if len(params.Key) > maxKey {
		return nil, fault.Field("Idempotency-Key", "is longer than %d bytes", maxKey)
	}
	u, err := what(c)
	if err != nil {
		return nil, err
	}
	p := principalOf(ctx)
	id := commandID(p, u.biz, params.Key)
	if id == "" {
		id = newID()
	}
	if !g.busy.begin(id) {
		return nil, fault.New(fault.Conflict, "another upload with this idempotency key is under way")
	}
	defer g.busy.end(id)
	summary, err := g.ingest(ctx, c, u, id, biz.Location, params.Key != "")
	if err != nil && ctx.Err() != nil { // it was this side that cut the body off
		return nil, stopping()
	}
	if err != nil {
		return nil, err
	}
	if _, ok := g.state.key(p.KeyID); !ok { // a body may take hours
		return nil, fault.New(fault.Unauthorized, "the key was revoked meanwhile; nothing of the upload counts")
	}
	hash, err := hashOf(u.target, u.group, u.op, summary.BodyHash)
	if err != nil {
		return nil, err
	}
	ch := change{biz: u.biz, params: params, id: id, hash: hash, result: func(ctx context.Context, s settled) (any, error) { return g.imported(ctx, u, s) }}
	if u.target == events.TargetGroup {
		ch.typ, ch.payload = commands.ChangeMembersType, commands.ChangeMembers{Group: u.group, Op: u.op, Upload: summary}
	} else {
		ch.typ, ch.payload = commands.CompleteImportType, commands.CompleteImport{Target: u.target, Upload: summary}
	}
	return g.send(ctx, ch)
}

// ingest writes the upload to the log. A repeated one whose command is stored already
// is only hashed: writing it again would undo what that command is about to complete.
func (g *Gateway) ingest(ctx context.Context, c *fiber.Ctx, u upload, id string, zone *time.Location, repeatable bool) (commands.UploadSummary, error) {
	if repeatable {
		sctx, cancel := context.WithTimeout(ctx, sendTimeout)
		_, err := events.GetCommand(sctx, g.opt.JS, id)
		cancel()
		if err == nil {
			sum, err := imports.Hash(bodyOf(c))
			return commands.UploadSummary{BodyHash: sum}, err // the stored command says which upload it is
		}
		if !fault.Is(err, fault.NotFound) {
			return commands.UploadSummary{}, err
		}
	}
	leave, err := g.busy.enter()
	if err != nil {
		return commands.UploadSummary{}, err
	}
	defer leave()
	res, err := g.opt.Ingester.Ingest(ctx, imports.Request{
		Biz: u.biz, CommandID: id, Actor: "key:" + principalOf(ctx).KeyID, Target: u.target, GroupID: u.group, Content: u.content, Source: "http",
		ContentType: c.Get(fiber.HeaderContentType), ContentEncoding: c.Get(fiber.HeaderContentEncoding), Body: bodyOf(c),
		MaxBytes: g.opt.MaxUpload, MaxRecord: g.opt.MaxRecord, Location: zone, Settings: g.state.current(),
	})
	if err != nil && ctx.Err() == nil {
		g.wrote(err)
	}
	return res.Summary, err
}

// imported is the answer to an upload that counts.
func (g *Gateway) imported(ctx context.Context, u upload, s settled) (any, error) {
	var cmd struct { // what commands that complete an upload have in common
		Upload commands.UploadSummary `json:"upload"`
	}
	if err := json.Unmarshal(s.command.Data, &cmd); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "read the command")
	}
	up, err := g.opt.Queries.Upload(ctx, u.biz, cmd.Upload.UploadID)
	if err != nil {
		return nil, err
	}
	out := Imported{CommandID: s.command.ID, Status: "completed", Rows: up.Rows, Accepted: up.Accepted,
		Rejected: up.Rejections, RejectedCount: up.Rejected, Seq: ID(s.seq)}
	if out.Rejected == nil {
		out.Rejected = []events.Rejection{}
	}
	if u.target == events.TargetGroup {
		group, err := g.opt.Queries.Group(ctx, u.biz, u.group)
		if err != nil {
			return nil, err
		}
		out.Group = &group
	}
	return out, nil
}
