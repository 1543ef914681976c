package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

func (c *cli) groupCommand() *cobra.Command {
	return parent("group", "Make, fill and read groups",
		c.groupCreate(), c.groupList(), c.groupShow(), c.groupMembers(), c.groupArchive())
}

func (c *cli) groupCreate() *cobra.Command {
	var kind, subkind, identity, content, file, format string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a group, and fill it from --file",
		Args:  exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			body := object{"name": args[0], "kind": kind, "identity": identity}
			if subkind != "" {
				body["subkind"] = subkind
			}
			if content != "" {
				if !json.Valid([]byte(content)) {
					return usageError{fmt.Errorf("--content is no JSON")}
				}
				body["content"] = json.RawMessage(content)
			}
			made, err := c.call(cmd.Context(), http.MethodPost, c.in("/groups?wait=60s"), body)
			if err != nil {
				return err
			}
			if file != "" {
				if _, err := c.upload(cmd, c.in("/groups/"+text(made["id"])+"/members"), file, format); err != nil {
					return err
				}
				if made, err = c.call(cmd.Context(), http.MethodGet, c.in("/groups/"+text(made["id"])), nil); err != nil {
					return err
				}
			}
			return c.printGroup(made)
		},
	}
	f := cmd.Flags()
	f.StringVar(&kind, "kind", "ids", "ids or file")
	f.StringVar(&subkind, "subkind", "", "of kind file: upload or local")
	f.StringVar(&identity, "identity", "user_id", "what uploads name users by: user_id or phone")
	f.StringVar(&content, "content", "", `of file/local: {"path": "..."}`)
	f.StringVar(&file, "file", "", "fill it from this file; - is standard input")
	f.StringVar(&format, "format", "", "csv, ndjson or lines (default: by the file's name)")
	return cmd
}

func (c *cli) printGroup(g object) error {
	return c.print(g, "id", "name", "kind", "subkind", "identity", "status", "version", "count", "unmatched",
		"expires_at", "ready_at", "created_at", "updated_at", "seq")
}

func (c *cli) groupList() *cobra.Command {
	var kind, status string
	cmd := &cobra.Command{
		Use: "list", Short: "List groups", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{"limit": {"1000"}}
			if kind != "" {
				q.Set("kind", kind)
			}
			if status != "" {
				q.Set("status", status)
			}
			out, err := c.all(cmd.Context(), c.in("/groups"), q)
			if err != nil {
				return err
			}
			return c.printList(out, "id", "name", "kind", "status", "version", "count")
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "only this kind")
	cmd.Flags().StringVar(&status, "status", "", "only this status")
	return cmd
}

// all reads a list page by page to its end.
func (c *cli) all(ctx context.Context, path string, q url.Values) (object, error) {
	items := []any{}
	for {
		page, err := c.call(ctx, http.MethodGet, path+"?"+q.Encode(), nil)
		if err != nil {
			return nil, err
		}
		some, _ := page["items"].([]any)
		items = append(items, some...)
		next := text(page["next"])
		if next == "" {
			return object{"items": items}, nil
		}
		if next == q.Get("cursor") {
			return nil, fmt.Errorf("the server's list %s does not end: it goes on where it began", path)
		}
		q.Set("cursor", next)
	}
}

func (c *cli) groupShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a group", Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := c.call(cmd.Context(), http.MethodGet, c.in("/groups/"+url.PathEscape(args[0])), nil)
			if err != nil {
				return err
			}
			return c.printGroup(g)
		},
	}
}

func (c *cli) groupMembers() *cobra.Command {
	return &cobra.Command{
		Use: "members ID", Short: "Print every member's user id, a line each", Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			res, err := c.open(cmd.Context(), http.MethodGet, c.in("/groups/"+url.PathEscape(args[0])+"/members.csv"), nil, nil)
			if err != nil {
				return err
			}
			defer res.Body.Close()
			_, err = io.Copy(c.out, res.Body)
			return err
		},
	}
}

func (c *cli) groupArchive() *cobra.Command {
	return &cobra.Command{
		Use: "archive ID", Short: "End a group; its members stay readable", Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			g, err := c.call(cmd.Context(), http.MethodPost, c.in("/groups/"+url.PathEscape(args[0])+":archive?wait=60s"), nil)
			if err != nil {
				return err
			}
			return c.printGroup(g)
		},
	}
}
