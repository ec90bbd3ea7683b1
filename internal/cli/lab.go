package cli

import (
	"bufio"
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/internal/cli/place"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/scenario"
)

func newLab() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Simulated networks: look at one, run one, put the kernel beside one",
		Long: `Lab is a laboratory: hosts and gateways that live by the book, on links that
delay, lose, double, reorder and damage what they carry, all as a topology file
says. It comes with scenarios that show each message, each rule and each attack.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLabList(), newLabShow(), newLabRun(), newLabUp())
	return cmd
}

func newLabRun() *cobra.Command {
	var o struct {
		json, quiet, all bool
		lang, pcap       string
		seed             uint64
	}
	cmd := &cobra.Command{
		Use:   "run NAME|FILE",
		Short: "Run a scenario on the virtual clock and tell what happens",
		Long: `Run runs the steps of a scenario, or of a topology file, on the virtual clock
and tells what happens: each message with its time, from whom to whom, and the
rule that made it. The same file and seed give the same output.`,
		Example: `  sonde lab run frag-needed
  sonde lab run cmu-mit --quiet --lang fr
  sonde lab run ./mine.yaml --json --pcap mine.pcapng`,
		Args: cobra.ExactArgs(1),

		ValidArgsFunction: completeTopology,
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	f.BoolVar(&o.quiet, "quiet", false, "leave out the messages: answers and changes only")
	f.BoolVar(&o.all, "all", false, "tell every message, not the first three of a kind")
	language.Flag(cmd, &o.lang)
	f.StringVar(&o.pcap, "pcap", "", "write what goes over the links to this pcapng file")
	f.Uint64Var(&o.seed, "seed", 0, "of everything random; without it that of the file")
	completeFlag(cmd, "pcap", completeFile)
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if o.json && o.quiet {
			return errors.New("--json tells everything, and goes without --quiet")
		}
		lang, err := spoken(o.lang)
		if err != nil {
			return err
		}
		t, err := place.Load(args[0])
		if err != nil {
			return err
		}
		t = t.In(lang.String())
		run := scenario.Options{Seed: o.seed}
		if o.pcap != "" {
			pcap, err := os.Create(o.pcap)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, pcap.Close()) }()
			run.Capture = pcap
		}
		out := bufio.NewWriter(cmd.OutOrStdout())
		text := narration.TextOptions{Lang: lang, Quiet: o.quiet, Name: naming.Kind}
		if o.all {
			text.Most = -1
		}
		var sink narration.Sink = narration.NewText(out, text)
		if o.json {
			sink = narration.NewJSON(out)
		}
		_, err = scenario.Run(t, interruptible{cmd.Context(), sink}, run)
		if full := out.Flush(); err == nil {
			err = full
		}
		return err
	}
	return cmd
}

// interruptible is a sink that ends the run when its context does.
type interruptible struct {
	ctx context.Context //nolint:containedctx // a run takes a sink and no context
	narration.Sink
}

// Put implements [narration.Sink].
func (s interruptible) Put(i narration.Item) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	return s.Sink.Put(i)
}

// spoken is the language that is asked for, or that of the locale.
func spoken(asked string) (narration.Lang, error) {
	tag, err := language.Of(asked)
	if tag == language.French {
		return narration.French, err
	}
	return narration.English, err
}
