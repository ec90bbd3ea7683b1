// Package explain is the command that says what an ICMP message means.
package explain

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	textlanguage "golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain"
	"github.com/sonde-net/sonde/explain/catalogue"
	"github.com/sonde-net/sonde/explain/question"
	"github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

// forms are the values of --as.
var forms = []string{"icmp4", "icmp6", "ipv4", "ipv6", "ethernet"}

type options struct {
	lang    string
	as      string
	v4, v6  bool
	json    bool
	list    bool
	verbose int
}

// New makes the command.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "explain [TYPE/CODE | NAME | OCTETS | FILE NUMBER]",
		Short: "Say what an ICMP message means, and what to do about it",
		Long: `Explain says in words what an ICMP message means: what it says, who sends it,
the usual causes, what to check next, what to think of for security, and where
it is defined; in English and in French.

It takes a type and code (3/4; v6:2/0 for ICMPv6), a name in either language
("port unreachable"), the octets of a message, an IP packet or an Ethernet frame
in hexadecimal or base64, or the number of a packet in a capture file. Without
an argument it reads standard input: a dump of xxd, hexdump, tcpdump -x or
Wireshark, or any of these.

Of octets it says what this one message says: with its own numbers, from whom,
about which conversation, and whether it is in order. -v adds the fields with
their offsets, -vv their octets too.

Exit status: 0 when there is one explanation, 1 when a name has several
meanings, which are then listed, 2 when there is nothing to explain.`,
		Example: `  sonde explain 3/4
  sonde explain -6 "packet too big"
  sonde explain --lang fr "temps dépassé"
  sonde explain -v 0800f7fd00010001
  sonde explain trouble.pcapng 17
  tcpdump -c 1 -x icmp | sonde explain`,
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, args, o) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	f := cmd.Flags()
	language.Flag(cmd, &o.lang)
	f.StringVar(&o.as, "as", "", "what the octets are: "+strings.Join(forms, ", ")+"; without it they tell")
	f.BoolVarP(&o.v4, "ipv4", "4", false, "numbers, names and bare messages are of ICMPv4")
	f.BoolVarP(&o.v6, "ipv6", "6", false, "numbers, names and bare messages are of ICMPv6")
	f.BoolVar(&o.json, "json", false, "print JSON, one object a line")
	f.BoolVar(&o.list, "list", false, "list all types and codes")
	f.CountVarP(&o.verbose, "verbose", "v", "show the fields; twice: with their octets")
	cmd.MarkFlagsMutuallyExclusive("ipv4", "ipv6")
	if err := cmd.RegisterFlagCompletionFunc("as", cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	return cmd
}

func run(cmd *cobra.Command, args []string, o options) (err error) {
	lang, err := language.Of(o.lang)
	if err != nil {
		return err
	}
	q := question.Options{Form: explain.Form(o.as)}
	switch {
	case o.v4:
		q.Family = catalogue.ICMPv4
	case o.v6:
		q.Family = catalogue.ICMPv6
	}
	if o.as != "" && !contains(forms, o.as) {
		return errors.New("--as: " + o.as + " is none of " + strings.Join(forms, ", "))
	}
	w := bufio.NewWriter(cmd.OutOrStdout())
	defer func() {
		if failed := w.Flush(); failed != nil {
			err = failed
		}
	}()
	p := printer{Writer: w, lang: lang, json: o.json, verbose: o.verbose}
	if o.list {
		if len(args) > 0 {
			return errors.New("--list takes no argument")
		}
		return p.list(q.Family)
	}
	if len(args) == 0 && terminal(cmd.InOrStdin()) {
		return errors.New("nothing to explain: give a TYPE/CODE, a name, octets, or a capture file and a packet number")
	}
	asked, err := question.Of(args, cmd.InOrStdin(), q)
	if err != nil {
		return err
	}
	return p.answer(asked)
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// terminal reports whether nobody has put anything into standard input.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// A printer prints explanations.
type printer struct {
	io.Writer
	lang    textlanguage.Tag
	json    bool
	verbose int
}

// answer prints what is asked for.
func (p printer) answer(q question.Question) error {
	switch {
	case len(q.Octets) > 0:
		e, err := explain.Message(q.Octets, p.lang, q.How)
		if err != nil {
			return err
		}
		if p.json {
			return p.object(e)
		}
		p.message(e)
		return nil
	case len(q.Matches) == 1:
		return p.kind(q.Matches[0], q.Other)
	}
	if err := p.candidates(append(q.Matches, q.Other...)); err != nil {
		return err
	}
	return status.No
}

// object prints one object on a line.
func (p printer) object(v any) error {
	enc := json.NewEncoder(p)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// A subject is a kind in JSON, without a message.
type subject struct {
	Lang   string          `json:"lang"`
	Family string          `json:"family"`
	Type   uint8           `json:"type"`
	Code   *uint8          `json:"code,omitempty"` // absent: the type as such
	Title  string          `json:"title"`
	Text   *catalogue.Text `json:"text,omitempty"`
}

func (p printer) subject(m catalogue.Match) (subject, catalogue.Text) {
	text := catalogue.Of(m.Kind, p.lang)
	s := subject{Lang: p.lang.String(), Family: m.Family.String(), Type: m.Type, Code: &m.Code}
	if m.Whole {
		text = catalogue.OfType(m.Family, m.Type, p.lang)
		s.Code = nil
	}
	s.Title = text.Title(p.lang)
	return s, text
}

// kind prints what a kind means.
func (p printer) kind(m catalogue.Match, other []catalogue.Match) error {
	s, text := p.subject(m)
	text.Checks = p.fill(text.Checks)
	if p.json {
		s.Text = &text
		return p.object(s)
	}
	p.subjectText(m, text)
	if len(other) > 0 {
		p.heading("also")
		p.table(other)
	}
	return nil
}

// candidates prints what a name may mean.
func (p printer) candidates(all []catalogue.Match) error {
	if p.json {
		for _, m := range all {
			s, _ := p.subject(m)
			if err := p.object(s); err != nil {
				return err
			}
		}
		return nil
	}
	p.line(p.label("several"))
	p.table(all)
	return nil
}

// list prints all kinds of a family, or of both.
func (p printer) list(only catalogue.Family) error {
	var all []catalogue.Match
	for _, f := range []catalogue.Family{catalogue.ICMPv4, catalogue.ICMPv6} {
		if only != 0 && only != f {
			continue
		}
		for k := range catalogue.Kinds(f) {
			all = append(all, catalogue.Match{Kind: k})
		}
	}
	if p.json {
		return p.candidates(all)
	}
	p.table(all)
	return nil
}
