package diagnose

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/diagnose/facts"
	"github.com/sonde-net/sonde/diagnose/rule"
	"github.com/sonde-net/sonde/diagnose/words"
	"github.com/sonde-net/sonde/internal/cli/naming"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtu"
)

// screen prints the facts in sections, and then the verdict.
type screen struct {
	w        io.Writer
	f        *facts.Facts
	say      *words.Speaker
	evidence bool
}

func newScreen(w io.Writer, l language.Tag, f *facts.Facts, evidence bool) *screen {
	return &screen{w, f, speaker(l, f), evidence}
}

// speaker says things about the facts in a language.
func speaker(l language.Tag, f *facts.Facts) *words.Speaker {
	s := words.In(l, f.Who)
	s.Naming = func(c *probe.Claim) string { return naming.Claim(c, l) }
	return s
}

// said is what somebody says.
func (s *screen) said(x *facts.Said) string {
	return s.say.Addr(x.From) + s.say.Colon() + " " + s.say.Claim(&x.Claim)
}

func (s *screen) show(v *rule.Verdict) {
	f := s.f
	name := ""
	if n := f.Who[f.Dst].Name; n != "" && n != f.Host {
		name = ", " + n
	}
	to := f.Dst.String()
	if f.Host == to {
		to = ""
	} else {
		to = " (" + to + ")"
	}
	s.line("%s%s%s, %s %v", f.Host, to, name, s.say.Title("from"), f.Src)
	s.reachability()
	s.path()
	s.mtu()
	s.ports()
	s.clock()
	s.verdict(v)
}

func (s *screen) line(format string, args ...any) {
	fmt.Fprintln(s.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

func (s *screen) title(key string) { s.line("\n%s", s.say.Title(key)) }

// label is the width of what stands at the left of a line.
const label = 12

func (s *screen) item(name, format string, args ...any) {
	s.line("  %s %s", pad(name, label), fmt.Sprintf(format, args...))
}

// pad fills a word up to a width, in characters.
func pad(t string, n int) string {
	return t + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(t)))
}

// right puts a number into its column.
func right(t string) string {
	return strings.Repeat(" ", max(0, number-utf8.RuneCountInString(t))) + t
}

func (s *screen) reachability() {
	s.title("reachability")
	p := &s.f.Ping
	t := s.say.Title
	text := fmt.Sprintf(t("ofall"), p.Received, p.Sent-p.Unsent)
	switch {
	case p.Unsent == p.Sent && p.Why != "":
		text = p.Why
	case p.Received > 0:
		text += fmt.Sprintf(", %s %s, %s %s/%s/%s/%s ms, ttl %d", s.say.Percent(p.Loss()), t("loss"), t("rtt"),
			s.say.Millis(p.Min), s.say.Millis(p.Avg), s.say.Millis(p.Max), s.say.Millis(p.Mdev), p.TTL)
	case len(p.Errors) > 0:
		text += ", " + s.said(&p.Errors[0])
	}
	if p.Duplicates > 0 {
		text += fmt.Sprintf(", +%d %s", p.Duplicates, t("duplicates"))
	}
	s.item("echo", "%s", text)
	for _, k := range [...]probe.Kind{probe.UDP, probe.TCP} {
		if x := s.f.By(k); x != nil {
			s.item(fmt.Sprintf("%s %d", strings.ToLower(k.String()), x.Port), "%s", s.answer(x))
		}
	}
}

// answer is what came of a trace in the end.
func (s *screen) answer(x *facts.Trace) string {
	t := s.say.Title
	switch {
	case x.Why != "":
		return x.Why
	case x.Stop != nil:
		return s.said(x.Stop)
	case x.Answer == "SYN ACK":
		return t("open") + " (SYN ACK)"
	case x.Answer == "RST":
		return t("closed") + " (RST)"
	case x.Reached:
		return t("answered")
	}
	return t("silent")
}

// Widths of the table of hops.
const (
	number = 8
	widest = 60
)

func (s *screen) path() {
	if len(s.f.Path) == 0 {
		return
	}
	t := s.say.Title
	wide := 0
	for i := range s.f.Path {
		for _, n := range s.f.Path[i].Nodes {
			wide = max(wide, utf8.RuneCountInString(s.say.Addr(n.Addr)))
		}
	}
	wide = min(max(wide, len(t("path"))), widest)
	s.line("\n%s %s%s%s%s  %s", pad(t("path"), wide+6), right(t("loss")), right(t("min")), right(t("avg")),
		right(t("max")), t("owner"))
	end := s.loop()
	for i := range s.f.Path {
		if end > 0 && s.f.Path[i].TTL > end {
			s.line("  %3s  %s", "", "…")
			return
		}
		s.hop(&s.f.Path[i], wide)
	}
}

