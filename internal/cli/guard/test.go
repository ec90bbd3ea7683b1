package guard

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/policy"
	"github.com/sonde-net/sonde/guard/proof"
	"github.com/sonde-net/sonde/guard/rules"
	flag "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

func newTest() *cobra.Command {
	var o struct {
		live            bool
		outside, inside string
		json            bool
		lang            string
	}
	cmd := &cobra.Command{
		Use:   "test POLICY | --live",
		Short: "Prove in network namespaces what passes and what does not",
		Long: `Test builds network namespaces around the rules, a machine between a client and,
where it forwards, a server. It sends every type and code of ICMPv4 and ICMPv6
through in every direction, by themselves, as part of a conversation, and with the
hop limits of what stays on its link, counts what arrives, and compares that with
what the policy promises; then it tries every limit. Nothing leaves the namespaces,
and the machine's own rules stay as they are.

With --live the kernel's own rules are copied into the namespaces; they promise
nothing, so what passes is only told. The exit status is 1 when a promise is
broken.`,
		Args: cobra.MaximumNArgs(1),
	}
	f := cmd.Flags()
	f.BoolVar(&o.live, "live", false, "try the rules that the kernel has, instead of a policy's")
	f.StringVar(&o.outside, "outside", "", "with --live: name of the interface to the outside; without it eth0")
	f.StringVar(&o.inside, "inside", "", "with --live: name of the interface to the inside of a machine that forwards")
	f.BoolVar(&o.json, "json", false, "print one JSON object a line")
	flag.Flag(cmd, &o.lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(o.lang)
		if err != nil {
			return err
		}
		c := proof.Config{Limits: true, Outside: o.outside, Inside: o.inside, Forwards: o.inside != ""}
		switch {
		case o.live == (len(args) == 1):
			return errors.New("expected a policy, or --live")
		case o.live:
			c.Text, err = kernel.Text(cmd.Context())
		case o.outside != "" || o.inside != "":
			return errors.New("--outside and --inside go with --live")
		default:
			c.Set, err = load(args[0])
		}
		if err != nil {
			return err
		}
		errs := cmd.ErrOrStderr()
		progress := false
		if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			progress = true
			c.Progress = func(sent, of int) { fmt.Fprintf(errs, "\r%d %%", sent*100/of) }
		}
		r, err := proof.Run(cmd.Context(), c)
		if progress {
			fmt.Fprint(errs, "\r     \r")
		}
		if err != nil {
			return err
		}
		w := bufio.NewWriter(cmd.OutOrStdout())
		if o.json {
			err = reportJSON(w, r)
		} else {
			reportText(w, tag, r, c.Set != nil)
		}
		if err == nil {
			err = w.Flush()
		}
		if err == nil && !r.OK() {
			err = status.No
		}
		return err
	}
	return cmd
}

func reportText(w io.Writer, tag language.Tag, r *proof.Report, promised bool) {
	for i := range r.Results {
		x := &r.Results[i]
		fmt.Fprintf(w, say(tag, "passed"), way(tag, x.Way), x.Sent, len(x.Passed))
		switch {
		case promised && len(x.Wrong) == 0:
			fmt.Fprint(w, ", "+say(tag, "promised"))
		case promised:
			fmt.Fprintf(w, ", "+say(tag, "broken"), len(x.Wrong))
		}
		fmt.Fprintln(w)
		if len(x.Passed) > 0 {
			fmt.Fprintf(w, "  %s\n", strings.Join(x.Kinds(), " "))
		}
		const most = 10
		for j, wrong := range x.Wrong {
			if j == most {
				fmt.Fprintf(w, "  "+say(tag, "tooMany")+"\n", len(x.Wrong)-most)
				break
			}
			fmt.Fprintf(w, "  ! %s\n", broken(tag, wrong))
		}
	}
	for _, l := range r.Limits {
		mark := ""
		if !l.Allowed {
			mark = "! "
		}
		fmt.Fprintf(w, mark+say(tag, "limit")+"\n", way(tag, l.Way), l.Kind, l.Limit, l.Sent, l.Passed, l.Least, l.Most)
	}
	switch {
	case !promised:
		fmt.Fprintln(w, say(tag, "noPromise"))
	case r.OK():
		fmt.Fprintln(w, say(tag, "allKept"))
	default:
		fmt.Fprintln(w, say(tag, "notKept"))
	}
}

// way says which way messages go: "in from outside, icmp, hop limit 64".
func way(tag language.Tag, w proof.Way) string {
	side := map[rules.Side]string{rules.Outside: say(tag, "outside"), rules.Inside: say(tag, "inside")}
	s := say(tag, "way."+string(w.Where))
	if w.In != rules.Any {
		s += fmt.Sprintf(say(tag, "from"), side[w.In])
	}
	if w.Out != rules.Any {
		s += fmt.Sprintf(say(tag, "to"), side[w.Out])
	}
	s += fmt.Sprintf(say(tag, "hops"), w.Family, w.HopLimit)
	if w.Belongs {
		s += say(tag, "belongs")
	}
	if w.Source.IsValid() {
		s += fmt.Sprintf(say(tag, "source"), w.Source)
	}
	return s
}

// broken says which promise is.
func broken(tag language.Tag, w proof.Wrong) string {
	if w.Passed {
		return fmt.Sprintf(say(tag, "leaked"), w.Kind)
	}
	return fmt.Sprintf(say(tag, "lost"), w.Kind)
}

// jsonWay is a way in JSON.
type jsonWay struct {
	Kind   string       `json:"kind"`
	Where  policy.Where `json:"where"`
	From   string       `json:"from,omitempty"`
	To     string       `json:"to,omitempty"`
	Family string       `json:"family"`
	Hops   uint8        `json:"hop_limit"`
	Belong bool         `json:"belongs"`
	Source netip.Addr   `json:"source,omitzero"`
}

func wayJSON(kind string, w proof.Way) jsonWay {
	side := map[rules.Side]string{rules.Outside: "outside", rules.Inside: "inside"}
	return jsonWay{kind, w.Where, side[w.In], side[w.Out], w.Family.String(), w.HopLimit, w.Belongs, w.Source}
}

func reportJSON(w io.Writer, r *proof.Report) error {
	e := json.NewEncoder(w)
	for i := range r.Results {
		x := &r.Results[i]
		wrong := []string{}
		for _, y := range x.Wrong {
			wrong = append(wrong, y.String())
		}
		kinds := x.Kinds()
		if kinds == nil {
			kinds = []string{}
		}
		err := e.Encode(struct {
			jsonWay
			Sent   int      `json:"sent"`
			Passed int      `json:"passed"`
			Kinds  []string `json:"messages"`
			Wrong  []string `json:"wrong"`
		}{wayJSON("way", x.Way), x.Sent, len(x.Passed), kinds, wrong})
		if err != nil {
			return err
		}
	}
	for _, l := range r.Limits {
		err := e.Encode(struct {
			jsonWay
			Message string `json:"message"`
			Limit   string `json:"limit"`
			Sent    int    `json:"sent"`
			Passed  int    `json:"passed"`
			Least   int    `json:"least"`
			Most    int    `json:"most"`
			Took    int64  `json:"took_ns"`
			OK      bool   `json:"ok"`
		}{wayJSON("limit", l.Way), l.Kind.String(), l.Limit.String(), l.Sent, l.Passed, l.Least, l.Most, l.Took.Nanoseconds(), l.Allowed})
		if err != nil {
			return err
		}
	}
	return e.Encode(map[string]any{"kind": "summary", "ok": r.OK()})
}
