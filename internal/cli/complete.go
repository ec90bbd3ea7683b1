package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/place"
)

// completeTopology completes the one argument that is a topology.
func completeTopology(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return place.Topologies(cmd, args, begun)
}

// completeLink completes the name of a link of the topology that is named
// already.
func completeLink(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	if len(args) == 1 {
		if t, err := place.Load(args[0]); err == nil {
			for i := range t.Links {
				if strings.HasPrefix(t.Links[i].Name, begun) {
					out = append(out, t.Links[i].Name)
				}
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeFile leaves it to the shell, which completes paths.
func completeFile(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeFlag says how the value of a flag is completed.
func completeFlag(cmd *cobra.Command, flag string, by cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, by); err != nil {
		panic(err) // there is no such flag
	}
}
