package screen

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/mtr"
)

// View implements [tea.Model].
func (m Model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	return v
}

// Final is what stays on the terminal when the view has gone: all hops, whatever
// the height of the window.
func (m Model) Final() string {
	m.ask, m.note = nil, ""
	if !m.known {
		return ""
	}
	lines := append([]string{m.title(), m.status(), ""}, m.heading())
	lines = append(lines, m.body()...)
	lines = append(lines, m.remarks(math.MaxInt)...)
	return strings.Join(m.cut(lines), "\n") + "\n"
}

// above is how many lines stand above the hops.
const above = 5

// room is how many lines there are for hops.
func (m *Model) room() int { return max(1, m.high-above-len(m.remarks(m.space()))) }

// space is how many lines there are for remarks: half of those below the heading,
// and what the hops leave free of the others.
func (m *Model) space() int {
	free := max(0, m.high-above)
	return free - min(len(m.body()), (free+1)/2) //nolint:mnd // half
}

// lines are those of the screen: no more, and no wider, than it is.
func (m *Model) lines() []string {
	if m.help {
		return m.clip(m.helpLines())
	}
	lines := []string{m.title(), m.status(), m.keyLine(), ""}
	if m.ask != nil {
		lines[2] = m.style(bold, m.say().questions[m.ask.key]) + " [" + m.was(m.ask.key) + "]: " + m.ask.text + "▏"
		if m.o.Plain {
			lines[2] = strings.TrimSuffix(lines[2], "▏") + "_"
		}
		if m.ask.key == "o" {
			return m.clip(append(lines, m.fieldLines()...))
		}
	}
	lines = append(lines, m.heading())
	body, room := m.body(), m.room()
	if !m.known {
		body = []string{m.style(faint, m.say().waiting)}
	}
	end := min(len(body), m.top+room)
	shown := body[min(m.top, end):end]
	if below := len(body) - end; below > 0 && len(shown) > 1 {
		shown = append(shown[:len(shown)-1:len(shown)-1], m.style(faint, fmt.Sprintf(m.say().more, below+1)))
	}
	lines = append(lines, shown...)
	return m.clip(append(lines, m.remarks(m.space())...))
}

// clip cuts lines to the size of the screen.
func (m *Model) clip(lines []string) []string {
	return m.cut(lines[:min(len(lines), max(m.high, 1))])
}

// cut cuts lines to the width of the screen.
func (m *Model) cut(lines []string) []string {
	for i, l := range lines {
		lines[i] = ansi.Truncate(l, max(m.width, 1), "")
	}
	return lines
}

// Looks of text.
const (
	bold    = "1"
	faint   = "2"
	reverse = "7"
	yellow  = "33"
	red     = "31"
	cyan    = "36"
)

// style is a text with a look; colours only where there are any.
func (m *Model) style(look, s string) string {
	if s == "" || !m.o.Colour && len(look) > 1 {
		return s
	}
	return "\x1b[" + look + "m" + s + "\x1b[m"
}

func (m *Model) arrow() string {
	if m.o.Plain {
		return "->"
	}
	return "→"
}

// title is the first line: from where to where, and when.
func (m *Model) title() string {
	host := m.o.Host
	if a := m.o.Dst.String(); a != host {
		host += " (" + a + ")"
	}
	left := fmt.Sprintf("%s  %s (%v) %s %s", m.style(bold, m.o.Title), m.o.Here, m.o.Src, m.arrow(), host)
	if !m.known {
		return left
	}
	return m.sides(left, m.s.Now.Format("2006-01-02 15:04:05"))
}

// sides puts a text to the right of the line, where there is room for it.
func (m *Model) sides(left, right string) string {
	gap := m.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 2 {
		return left
	}
	return left + strings.Repeat(" ", gap) + right
}

