package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

func (c *cli) campaignCommand() *cobra.Command {
	cmds := []*cobra.Command{c.campaignCreate(), c.campaignReport(), c.campaignWhy()}
	for _, verb := range []struct{ name, short string }{
		{"launch", "Freeze the audience and send"},
		{"pause", "Stop sending; what is in hand is finished"},
		{"resume", "Go on sending"},
		{"cancel", "End for good; users not yet sent to are skipped"},
	} {
		cmds = append(cmds, c.campaignVerb(verb.name, verb.short))
	}
	return parent("campaign", "Make, launch and follow campaigns", cmds...)
}

func (c *cli) campaignCreate() *cobra.Command {
	var template, where string
	var variables map[string]string
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a campaign",
		Example: `  muster campaign create Spring --template ready --where 'group(12) and not tag(3)' --var city=Wuhan`,
		Args:    exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := c.call(cmd.Context(), http.MethodPost, c.in("/campaigns?wait=60s"),
				object{"name": args[0], "template": template, "where": whereValue(where), "variables": variables})
			if err != nil {
				return err
			}
			return c.printCampaign(made)
		},
	}
	f := cmd.Flags()
	f.StringVar(&template, "template", "", "the template's id")
	f.StringVar(&where, "where", "", "the segment, as text or JSON")
	f.StringToStringVar(&variables, "var", nil, "campaign variables, name=value")
	return cmd
}

// whereValue sends JSON as it is, and text as a string.
func whereValue(s string) any {
	if len(s) > 0 && s[0] == '{' && json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return s
}

func (c *cli) printCampaign(o object) error {
	return c.print(o, "id", "name", "status", "reason", "template", "where", "audience", "ranges", "created_at", "started_at", "completed_at", "seq")
}

func (c *cli) campaignVerb(verb, short string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " ID", Short: short, Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.call(cmd.Context(), http.MethodPost, c.in("/campaigns/"+url.PathEscape(args[0])+":"+verb+"?wait=60s"), nil)
			if err != nil {
				return err
			}
			return c.printCampaign(out)
		},
	}
}

func (c *cli) campaignReport() *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use: "report ID", Short: "Show the books", Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.report(cmd, args[0], wait)
			if err != nil {
				return err
			}
			return c.print(out, "status", "audience", "sent", "failed", "skipped", "unknown", "pending", "by_code", "started_at", "completed_at")
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "until the campaign has ended")
	return cmd
}

// report reads the books, with wait until they are closed.
func (c *cli) report(cmd *cobra.Command, id string, wait bool) (object, error) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		out, err := c.call(cmd.Context(), http.MethodGet, c.in("/campaigns/"+url.PathEscape(id)+"/report"), nil)
		if err != nil || !wait {
			return out, err
		}
		switch out["status"] {
		case "completed", "failed", "cancelled", "created":
			return out, nil
		}
		if isTerminal(c.progress) && !c.asJSON {
			fmt.Fprintf(c.progress, "\r%s of %s left ", text(out["pending"]), text(out["audience"]))
		}
		select {
		case <-cmd.Context().Done():
			return nil, cmd.Context().Err()
		case <-tick.C:
		}
	}
}

func (c *cli) campaignWhy() *cobra.Command {
	return &cobra.Command{
		Use: "why ID USER", Short: "Say what became of one user, and why", Args: exactArgs("ID", "USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.call(cmd.Context(), http.MethodGet,
				c.in("/campaigns/"+url.PathEscape(args[0])+"/users/"+url.PathEscape(args[1])), nil)
			if err != nil {
				return err
			}
			return c.print(out, "user_id", "in_audience", "status", "code", "reason", "at", "range", "clauses")
		},
	}
}
