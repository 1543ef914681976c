package main

import (
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

func (c *cli) keysCommand() *cobra.Command {
	var name, role, biz string
	create := &cobra.Command{
		Use: "create", Short: "Make a key; its secret is shown once", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := c.call(cmd.Context(), http.MethodPost, "/v1/keys?wait=60s", object{"name": name, "role": role, "biz": biz})
			if err != nil {
				return err
			}
			return c.print(out, "id", "name", "biz", "role", "key")
		},
	}
	create.Flags().StringVar(&name, "name", "", "who or what uses it")
	create.Flags().StringVar(&role, "role", "operator", "viewer, operator or admin")
	create.Flags().StringVar(&biz, "for", "*", "the product line it is good for, * for all")
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

func (c *cli) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show where every projection stands", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := c.call(cmd.Context(), http.MethodGet, "/v1/projections", nil)
			if err != nil {
				return err
			}
			return c.printList(out, "name", "stream", "position", "head", "lag", "rebuilding", "error")
		},
	}
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
				if _, err := c.call(cmd.Context(), http.MethodPost, "/v1/projections/"+url.PathEscape(name)+":rebuild", nil); err != nil {
					return err
				}
				if err := c.awaitRebuild(cmd); err != nil {
					return err
				}
				if err := c.print(object{"rebuilt": name}, "rebuilt"); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// awaitRebuild follows the projections until none is being rebuilt.
func (c *cli) awaitRebuild(cmd *cobra.Command) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		out, err := c.call(cmd.Context(), http.MethodGet, "/v1/projections", nil)
		if err != nil {
			return err
		}
		rebuilding := false
		items, _ := out["items"].([]any)
		for _, item := range items {
			p, _ := item.(object)
			rebuilding = rebuilding || p["rebuilding"] == true
		}
		if !rebuilding {
			return nil
		}
		select {
		case <-cmd.Context().Done():
			return cmd.Context().Err()
		case <-tick.C:
		}
	}
}
