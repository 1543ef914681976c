package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"muster/internal/clickhouse"
	"muster/internal/telemetry"
)

// engineName is the hidden subcommand that muster starts itself with: the embedded
// ClickHouse in a process of its own.
const engineName = "clickhouse-engine"

func engineCommand() *cobra.Command {
	return &cobra.Command{
		Use: engineName, Hidden: true, DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			log := telemetry.NewLogger(os.Stderr, slog.LevelInfo, "auto")
			return clickhouse.RunEngine(cmd.Context(), args, log)
		},
	}
}