// loop returns the hop at which the way has come back to itself once; 0: it does
// not.
func (s *screen) loop() int {
	for i := range s.f.Traces {
		if l := s.f.Traces[i].Loop; l != nil {
			return l.To
		}
	}
	return 0
}

func (s *screen) hop(h *facts.Hop, wide int) {
	if len(h.Nodes) == 0 {
		s.line("  %3d  %s", h.TTL, "*")
		return
	}
	for j := range h.Nodes {
		n := &h.Nodes[j]
		ttl, loss := "", ""
		if j == 0 {
			ttl, loss = strconv.Itoa(h.TTL), s.say.Percent(h.Loss())
		}
		owner := s.f.Who[n.Addr].Owner
		text := owner.Organisation
		if owner.ASN > 0 {
			text = strings.TrimSpace(fmt.Sprintf("AS%d %s", owner.ASN, text))
		}
		if n.MPLS {
			text = strings.TrimSpace(text + " MPLS")
		}
		s.line("  %3s  %s%s%s%s%s  %s", ttl, pad(s.say.Addr(n.Addr), wide), right(loss), right(s.say.Millis(n.Min)),
			right(s.say.Millis(n.Avg)), right(s.say.Millis(n.Max)), text)
	}
}

func (s *screen) mtu() {
	r := s.f.MTU
	if r == nil {
		return
	}
	s.title("mtu")
	t := s.say.Title
	at := func(hop int, a netip.Addr) string {
		if hop == 0 {
			return s.say.Addr(a)
		}
		return fmt.Sprintf("%d, %s", hop, s.say.Addr(a))
	}
	for i := range r.Reductions {
		x := &r.Reductions[i]
		if x.MTU == 0 {
			continue
		}
		text := fmt.Sprintf("%d > %d %s%s %s", x.Before, x.MTU, t("octets"), s.say.Colon(), at(x.Hop, x.Router))
		if x.Fault != mtu.None {
			text += fmt.Sprintf(" (%s, mtu %d)", s.say.Claim(&x.Claim), x.Said)
		}
		s.line("  %s", text)
	}
	switch {
	case r.MTU == 0:
		s.line("  %s", t("unknown"))
	case r.Answered:
		s.line("  %d %s (%d %s)", r.MTU, t("octets"), r.Probes, t("probes"))
	default:
		s.line("  <= %d %s", r.MTU, t("octets"))
	}
}

func (s *screen) ports() {
	if len(s.f.Ports) == 0 {
		return
	}
	s.title("ports")
	for i := range s.f.Ports {
		p := &s.f.Ports[i]
		text := s.say.Title(string(p.State))
		if p.Said != nil {
			text += ", " + s.said(p.Said)
		}
		s.item(fmt.Sprintf("tcp %d", p.Port), "%s", text)
	}
}

func (s *screen) clock() {
	c := s.f.Clock
	if c == nil {
		return
	}
	s.title("clock")
	switch {
	case c.Known:
		sign := "+"
		if c.Ahead < 0 {
			sign = "-"
		}
		s.line("  %s%s ± %s (%s, %s)", sign, s.say.Span(c.Ahead), s.say.Span(c.Within),
			fmt.Sprintf(s.say.Title("ofall"), c.Received, c.Sent), s.say.Title(c.Form.String()))
	case c.Received > 0:
		s.line("  %s", s.say.Title(c.Form.String()))
	default:
		s.line("  %s", s.say.Title("silent"))
	}
}

// marks stand before findings, by severity.
var marks = [...]string{rule.Good: "+", rule.Note: "-", rule.Trouble: "!", rule.Failure: "x"}

// width is that of the verdict's lines.
const width = 100

func (s *screen) verdict(v *rule.Verdict) {
	s.line("\n%s%s %s", s.say.Title("verdict"), s.say.Colon(), s.say.Verdict(v.Status, s.f.Host))
	for i := range v.Findings {
		x := &v.Findings[i]
		s.wrap(s.say.Finding(x), "  "+marks[x.Severity]+" ", "    ")
		if !s.evidence {
			continue
		}
		for j := range x.Evidence {
			s.wrap(s.say.Evidence(&x.Evidence[j]), "        ", "        ")
		}
	}
	s.line("\n%s %s s", s.say.Title("took"), s.say.Decimal(s.f.Took.Round(time.Millisecond).Seconds(), 1))
}

// wrap prints a text in lines that are not too long.
func (s *screen) wrap(text, first, other string) {
	line := first
	n := utf8.RuneCountInString(line)
	for i, w := range strings.Fields(text) {
		l := utf8.RuneCountInString(w)
		if i > 0 && n+1+l > width {
			s.line("%s", line)
			line, n = other, utf8.RuneCountInString(other)
		} else if i > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+w, n+l
	}
	s.line("%s", line)
}
