package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/lab/scenario"
)

// completeTopology completes what [loadTopology] reads: the name of a scenario,
// with its title, or the path of a file.
func completeTopology(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for _, t := range scenario.List() {
		if strings.HasPrefix(t.Name, begun) {
			out = append(out, cobra.CompletionWithDesc(t.Name, t.Title))
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

// completeLink completes the name of a link of the topology that is named
// already.
func completeLink(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	if len(args) == 1 {
		if t, err := loadTopology(args[0]); err == nil {
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
