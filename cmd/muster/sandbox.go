package main

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"muster/channels/sandbox"
	"muster/internal/telemetry"
)

func sandboxCommand() *cobra.Command {
	var listen string
	wechat := &cobra.Command{
		Use: "wechat", Short: "Run only the WeChat sandbox", Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := cmd.Flags().GetString("data")
			if err != nil {
				return err
			}
			var lc net.ListenConfig
			l, err := lc.Listen(cmd.Context(), "tcp", listen)
			if err != nil {
				return err
			}
			dir := filepath.Join(data, "sandbox")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			s, err := sandbox.New(sandbox.Options{File: filepath.Join(dir, "messages.ndjson"),
				Log: telemetry.NewLogger(os.Stderr, slog.LevelInfo, "auto")})
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "The WeChat sandbox is at http://"+l.Addr().String())
			return s.Serve(cmd.Context(), l)
		},
	}
	wechat.Flags().StringVar(&listen, "sandbox", "127.0.0.1:8090", "address to listen on")
	return parent("sandbox", "Run a provider's stand-in", wechat)
}
