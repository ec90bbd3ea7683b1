// Package mtr is sonde mtr, and what the binary is when it is called as mtr: the
// flags and reports of mtr 0.95, and a live view.
package mtr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/probe/mtr"
)

// formats are the values of --report-format.
var formats = []string{"text", "wide", "csv", "json", "xml", "raw", "markdown", "dot"}

// New makes the command.
func New() *cobra.Command {
	o := newOptions()
	o.more = true
	var (
		lang, as string
		lines    bool
		wrong    error
	)
	cmd := &cobra.Command{
		Use:   "mtr [flags] HOST...",
		Short: "Watch the way to a host, hop by hop",
		Long: `Mtr asks every hop on the way to a host again and again, and shows loss and times
of each: live on a terminal (? shows the keys), and as a report with -r, with
any other format, and where the output is no terminal. Its letters and reports
are those of mtr 0.95.

A way that changes is told of, and nothing is lost by it. Loss of a hop that
does not go on behind it is that of its answers, not of datagrams: it is marked
with a * and said. With --flows N, N flows take turns, and where the load is
divided d shows their ways side by side.`,
		Example: `  sonde mtr --lab cmu-mit 18.7.22.69
  sonde mtr -r -c 20 -z www.example.org
  sonde mtr --flows 8 --report-format dot www.example.org | dot -Tsvg > way.svg`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	fs := cmd.Flags()
	o.add(fs, &wrong, map[string]string{"json": "mtr-json"})
	fs.StringVar(&as, "report-format", "", "report as "+strings.Join(formats, ", "))
	fs.BoolVar(&lines, "json", false, "print JSON, one object a line")
	fs.IntVar(&o.cfg.Flows, "flows", 1, "flows that take turns, where the load is divided")
	fs.BoolVar(&o.look.Owners, "owners", false, "owners of addresses by their names")
	fs.StringVar(&o.register, "owners-file", "", "with -z, -y or --owners: a file in the format of MaxMind, instead of the\norigin.asn DNS service")
	fs.BoolP("version", "v", false, "print the version")
	o.place.Flags(cmd, "interface", "mark", "owners-file")
	language.Flag(cmd, &lang)
	fs.SortFlags = false
	if err := cmd.RegisterFlagCompletionFunc("report-format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if v, err := fs.GetBool("version"); v {
			fmt.Fprint(cmd.OutOrStdout(), version)
			return err
		}
		if wrong != nil {
			return wrong
		}
		if o.lang, err = language.Of(lang); err != nil {
			return err
		}
		switch {
		case o.cfg.Flows < 1 || o.cfg.Flows > mtr.MaxFlows:
			return fmt.Errorf("--flows %d: 1 to %d", o.cfg.Flows, mtr.MaxFlows)
		case as != "" && !slices.Contains(formats, as):
			return fmt.Errorf("--report-format %q: there are %s", as, strings.Join(formats, ", "))
		case as == "wide":
			o.format, o.look.Wide = "text", true
		case as != "":
			o.format = as
		}
		if lines {
			o.format = "lines"
		}
		if err := o.operands(args, cmd.InOrStdin()); err != nil {
			return err
		}
		return o.all(cmd.Context(), streams{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()})
	}
	return cmd
}
