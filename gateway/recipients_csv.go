package gateway

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/projections/queries"
)

func (g *Gateway) registerRecipientsCSV() {
	r := at(Viewer, http.MethodGet, "/v1/{biz}/campaigns/{id}/recipients.csv", "export-recipients", tagCampaigns, "All users of a campaign's audience as CSV, and what became of the message")
	status := parameter("query", "status", "Only those", false)
	status.Schema.Enum = []any{queries.Pending, "sent", "failed", "skipped", "unknown"}
	r.op.Parameters = []*huma.Param{parameter("path", "biz", "The product line", true), parameter("path", "id", "The campaign", true), status, minSeq()}
	r.op.Responses = map[string]*huma.Response{"200": {
		Description: "user_id, status, code, reason, at, one user per line, ascending",
		Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	g.raw(r, g.recipientsCSV)
}

// recipientsCSV streams what became of every user. What could be refused is looked at before the
// first byte: afterwards a failure can only cut the connection.
func (g *Gateway) recipientsCSV(c *fiber.Ctx) error {
	biz, status := c.Params("biz"), c.Query("status")
	if err := g.caughtUp(c.UserContext(), biz, Reading{MinSeq: c.Query("min_seq")}); err != nil {
		return err
	}
	id, err := pathID("campaign", c.Params("id"))
	if err == nil {
		err = queries.RecipientList{Status: status}.Check()
	}
	if err != nil {
		return err
	}
	campaign, err := asked(c.UserContext(), g, func(ctx context.Context) (Campaign, error) { return g.opt.Queries.Campaign(ctx, biz, id) })
	if err != nil {
		return err
	}
	file := "campaign-" + campaign.ID.String() + "-recipients"
	if status != "" {
		file += "-" + status
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+file+`.csv"`)
	return g.streamBody(c, func(ctx context.Context, l *live) error {
		var line bytes.Buffer
		w := csv.NewWriter(&line)
		write := func(fields ...string) error {
			line.Reset()
			_ = w.Write(fields) // into memory
			w.Flush()
			if l.w.Available() < line.Len() {
				if err := l.flush(); err != nil {
					return err
				}
			}
			_, err := l.w.Write(line.Bytes())
			return err
		}
		if err := write("user_id", "status", "code", "reason", "at"); err != nil {
			return err
		}
		return g.opt.Queries.EachRecipient(ctx, biz, id, status, func(x Recipient) error {
			at := ""
			if x.At != nil {
				at = x.At.UTC().Format(time.RFC3339Nano)
			}
			return write(x.UserID.String(), x.Status, x.Code, x.Reason, at)
		})
	})
}