// status is how it is asked.
func (m *Model) status() string {
	if !m.known {
		return ""
	}
	c := &m.s.Config
	kind := "ICMP"
	if c.Kind != probe.Echo {
		kind = fmt.Sprintf("%s:%d", strings.ToUpper(c.Kind.String()), c.Port)
	}
	s := fmt.Sprintf(m.say().status, kind, m.s.Size, c.Interval, m.s.Round)
	if c.Rounds > 0 {
		s += "/" + strconv.Itoa(c.Rounds)
	}
	if n := len(m.s.Lanes); n > 1 {
		s += " · " + fmt.Sprintf(m.say().flows, n, len(report.Ways(m.s.Lanes)))
	}
	if m.o.Plain {
		s = strings.ReplaceAll(s, "·", "-")
	}
	if m.s.Paused {
		s += "  " + m.style(reverse, m.say().paused)
	}
	return s
}

// keyLine is the keys, or why a wish was not granted.
func (m *Model) keyLine() string {
	if m.note != "" {
		return m.style(reverse, m.note)
	}
	var b strings.Builder
	for i, s := range strings.Split(m.say().keys, "_") {
		if i%2 == 1 {
			s = m.style(bold, s)
		}
		b.WriteString(s)
	}
	return b.String()
}

// remarks are the lines below the hops, so many at most: where there is no room for
// all, the newest of the changes and of the ways of before.
func (m *Model) remarks(most int) (out []string) {
	if m.s.Unsent != "" && most > 0 {
		most--
		defer func() { out = append(out, m.style(red, fmt.Sprintf(m.say().unsent, m.s.Unsent))) }()
	}
	for _, newest := range [...]struct{ changes, ways int }{{3, 8}, {3, 4}, {3, 2}, {3, 1}, {1, 1}, {1, 0}} {
		if out = m.newest(newest.changes, newest.ways); len(out) <= most {
			return out
		}
	}
	return out[:most]
}

// newest are the remarks with so many changes and ways of before.
func (m *Model) newest(changes, ways int) (out []string) {
	r := report.Report{Hops: m.s.Hops, Who: m.who, Language: m.o.Language, MostWays: ways}
	if ways > 0 {
		r.Paths = m.s.Paths
	}
	r.Changes = m.s.Changes[max(0, len(m.s.Changes)-changes):]
	for _, s := range r.Remarks() {
		if m.o.Plain {
			s = strings.ReplaceAll(s, "→", "->")
		}
		out = append(out, m.style(cyan, s))
	}
	return out
}

// helpLines are the help screen.
func (m *Model) helpLines() []string {
	out := []string{m.title(), ""}
	for _, x := range m.say().help {
		out = append(out, "  "+m.style(bold, fmt.Sprintf("%-8s", x[0]))+" "+x[1])
	}
	return append(out, "", m.style(faint, m.say().anyKey))
}

// kindOf is the type and code of the last answer of a host, and "" for what is
// expected.
func kindOf(h *mtr.Host, all bool) string {
	c := &h.Claim
	switch {
	case !c.Present && !all:
		return ""
	case !c.Present:
		return "reply"
	case all, !h.Reached && (c.V6 && c.Type != 3 || !c.V6 && c.Type != 11):
		return fmt.Sprintf("%d/%d", c.Type, c.Code)
	}
	return ""
}

// who is who an address is, as far as that is to be shown.
func (m *Model) who(a netip.Addr) (w whoIs) {
	if m.o.Who != nil {
		w = m.o.Who(a)
	}
	if !m.o.Names {
		w.Name = ""
	}
	if m.o.Owner != nil && (m.o.Look.Owners || m.o.Look.Info != report.NoInfo) {
		w.Owner = m.o.Owner(a)
	}
	return w
}

// name is how a host is shown.
func (m *Model) name(a netip.Addr) string {
	r := report.Report{Who: m.who, Look: m.o.Look}
	s := r.Name(a)
	if i := m.o.Look.Info; i != report.NoInfo {
		text := i.Text(whoIs{}.Owner)
		if a.IsValid() {
			text = i.Text(m.who(a).Owner)
		}
		s = fmt.Sprintf("%-*s", i.Width(), text) + s
	}
	return s
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
