package guard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/audit"
	"github.com/sonde-net/sonde/guard/filter"
	"github.com/sonde-net/sonde/guard/filter/iptables"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/kind"
	"github.com/sonde-net/sonde/guard/policy"
	flag "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

func newAudit() *cobra.Command {
	var o struct {
		role, outside, lang string
		json                bool
	}
	cmd := &cobra.Command{
		Use:   "audit [FILE...]",
		Short: "Say what a rule set breaks and what it leaves open, and which rule does it",
		Long: `Audit thinks every message that matters through a rule set: that of the kernel,
or those in files as nft -j list ruleset, iptables-save and ip6tables-save print
them. It says what the rules break (path MTU discovery, neighbour discovery,
traceroute, ping and others) and what they leave open (redirects, router
advertisements, timestamps and others), with the rule that does it. What a rule
asks for that is not understood, or not known, makes a finding a "perhaps". Of the
kernel, the settings that matter are looked at too.

The exit status is 0 when there is nothing to object, else 1.`,
		Example: `  sonde guard audit
  iptables-save | sonde guard audit --role gateway -`,
	}
	f := cmd.Flags()
	f.StringVar(&o.role, "role", "", "what the machine is: host, public-server, gateway, closed-network; without it a gateway when it forwards, else a host")
	f.StringVar(&o.outside, "outside", "", "interface to strangers, where rules are about interfaces")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	flag.Flag(cmd, &o.lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(o.lang)
		if err != nil {
			return err
		}
		opt := audit.Options{Role: policy.Role(o.role), Outside: o.outside}
		if o.role == "" {
			opt.Role = guess(len(args) > 0)
		}
		if !slices.Contains(policy.Roles, opt.Role) {
			return fmt.Errorf("--role: %q is none of host, public-server, gateway, closed-network", o.role)
		}
		set, families, err := ruleset(cmd, args)
		if err != nil {
			return err
		}
		opt.Families = families
		found := audit.Rules(set, opt)
		var settings []audit.Setting
		if len(args) == 0 {
			settings = audit.Sysctls(os.DirFS("/proc/sys/net"), opt)
		}
		w := bufio.NewWriter(cmd.OutOrStdout())
		if o.json {
			err = writeJSON(w, tag, found, settings)
		} else {
			writeText(w, tag, set, found, settings)
		}
		if err == nil {
			err = w.Flush()
		}
		if err == nil && len(found)+len(settings) > 0 {
			err = status.No
		}
		return err
	}
	return cmd
}

// guess tells the role by whether this machine forwards; of a file, it is a host.
func guess(file bool) policy.Role {
	for _, name := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding"} {
		if b, err := os.ReadFile("/proc/sys/net/" + name); !file && err == nil && strings.TrimSpace(string(b)) == "1" {
			return policy.Gateway
		}
	}
	return policy.Host
}

var errNoRules = errors.New("expected what nft -j list ruleset, iptables-save or ip6tables-save prints")

// ruleset reads the rules: the kernel's, or those of files.
func ruleset(cmd *cobra.Command, files []string) (*filter.Ruleset, []kind.Family, error) {
	if len(files) == 0 {
		list, err := kernel.List(cmd.Context())
		if err != nil {
			return nil, nil, err
		}
		s, err := nft.Parse(list)
		return s, nil, err
	}
	all := &filter.Ruleset{}
	var families []kind.Family
	for _, name := range files {
		text, err := slurp(cmd.InOrStdin(), name)
		if err != nil {
			return nil, nil, err
		}
		text = bytes.TrimPrefix(text, []byte("\ufeff")) // of editors that put one first
		var s *filter.Ruleset
		switch {
		case bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")):
			s, err = nft.Parse(text)
			families = append(families, kind.V4, kind.V6)
		case iptables.Is(text): // of one family, or of both
			s, err = iptables.Parse(text, iptables.FamilyOf(text))
		default:
			err = errNoRules
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		all.Chains = append(all.Chains, s.Chains...)
		for _, c := range s.Chains {
			families = append(families, c.Families...)
		}
		all.Skipped = append(all.Skipped, s.Skipped...)
	}
	return all, families, nil
}

func slurp(in io.Reader, name string) ([]byte, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, nft.MaxSize+1))
	if err == nil && len(b) > nft.MaxSize {
		err = fmt.Errorf("%s: expected a rule set of %d MiB at most", name, nft.MaxSize>>20)
	}
	return b, err
}

func writeJSON(w io.Writer, tag language.Tag, found []audit.Finding, settings []audit.Setting) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, f := range found {
		err := e.Encode(struct {
			Kind string `json:"kind"`
			audit.Finding
			Title string `json:"title"`
			Text  string `json:"text"`
		}{"finding", f, f.Title(tag), f.Text(tag)})
		if err != nil {
			return err
		}
	}
	for _, s := range settings {
		err := e.Encode(struct {
			Kind string `json:"kind"`
			audit.Setting
			Text string `json:"text"`
		}{"setting", s, s.Text(tag)})
		if err != nil {
			return err
		}
	}
	return nil
}

// by is the rule that decides, in a language where it is none.
func by(tag language.Tag, s string) string {
	if t := say(tag, s); t != "" {
		return t
	}
	if chain, ok := strings.CutPrefix(s, "the policy of "); ok {
		return fmt.Sprintf(say(tag, "policy"), plain(chain))
	}
	return plain(s)
}

func writeText(w io.Writer, tag language.Tag, set *filter.Ruleset, found []audit.Finding, settings []audit.Setting) {
	for _, s := range set.Skipped {
		fmt.Fprintf(w, say(tag, "skipped")+"\n", plain(s))
	}
	grade := audit.Grade("")
	for _, f := range found {
		if f.Grade != grade {
			fmt.Fprintln(w, say(tag, string(f.Grade)))
			grade = f.Grade
		}
		fmt.Fprintf(w, "  %s [%s, %s] %s\n", f.Title(tag), say(tag, string(f.Severity)), say(tag, string(f.Where)), strings.Join(f.Messages, ", "))
		fmt.Fprintf(w, "    %s\n", f.Text(tag))
		fmt.Fprintf(w, "    → %s\n", by(tag, f.By))
		if f.Perhaps {
			fmt.Fprintf(w, "    "+say(tag, "perhaps")+"\n", plain(f.Because))
		}
	}
	if len(settings) > 0 {
		fmt.Fprintln(w, say(tag, "settings"))
	}
	for i := 0; i < len(settings); {
		s, j := settings[i], i
		for ; j < len(settings) && settings[j].ID == s.ID && settings[j].Value == s.Value; j++ {
			fmt.Fprintf(w, "  %s\n", settings[j].Name)
		}
		fmt.Fprintf(w, "    "+say(tag, "is")+": %s\n", s.Value, s.Advised, s.Text(tag))
		i = j
	}
	if len(found)+len(settings) == 0 {
		fmt.Fprintln(w, say(tag, "nothing"))
	}
}
