package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func (c *cli) keysCommand() *cobra.Command {
	var name, role, biz string
	create := &cobra.Command{
		Use: "create", Short: "Make a key; its secret is shown once", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if biz == "" {
				biz = c.namedBiz(cmd)
			}
			out, err := c.call(cmd.Context(), http.MethodPost, "/v1/keys?wait=60s", object{"name": name, "role": role, "biz": biz})
			if err != nil {
				return err
			}
			if c.asJSON {
				return c.printJSON(out)
			}
			out["for"] = "the product line " + text(out["biz"])
			if out["biz"] == allBiz {
				out["for"] = "every product line"
			}
			return c.print(out, "id", "name", "biz", "for", "role", "key")
		},
	}
	create.Flags().StringVar(&name, "name", "", "who or what uses it")
	create.Flags().StringVar(&role, "role", "operator", "viewer, operator or admin")
	create.Flags().StringVar(&biz, "for", "", "the product line it is good for, * for all (default: the one that --biz or MUSTER_BIZ names, else all)")
	list := &cobra.Command{
		Use: "list", Short: "List keys, without their secrets", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := c.call(cmd.Context(), http.MethodGet, "/v1/keys", nil)
			if err != nil {
				return err
			}
			return c.printList(out, "id", "name", "biz", "role", "revoked")
		},
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "End a key", Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.call(cmd.Context(), http.MethodDelete, "/v1/keys/"+url.PathEscape(args[0])+"?wait=60s", nil)
			if err != nil {
				return err
			}
			return c.print(out, "id", "revoked", "status", "command_id")
		},
	}
	return parent("keys", "Make, list and end API keys", create, list, revoke)
}

// allBiz is what a key is for that is for every product line.
const allBiz = "*"

// namedBiz is the product line that somebody named; where nobody did, it is all of them.
func (c *cli) namedBiz(cmd *cobra.Command) string {
	if os.Getenv("MUSTER_BIZ") == "" && !cmd.Flags().Changed("biz") {
		return allBiz
	}
	return c.biz
}

func (c *cli) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show where every projection stands; one that is stopped is a failure", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := c.call(cmd.Context(), http.MethodGet, "/v1/projections", nil)
			if err != nil {
				return err
			}
			if err := c.printList(out, "name", "stream", "position", "head", "lag", "rebuilding", "error"); err != nil {
				return err
			}
			return stoppedProjections(out)
		},
	}
}

// stoppedProjections is an error with a line for every projection that stopped.
func stoppedProjections(list object) error {
	var all []error
	items, _ := list["items"].([]any)
	for _, item := range items {
		p, _ := item.(object)
		if why := text(p["error"]); why != "" {
			all = append(all, fmt.Errorf("the projection %s is stopped: %s", text(p["name"]), why))
		}
	}
	return errors.Join(all...)
}

func (c *cli) rebuildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild [projection...|all]",
		Short: "Build projections anew from the log, beside the live ones, then exchange them",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"all"}
			}
			for _, name := range args {
				begun, err := c.call(cmd.Context(), http.MethodPost, "/v1/projections/"+url.PathEscape(name)+":rebuild", nil)
				if err != nil {
					return err
				}
				done, err := c.awaitRebuild(cmd.Context(), text(begun["rebuild_id"]))
				if err != nil {
					return err
				}
				if err := c.printRebuild(name, done); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// unheard is how long another gateway than the one that was asked may not have heard of a rebuild.
const unheard = 30 * time.Second

// awaitRebuild asks for a rebuild until it has ended.
func (c *cli) awaitRebuild(ctx context.Context, id string) (object, error) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for known := time.Now(); ; {
		out, err := c.call(ctx, http.MethodGet, "/v1/projections/rebuilds/"+url.PathEscape(id), nil)
		var p *problem
		if errors.As(err, &p) && p.Status == http.StatusNotFound && time.Since(known) < unheard {
			out, err = object{"status": "running"}, nil
		} else {
			known = time.Now()
		}
		if err != nil {
			return nil, err
		}
		if out["status"] != "running" {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// printRebuild shows what a rebuild made, table by table; one that failed is an error.
func (c *cli) printRebuild(name string, done object) error {
	if done["status"] != "completed" {
		return fmt.Errorf("rebuild of %s: %s", name, text(done["error"]))
	}
	if c.asJSON {
		done["rebuilt"] = name
		return c.printJSON(done)
	}
	if err := c.print(object{"rebuilt": name}, "rebuilt"); err != nil {
		return err
	}
	return c.printList(object{"items": done["tables"]}, "table", "rows", "differing")
}
