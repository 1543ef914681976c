package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"muster/internal/config"
)

// processFlags are the flags of commands that run a process; each names a setting.
var processFlags = []struct{ flag, path, help string }{
	{"data", "data", "directory of everything this process keeps"},
	{"http", "http.listen", "address of the gateway; port 0 picks a free one"},
	{"nats-conf", "nats.config", "nats.conf of the embedded NATS server"},
	{"replicas", "nats.replicas", "copies of every stream: 1, 3 or 5 (default: those that are there stay as they are, new ones get 1)"},
	{"cluster", "clickhouse.cluster", "ClickHouse cluster to create tables on"},
	{"sandbox", "sandbox.listen", "address of the WeChat sandbox"},
	{"files-allow", "files.allow", "directories that local files may be read from, with commas between them"},
	{"log-level", "log.level", "debug, info, warn or error"},
	{"log-format", "log.format", "auto, text or json"},
}

// addProcessFlags declares the flags, those of up (listen addresses) or of serve (URLs and roles).
func addProcessFlags(cmd *cobra.Command, mode config.Mode) {
	f := cmd.Flags()
	f.String("config", "", "configuration file (MUSTER_CONFIG; default muster.yaml if there is one)")
	for _, p := range processFlags {
		if p.flag != "data" { // the root has it
			f.String(p.flag, "", p.help)
		}
	}
	if mode == config.Up {
		f.String("nats", "", "address of the embedded NATS server")
		f.String("clickhouse", "", "address of the embedded ClickHouse's HTTP interface")
		return
	}
	f.String("roles", "", "what this process does: gateway,commands,policies,projections,sends")
	f.String("nats", "", "URL of the NATS server or cluster")
	f.String("clickhouse", "", "DSN of the ClickHouse server or cluster")
}

// loadConfig merges file, environment and the flags the user typed.
func loadConfig(cmd *cobra.Command, mode config.Mode) (*config.Config, error) {
	src := config.Sources{Mode: mode, Env: os.Environ()}
	add := func(flag, path string) {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
			src.Flags = append(src.Flags, config.Override{Path: path, Value: f.Value.String(), Flag: "--" + flag})
		}
	}
	for _, p := range processFlags {
		add(p.flag, p.path)
	}
	if mode == config.Up {
		add("nats", "nats.listen")
		add("clickhouse", "clickhouse.listen")
	} else {
		add("nats", "nats.url")
		add("clickhouse", "clickhouse.dsn")
		add("roles", "roles")
	}
	if f := cmd.Flags().Lookup("config"); f != nil {
		src.File = f.Value.String()
	}
	cfg, err := config.Load(src)
	if err != nil {
		return nil, usageError{err}
	}
	return cfg, nil
}

func configCommand() *cobra.Command {
	var serve bool
	check := &cobra.Command{
		Use: "check", Short: "List every problem of the configuration at once, or every setting and where it comes from",
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			mode := config.Up
			if serve {
				mode = config.Serve
			}
			cfg, err := loadConfig(cmd, mode)
			if err != nil {
				return err
			}
			asJSON, _ := cmd.Flags().GetBool("json")
			if asJSON {
				return (&cli{out: cmd.OutOrStdout()}).printJSON(cfg.Values())
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, v := range cfg.Values() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", v.Path, strings.TrimSpace(v.Value), v.Origin)
			}
			return w.Flush()
		},
	}
	addProcessFlags(check, config.Up)
	check.Flags().BoolVar(&serve, "serve", false, "check it for muster serve rather than muster up")
	return parent("config", "Look at the configuration", check)
}
