package screen

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
	"github.com/sonde-net/sonde/internal/cli/mtr/report"
	"github.com/sonde-net/sonde/names"
	"github.com/sonde-net/sonde/probe/mtr"
)

type whoIs = names.Who

// columns is how the width of the screen is divided.
type columns struct {
	name   int
	fields []field.Field
	spark  int
}

// The least that columns need, and the most that they take.
const (
	front     = len("30. ")
	leastName = 16
	mostName  = 60
	leastPast = 8
)

// divide divides the width: names first, then the columns that there is room
// for, then the past.
func (m *Model) divide() (c columns) {
	left := m.width - front
	if m.o.Mode == Chart || m.o.Mode == Digits {
		c.name = min(max(m.longest(), leastName), mostName, max(left/2, 1))
		c.spark = max(left-c.name-1, 0)
		return c
	}
	c.name = min(leastName, left)
	left -= c.name
	for i := range m.o.Fields {
		if left < m.o.Fields[i].Width {
			break
		}
		c.fields = append(c.fields, m.o.Fields[i])
		left -= m.o.Fields[i].Width
	}
	wish := min(max(m.longest()-c.name, 0), mostName-leastName)
	if left >= wish+leastPast+1 {
		c.name += wish
		c.spark = left - wish - 1
		return c
	}
	if left >= leastPast+1+4 {
		c.name += left - leastPast - 1
		c.spark = leastPast
		return c
	}
	c.name += left
	return c
}

// longest is the width of the longest name.
func (m *Model) longest() (n int) {
	for i := range m.s.Hops {
		for k := range m.s.Hops[i].Hosts {
			n = max(n, ansi.StringWidth(m.label(&m.s.Hops[i].Hosts[k]))+len("*"))
		}
	}
	return n
}

// fit makes a text exactly so wide.
func (m *Model) fit(s string, n int) string {
	tail := "…"
	if m.o.Plain {
		tail = "~"
	}
	if ansi.StringWidth(s) > n {
		s = ansi.Truncate(s, max(n, 0), tail)
	}
	return s + strings.Repeat(" ", max(0, n-ansi.StringWidth(s)))
}

// heading is the line above the hops.
func (m *Model) heading() string {
	if m.o.Mode == Flows {
		return m.flowHeading()
	}
	c := m.divide()
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", front) + m.fit(m.say().host, c.name))
	for i := range c.fields {
		b.WriteString(c.fields[i].Head())
	}
	if c.spark > 0 {
		s := fmt.Sprintf(m.say().last, c.spark)
		if c.fields == nil {
			if x := scaleOf(m.s.Hops); x.low > 0 {
				s += ", " + fmt.Sprintf(m.say().scale, millis(x.low), millis(x.high))
			}
		} else if ansi.StringWidth(s) > c.spark {
			s = ""
		}
		b.WriteString(" " + s)
	}
	return m.style(bold, b.String())
}

// body is the lines of the hops.
func (m *Model) body() (out []string) {
	if m.o.Mode == Flows {
		return m.flowLines()
	}
	c, s := m.divide(), scaleOf(m.s.Hops)
	for i := range m.s.Hops {
		out = append(out, m.hop(&m.s.Hops[i], &c, s)...)
	}
	return out
}

// label is how a host is shown, with what it has said when that is of interest.
func (m *Model) label(h *mtr.Host) string {
	s := m.name(h.Addr)
	if k := kindOf(h, m.o.Look.MPLS); k != "" {
		s += " (" + k + ")"
	}
	return s
}

