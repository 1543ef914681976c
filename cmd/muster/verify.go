package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"muster/internal/clickhouse"
	"muster/internal/natsd"
	"muster/internal/telemetry"
	"muster/projections/verify"
)

func (c *cli) verifyCommand() *cobra.Command {
	var natsURL, dsn string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove the log whole, tag sets equal to tag arrays, and every campaign's books balanced",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if natsURL == "" || dsn == "" {
				at, err := readEndpoints(c.data)
				if err != nil {
					return err
				}
				natsURL, dsn = at.NATS, at.ClickHouse
			}
			return c.verify(cmd, natsURL, dsn)
		},
	}
	cmd.Flags().StringVar(&natsURL, "nats", "", "URL of NATS (default: the running `muster up` of --data)")
	cmd.Flags().StringVar(&dsn, "clickhouse", "", "DSN of ClickHouse (likewise)")
	return cmd
}

func (c *cli) verify(cmd *cobra.Command, natsURL, dsn string) error {
	ctx := cmd.Context()
	log := telemetry.NewLogger(os.Stderr, slog.LevelWarn, "auto")
	nc, err := natsd.Connect(natsURL, "verify", log)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	db, err := clickhouse.Open(ctx, inDatabase(dsn))
	if err != nil {
		return err
	}
	report, err := verify.Run(ctx, verify.Options{DB: db, JS: js, Log: log, Progress: c.verifyProgress()})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return c.printVerify(report)
}

// verifyProgress shows on a terminal how far it is.
func (c *cli) verifyProgress() func(what string, done, of uint64) {
	if !isTerminal(c.progress) || c.asJSON {
		return nil
	}
	return func(what string, done, of uint64) {
		fmt.Fprintf(c.progress, "\r%-30s %d of %d", what, done, of)
		if done >= of {
			fmt.Fprintln(c.progress)
		}
	}
}

// logLine says how much of the log was read, and that it is whole only when nothing was wrong with it.
func logLine(r *verify.Report) string {
	line := fmt.Sprintf("%d events and %d ledger entries", r.Events, r.Ledger)
	if slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Check == "log" }) {
		return line + " read: the log is damaged"
	}
	return line + ": hashes chain, no holes"
}

func (c *cli) printVerify(r *verify.Report) error {
	if c.asJSON {
		if err := c.printJSON(r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(c.out, logLine(r))
		for _, f := range r.Figures {
			fmt.Fprintf(c.out, "%-40s %d\n", f.What, f.Count)
		}
		for _, f := range r.Findings {
			fmt.Fprintf(c.out, "%s %s: %s\n", f.Check, f.Biz, f.Detail)
		}
	}
	if n := len(r.Findings); n > 0 {
		return fmt.Errorf("%d findings", n)
	}
	return nil
}
