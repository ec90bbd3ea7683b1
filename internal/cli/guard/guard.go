// Package guard is the command sonde guard: the firewall for ICMP.
package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/rules"
	flag "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

// New returns the command.
func New() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Firewall rules for ICMP: make, check, apply, audit and prove them",
		Long: `Guard turns a policy of a few lines into a rule set of nftables that lets pass
what a working network needs and limits or drops the rest, each rule with its
reason. It applies it with a way back, says what a rule set that is already there
breaks or leaves open, and proves in network namespaces what passes.

A policy is a file such as

  role: gateway        # or host, public-server, closed-network
  outside: [eth0]
  limits: {echo: 50/s burst 100}
  exceptions:
    - {allow: in, icmp: timestamp-request, from: 192.0.2.7, why: our clock monitor}

Rules are loaded and listed by nft(8). Whatever looks at the kernel's rules or
changes them needs the capability CAP_NET_ADMIN.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPrint(), newCheck(), newDiff(), newApply(), newConfirm(), newAudit(), newTest())
	return cmd
}

func newPrint() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:     "print POLICY",
		Short:   "Print the rules as nft -f reads them",
		Example: "  sonde guard print policy.yaml | nft -c -f -",
		Args:    cobra.ExactArgs(1),
	}
	flag.Flag(cmd, &lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(lang)
		if err != nil {
			return err
		}
		set, err := load(args[0])
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), set.Text(options(tag)))
		return err
	}
	return cmd
}

// options are how rules are written in a language.
func options(tag language.Tag) rules.TextOptions {
	return rules.TextOptions{French: tag == flag.French}
}

func newCheck() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "check POLICY",
		Short: "Load the rules in a fresh network namespace, to see whether the kernel takes them",
		Args:  cobra.ExactArgs(1),
	}
	flag.Flag(cmd, &lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(lang)
		if err != nil {
			return err
		}
		set, err := load(args[0])
		if err != nil {
			return err
		}
		table, err := canonical(cmd.Context(), set, tag)
		if err != nil {
			return err
		}
		n := 0
		for l := range strings.Lines(table) {
			if strings.Contains(l, " comment ") {
				n++
			}
		}
		fmt.Fprintf(cmd.OutOrStdout(), say(tag, "checked")+"\n", args[0], set.Policy.Role, n)
		return nil
	}
	return cmd
}

func newDiff() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "diff POLICY",
		Short: "Show what applying the policy would change",
		Long: `Diff shows what applying the policy would change in the table inet sonde_guard:
lines that go begin with -, lines that come with +. Without --lang the comments are
taken in the language that the table has them in. The exit status is 0 when nothing
would change, else 1.`,
		Args: cobra.ExactArgs(1),
	}
	flag.Flag(cmd, &lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(lang)
		if err != nil {
			return err
		}
		set, err := load(args[0])
		if err != nil {
			return err
		}
		before, err := kernel.Table(cmd.Context())
		if err != nil {
			return err
		}
		if lang == "" {
			tag = spoken(before, tag)
		}
		after, err := canonical(cmd.Context(), set, tag)
		if err != nil {
			return err
		}
		d := kernel.Diff(before, after)
		if d == "" {
			return nil
		}
		fmt.Fprint(cmd.OutOrStdout(), d)
		return status.No
	}
	return cmd
}

// spoken is the language of the comments in a table that guard has made, other
// where that does not show.
func spoken(table string, other language.Tag) language.Tag {
	for _, l := range []language.Tag{flag.English, flag.French} {
		if strings.Contains(table, `"`+rules.Closing(options(l))+`"`) {
			return l
		}
	}
	return other
}

func load(file string) (*rules.Set, error) {
	p, err := policy.Load(file)
	if err != nil {
		return nil, err
	}
	return rules.For(p), nil
}

func canonical(ctx context.Context, set *rules.Set, tag language.Tag) (string, error) {
	table, err := kernel.Canonical(ctx, set.Text(options(tag)))
	if errors.Is(err, os.ErrPermission) {
		return "", fmt.Errorf("%w (this needs root)", err)
	}
	return table, err
}
