package ping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/hosts"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/original"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/vantage"
)

// New makes the command.
func New() *cobra.Command {
	o := newOptions()
	var (
		at    place.Place
		lang  string
		wrong error
	)
	cmd := &cobra.Command{
		Use:   "ping [flags] HOST...",
		Short: "Ask hosts whether they are there, and how far away",
		Long: `Ping sends ICMP echo requests and tells what comes back, with the lines and
statistics of iputils ping, whose letters its flags have. Unlike there, several
hosts are several targets, asked side by side; the way through gateways is named
with --via.

Exit status: 0 when all have answered, 1 when one has not (or not as often as
--count says, by the end of --deadline), 2 when something is wrong. SIGQUIT
prints how it goes, SIGINT ends it with the statistics.`,
		Example: `  sonde ping -c 5 --lab cmu-mit 18.7.22.69
  sonde ping -c 3 -i 0.2 --summary 192.0.2.1 192.0.2.2 2001:db8::1
  sonde ping -q -w 60 --percentiles --json --file hosts.txt`,
	}
	for _, f := range flags() {
		v := original.Value{Called: f.value, Wrong: &wrong, Take: func(s string) error { return f.set(&o, s) }}
		v.Add(cmd.Flags(), f.name, string(f.letter), f.help)
	}
	fs := cmd.Flags()
	fs.BoolP("version", "V", false, "print the version")
	fs.StringSliceVar(&o.via, "via", nil, "`HOPS` of a source route, strict with -r; with -T tsprespec those that are to stamp")
	fs.BoolVar(&o.summary, "summary", false, "print one line for each host at the end")
	fs.StringVar(&o.file, "file", "", "read hosts from a `FILE`, too; - is standard input")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.BoolVar(&o.percentiles, "percentiles", false, "tell how long the fastest 50, 90 and 99 % took at most")
	fs.BoolVar(&o.stampSource, "stamp-source", false, "tell who took the times of each reply, as -v does")
	at.Flags(cmd, "mark", "send-buffer")
	language.Flag(cmd, &lang)
	cmd.Flags().SortFlags = false
	complete(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if v, err := fs.GetBool("version"); v {
			fmt.Fprintln(cmd.OutOrStdout(), "ping from sonde", Version())
			return err
		}
		if wrong != nil {
			return wrong
		}
		t, err := language.Of(lang)
		if err != nil {
			return err
		}
		if args, err = o.operands(cmd, args); err != nil {
			return err
		}
		o.simulated = at.Lab != ""
		s := &session{
			o: &o, prefix: strings.ReplaceAll(cmd.CommandPath(), " ", ": ") + ": ", words: wordsOf(t),
			out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr(), expected: len(args),
		}
		return s.run(cmd.Context(), func() (vantage.Point, error) {
			if o.simulated && o.device != "" {
				return nil, fmt.Errorf("SO_BINDTODEVICE %s: No such device", o.device)
			}
			return at.Open(vantage.Ping, s.system)
		}, args)
	}
	return cmd
}

// operands are the hosts of the command line, and of the file.
func (o *options) operands(cmd *cobra.Command, args []string) ([]string, error) {
	if o.file != "" {
		more, err := hosts.List(cmd.InOrStdin(), o.file)
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
	}
	if len(args) == 0 {
		return nil, errors.New("usage error: Destination address required")
	}
	if len(o.via) > 0 && len(args) > 1 {
		return nil, errors.New("--via leads to one host")
	}
	return args, o.checkVia()
}

// complete completes the values that are words.
func complete(cmd *cobra.Command) {
	for name, words := range map[string][]string{
		"mtu-discovery": {"do", "want", "dont"},
		"timestamp":     {"tsonly", "tsandaddr", "tsprespec"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // there is no such flag
		}
	}
}
