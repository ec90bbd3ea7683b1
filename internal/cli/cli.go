// Package cli is the commands of sonde: flags become options of a library
// package, results become text or JSON. There is no logic here.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/clock"
	"github.com/sonde-net/sonde/internal/cli/diagnose"
	"github.com/sonde-net/sonde/internal/cli/explain"
	"github.com/sonde-net/sonde/internal/cli/guard"
	"github.com/sonde-net/sonde/internal/cli/listen"
	"github.com/sonde-net/sonde/internal/cli/mtr"
	"github.com/sonde-net/sonde/internal/cli/mtu"
	"github.com/sonde-net/sonde/internal/cli/ping"
	"github.com/sonde-net/sonde/internal/cli/query"
	"github.com/sonde-net/sonde/internal/cli/status"
	"github.com/sonde-net/sonde/internal/cli/survey"
	"github.com/sonde-net/sonde/internal/cli/sweep"
	"github.com/sonde-net/sonde/internal/cli/trace"
)

// Streams are the standard streams of a command.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Main runs the command line args on the standard streams of the process and
// returns the exit status. The first signal to stop ends the work in good
// order, a second one at once.
func Main(args []string) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	// Beside the work: the runtime starts two threads for it.
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		<-signals
		signal.Stop(signals)
		stop()
	}()
	return Run(ctx, args, Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}

// Run runs the command line args, the first of which is the name the program
// was called by, and returns the exit status. An error is one line on the
// standard error stream: "sonde: host: what is wrong".
func Run(ctx context.Context, args []string, s Streams) int {
	if skin, ok := skinOf(args[0]); ok {
		return skin(ctx, args, s)
	}
	root := commandFor(args[1:], s)
	root.SetArgs(args[1:])
	cmd, err := root.ExecuteContextC(ctx)
	code, err := status.Of(err)
	if err != nil {
		fmt.Fprintf(s.Err, "%s: %s\n", strings.ReplaceAll(cmd.CommandPath(), " ", ": "), oneLine(err))
	}
	return code
}

// oneLine is the error on one line.
func oneLine(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

// commands make the commands below sonde, by their names.
var commands = []struct {
	name string
	make func() *cobra.Command
}{
	{"diagnose", diagnose.New},
	{"ping", ping.New},
	{"trace", trace.New},
	{"mtr", mtr.New},
	{"mtu", mtu.New},
	{"clock", clock.New},
	{"query", query.New},
	{"survey", survey.New},
	{"sweep", sweep.New},
	{"listen", listen.New},
	{"explain", explain.New},
	{"guard", guard.New},
	{"lab", newLab},
	{"host", newHost},
	{"install-links", newInstallLinks},
	{"version", newVersion},
}

// Command is the command sonde with all that are below it.
func Command(s Streams) *cobra.Command {
	root := newRoot(s)
	for _, c := range commands {
		root.AddCommand(c.make())
	}
	refuseUnknown(root)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	return root
}

// commandFor is the command sonde for one command line: with the command that it
// names alone, or with all, for lines that begin with anything else. To make all
// takes longer than many a command.
func commandFor(args []string, s Streams) *cobra.Command {
	for _, c := range commands {
		if len(args) > 0 && args[0] == c.name {
			root := newRoot(s)
			root.AddCommand(c.make())
			root.CompletionOptions.DisableDefaultCmd = true
			return root
		}
	}
	return Command(s)
}

// newRoot is the command sonde with nothing below it.
func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "sonde",
		Short: "ICMP, whole",
		Long: `Sonde is ICMP, whole: it asks and measures, reads and explains, guards, and
simulates networks to do all of that in.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	return root
}

// refuseUnknown makes an error of what cobra's own two commands answer with
// help and exit status 0: the name of a command that there is not.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				cmd, rest, err := root.Find(args)
				if err == nil && len(rest) > 0 {
					err = fmt.Errorf("unknown command %q for %q", rest[0], cmd.CommandPath())
				}
				return err
			}
		case "completion":
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}
