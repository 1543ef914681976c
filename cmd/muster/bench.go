package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"muster/bench"
	"muster/internal/telemetry"
)

func benchCommand() *cobra.Command {
	var users []int
	var dir, out string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a muster of its own, each figure beside a reference taken in the same run",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, n := range users {
				if n < 1000 {
					return usageError{fmt.Errorf("--users takes 1000 or more, not %d", n)}
				}
			}
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			if dir == "" {
				if dir, err = os.MkdirTemp("", "muster-bench-"); err != nil {
					return err
				}
				defer os.RemoveAll(dir)
			}
			opt := bench.Options{Binary: binary, Dir: dir, Users: users, Table: cmd.OutOrStdout(),
				Log: telemetry.NewLogger(os.Stderr, slog.LevelInfo, "text")}
			if out == "" {
				return bench.Run(cmd.Context(), opt)
			}
			f, err := os.Create(out)
			if err != nil {
				return err
			}
			defer func() {
				if e := f.Close(); err == nil {
					err = e
				}
			}()
			opt.JSON = f
			return bench.Run(cmd.Context(), opt)
		},
	}
	f := cmd.Flags()
	f.IntSliceVar(&users, "users", []int{1_000_000, 10_000_000}, "sizes to measure at")
	f.StringVar(&dir, "dir", "", "scratch directory (default: a temporary one)")
	f.StringVar(&out, "out", "bench/results.json", "where the JSON goes; empty for none")
	return cmd
}
