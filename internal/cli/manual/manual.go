// Package manual is the command that writes the manual pages, from the same
// texts as the help.
package manual

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// New makes the command.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "manual DIR",
		Short: "Write the manual pages, one for each command",
		Long: `Manual writes a manual page for each command into the directory, which is made
if it is not there: sonde.1, sonde-ping.1, and so on.`,
		Example: `  sonde manual /usr/local/share/man/man1
  sonde manual . && man ./sonde.1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			date := built()
			if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "sonde", Manual: "sonde", Date: &date}, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d pages\n", args[0], pages(root))
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
}

// pages is how many pages there are of a command and those below it.
func pages(c *cobra.Command) int {
	n := 1
	for _, c := range c.Commands() {
		if c.IsAvailableCommand() && !c.IsAdditionalHelpTopicCommand() {
			n += pages(c)
		}
	}
	return n
}

// built is when the source was committed that this was built from; without that
// knowledge, when Unix time began, so that pages of one source are the same.
func built() time.Time {
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, s := range b.Settings {
			if s.Key == "vcs.time" {
				if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
					return t
				}
			}
		}
	}
	return time.Unix(0, 0).UTC()
}