// hop is the lines of a hop: itself, its labels, the others who have answered.
func (m *Model) hop(h *mtr.Hop, c *columns, s scale) []string {
	name := m.name(netip.Addr{})
	if len(h.Hosts) > 0 {
		name = m.label(&h.Hosts[0])
	}
	limited := h.Limited && len(h.Hosts) > 0
	if limited {
		name = m.fit(name, min(ansi.StringWidth(name), c.name-1)) + "*"
	}
	var b strings.Builder
	for i := range c.fields {
		cell := c.fields[i].Cell(&h.Stats)
		if c.fields[i].Letter == 'L' {
			cell = m.loss(h, cell)
		}
		b.WriteString(cell)
	}
	line := fmt.Sprintf("%2d. ", h.TTL) + m.fit(name, c.name) + b.String()
	if c.spark > 0 {
		line += " " + m.spark(h, s, c.spark)
	}
	if limited {
		line = m.style(faint, line)
	}
	out := []string{line}
	for i := range h.Hosts {
		x := &h.Hosts[i]
		if i > 0 {
			out = append(out, m.style(faint, strings.Repeat(" ", front)+m.fit(m.label(x), c.name)+fmt.Sprintf(" %d×", x.Count)))
		}
		if m.o.Look.MPLS {
			for _, l := range report.Labels(x.Claim.Ext) {
				out = append(out, strings.Repeat(" ", front)+"  "+l)
			}
		}
	}
	if m.o.Plain {
		for i := range out {
			out[i] = strings.ReplaceAll(out[i], "×", "x")
		}
	}
	return out
}

// The losses from which on they are coloured.
const (
	someLoss = 0.05 // what is printed as 0.1 and more
	muchLoss = 20
)

func (m *Model) loss(h *mtr.Hop, cell string) string {
	switch l := h.Loss(); {
	case h.Limited || l < someLoss:
		return cell
	case l < muchLoss:
		return m.style(yellow, cell)
	}
	return m.style(red, cell)
}

// fieldLines explain the letters of fields.
func (m *Model) fieldLines() (out []string) {
	for i := range field.All {
		f := &field.All[i]
		out = append(out, fmt.Sprintf("  %s  %-6s %s", m.style(bold, string(f.Letter)), f.Title, means(f, m.o.Language)))
	}
	return out
}

// lane is the least width of a way's column.
const laneWidth = 26

// lanes are the ways that there is room for.
func (m *Model) lanes() (ways []report.Way, width int) {
	ways = report.Ways(m.s.Lanes)
	room := max(1, (m.width-front)/laneWidth)
	ways = ways[:min(len(ways), room)]
	return ways, max(1, (m.width-front)/max(1, len(ways)))
}

// flowHeading names the flows that take each way.
func (m *Model) flowHeading() string {
	ways, width := m.lanes()
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", front))
	for _, w := range ways {
		var flows []string
		for _, f := range w.Flows {
			flows = append(flows, fmt.Sprint(f+1))
		}
		b.WriteString(m.fit(fmt.Sprintf(m.say().flow, strings.Join(flows, ",")), width-1) + " ")
	}
	return m.style(bold, b.String())
}

// flowLines are the ways side by side: who answers, loss, average.
func (m *Model) flowLines() (out []string) {
	ways, width := m.lanes()
	deepest := 0
	for _, w := range ways {
		deepest = max(deepest, len(w.Hops))
	}
	for i := range deepest {
		var b strings.Builder
		fmt.Fprintf(&b, "%2d. ", int(m.s.Config.FirstTTL)+i)
		for _, w := range ways {
			cell := ""
			if i < len(w.Hops) {
				loss, avg := m.along(&w, i)
				numbers := fmt.Sprintf("%5.1f%%%7.1f", loss, float64(avg)/float64(time.Millisecond))
				cell = m.fit(m.name(w.Hops[i]), width-1-len(numbers)) + numbers
			}
			b.WriteString(m.fit(cell, width-1) + " ")
		}
		out = append(out, b.String())
	}
	return out
}

// along is loss and average of a hop in the flows of a way.
func (m *Model) along(w *report.Way, hop int) (loss float64, avg time.Duration) {
	var known, lost, received int
	var sum float64
	for i := range m.s.Lanes {
		l := &m.s.Lanes[i]
		for _, f := range w.Flows {
			if l.Flow != f || hop >= len(l.Hops) {
				continue
			}
			s := &l.Hops[hop].Stats
			known += s.Sent - s.Waiting
			lost += s.Lost()
			received += s.Received
			sum += float64(s.Avg()) * float64(s.Received)
		}
	}
	if known > 0 {
		loss = 100 * float64(lost) / float64(known)
	}
	if received > 0 {
		avg = time.Duration(sum / float64(received))
	}
	return loss, avg
}
