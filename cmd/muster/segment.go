package main

import (
	"net/http"

	"github.com/spf13/cobra"
)

func (c *cli) segmentCommand() *cobra.Command {
	return parent("segment", "Count and explain segments",
		c.segmentCall("count", "Count the users of a segment, exactly", "count", "took_ms", "seq"),
		c.segmentCall("explain", "Show what each clause holds, and the query", "count", "took_ms", "seq", "clauses", "sql"),
	)
}

func (c *cli) segmentCall(verb, short string, fields ...string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " WHERE", Short: short, Args: exactArgs("WHERE"),
		Example: "  muster segment " + verb + " 'group(12) and (tag(1) or tag(2)) and orders(days=2) > 2'",
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := c.call(cmd.Context(), http.MethodPost, c.in("/segments:"+verb), object{"where": whereValue(args[0])})
			if err != nil {
				return err
			}
			return c.print(out, fields...)
		},
	}
}
