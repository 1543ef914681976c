// Command muster is all of Muster in one binary: `muster up` runs everything on
// one machine, `muster serve` runs chosen roles, the rest are clients of a running
// server. Exit code 1 is a failure, 2 is wrong use.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // product lines name time zones; the machine may have no database of them

	"github.com/spf13/cobra"
)

// version is set at build time with -ldflags.
var version = "dev"

func main() { os.Exit(run(os.Args[1:])) }

// usageError marks wrong use: exit code 2.
type usageError struct{ error }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "muster: "+err.Error())
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster",
		Short:         "Gather users into exact groups and notify each of them once",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q; try muster --help", args[0])}
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; try %s --help", err, cmd.CommandPath())}
	})
	c := &cli{out: os.Stdout, progress: os.Stderr}
	c.flags(root)
	root.AddCommand(
		upCommand(), serveCommand(), engineCommand(), configCommand(), sandboxCommand(),
		c.verifyCommand(), c.rebuildCommand(), c.statusCommand(),
		c.importCommand(), c.groupCommand(), c.segmentCommand(), c.campaignCommand(), c.keysCommand(), generateCommand(), benchCommand(),
	)
	return root
}

// exactArgs wants the named arguments, neither more nor fewer.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usageError{fmt.Errorf("%s takes %v; try %s --help", cmd.CommandPath(), names, cmd.CommandPath())}
		}
		return nil
	}
}

// parent makes a command that only groups others.
func parent(use, short string, children ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError{fmt.Errorf("%s needs a subcommand; try %s --help", cmd.CommandPath(), cmd.CommandPath())}
		}
		return usageError{fmt.Errorf("%s has no subcommand %q", cmd.CommandPath(), args[0])}
	}}
	c.AddCommand(children...)
	return c
}
