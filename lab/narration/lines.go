package narration

import (
	"fmt"
	"strings"
	"time"
)

// put writes the items that are not of the diagram: answers in the classic
// layouts, rates, connections, what nodes know.
func (t *Text) put(i Item) {
	l := t.o.Lang
	switch i := i.(type) {
	case Rate:
		d, b := i.PerSecond()
		t.news(i.Time, i.Node, l.say(wRate, i.Node, l.decimal(bits(b)), i.Dst, l.decimal(fmt.Sprintf("%.1f", d))))
	case Connection:
		t.news(i.Time, i.Node, t.connection(&i))
	case Switched:
		t.switched(&i)
	case Rerouted:
		s := l.say(wNoRoute, i.To)
		if len(i.Via) > 0 {
			s = l.say(wRoute, i.To, strings.Join(i.Via, ", "))
		}
		t.news(i.Time, i.Node, s)
	case Sent:
		s := l.say(wSent, i.Node, i.Count, i.Dst, i.Size)
		if i.Refused > 0 {
			s += l.semi() + l.say(wRefused, i.Refused, l.reason(i.Why))
		}
		t.line(strings.Repeat(" ", 17) + s)
	case Shown:
		t.shown(&i)
	case PingBegin, PingReply, PingError, PingEnd:
		t.ping(i)
	case TraceBegin, TraceHop, TraceEnd:
		t.trace(i)
	case QueryReply:
		t.query(&i)
	case QueryEnd:
		if n := i.Sent - i.Received; n > 0 {
			t.line(l.say(wNoAnswer, i.What, i.To, n, i.Sent))
		}
	}
}

// news is a line of the diagram that is told even when it is left out.
func (t *Text) news(at time.Time, node, what string) {
	t.row(at, t.lanes.mark(node), what)
}

func (t *Text) connection(c *Connection) string {
	switch {
	case c.Why != "":
		return t.o.Lang.say(wAborted, c.Local, c.Remote, t.o.Lang.reason(c.Why))
	case c.State == "established":
		return t.o.Lang.say(wEstablished, c.Local, c.Remote, c.MSS)
	}
	return t.o.Lang.say(wWaiting, c.Local, c.Remote, c.State, c.MSS)
}

func (t *Text) switched(s *Switched) {
	l := t.o.Lang
	switch {
	case s.Node == "" && s.Up:
		t.row(s.Time, t.lanes.mark(""), l.say(wLinkUp, s.Link))
	case s.Node == "":
		t.row(s.Time, t.lanes.mark(""), l.say(wLinkDown, s.Link))
	case s.Up:
		t.row(s.Time, t.lanes.mark(s.Node), l.say(wNodeUp, s.Node, s.Link))
	default:
		t.row(s.Time, t.lanes.mark(s.Node), l.say(wNodeDown, s.Node, s.Link))
	}
}

func (t *Text) shown(s *Shown) {
	t.line("")
	t.line(t.o.Lang.say(wKnows, s.Node, s.What))
	if len(s.Lines) == 0 {
		t.line("  " + t.o.Lang.say(wNothing))
	}
	for _, x := range s.Lines {
		t.line("  " + x)
	}
}

// ping writes the lines of ping as iputils had them when the source document
// was written. They are the same in every language, as those are.
func (t *Text) ping(i Item) {
	switch p := i.(type) {
	case PingBegin:
		t.line(fmt.Sprintf("PING %v (%v) %d(%d) bytes of data.", p.To, p.To, p.Size, p.Len))
	case PingReply:
		s := fmt.Sprintf("%d bytes from %v: icmp_seq=%d ttl=%d time=%s ms", p.Len, p.From, p.Seq, p.TTL, pingTime(p.RTT))
		if p.Dup {
			s += " (DUP!)"
		}
		if p.Bad {
			s += " (BAD DATA!)"
		}
		t.line(s)
	case PingError:
		if !p.From.IsValid() {
			t.line("ping: " + t.o.Lang.say(wSelf, t.o.Lang.reason(p.What)))
			return
		}
		t.line(fmt.Sprintf("From %v icmp_seq=%d %s", p.From, p.Seq, t.packet(p.What, p.From.Is6())))
	case PingEnd:
		t.pingEnd(&p)
	}
}

func (t *Text) pingEnd(p *PingEnd) {
	t.line(fmt.Sprintf("--- %v ping statistics ---", p.To))
	s := fmt.Sprintf("%d packets transmitted, %d received", p.Sent, p.Received)
	if p.Dup > 0 {
		s += fmt.Sprintf(", +%d duplicates", p.Dup)
	}
	if p.Errors > 0 {
		s += fmt.Sprintf(", +%d errors", p.Errors)
	}
	lost := 0
	if p.Sent > 0 {
		lost = (p.Sent - p.Received) * 100 / p.Sent
	}
	t.line(s + fmt.Sprintf(", %d%% packet loss, time %dms", lost, p.Took.Milliseconds()))
	if p.Received > 0 {
		t.line(fmt.Sprintf("rtt min/avg/max/mdev = %s/%s/%s/%s ms", micros(p.Min), micros(p.Avg), micros(p.Max), micros(p.Mdev)))
	}
}

// micros is a time in milliseconds, cut to three places.
func micros(d time.Duration) string {
	us := d.Microseconds()
	return fmt.Sprintf("%d.%03d", us/1000, us%1000)
}

// pingTime is a time in milliseconds as ping writes it: three digits that
// count, and no rounding.
func pingTime(d time.Duration) string {
	us := d.Microseconds()
	switch {
	case us >= 100_000:
		return fmt.Sprintf("%d", us/1000)
	case us >= 10_000:
		return fmt.Sprintf("%d.%d", us/1000, us%1000/100)
	case us >= 1000:
		return fmt.Sprintf("%d.%02d", us/1000, us%1000/10)
	}
	return fmt.Sprintf("0.%03d", us)
}

// trace writes the lines of traceroute as the source document has them.
func (t *Text) trace(i Item) {
	switch x := i.(type) {
	case TraceBegin:
		t.line(fmt.Sprintf("traceroute to %v (%v), %d hops max, %d byte packets", x.To, x.To, x.Max, x.Size))
	case TraceHop:
		t.line(fmt.Sprintf("%d %s", x.TTL, probes(x.Probes)))
	case TraceEnd:
		if x.Reached {
			t.line(t.o.Lang.say(wGateways, x.Hops-1))
		} else {
			t.line(t.o.Lang.say(wNotReached, x.Hops))
		}
		if len(x.Owners) > 0 {
			t.line(t.o.Lang.say(wOwners, strings.Join(x.Owners, ", ")))
		}
	}
}

// probes is what the probes of one hop found. An address is told once as long
// as it stays the same.
func probes(ps []TraceProbe) string {
	var s []string
	last := TraceProbe{}
	for _, p := range ps {
		if !p.From.IsValid() {
			s = append(s, "*")
			continue
		}
		if p.From != last.From {
			name := p.Name
			if name == "" {
				name = p.From.String()
			}
			s = append(s, fmt.Sprintf("%s (%v)", name, p.From))
			for _, l := range p.Labels {
				s = append(s, "<MPLS:"+l+">")
			}
		}
		s = append(s, micros(p.RTT)+" ms")
		if p.Mark != "" {
			s = append(s, p.Mark)
		}
		last = p
	}
	return strings.Join(s, " ")
}

func (t *Text) query(q *QueryReply) {
	s := t.o.Lang.say(wRTT, q.What, q.From, t.packet(q.Text, q.From.Is6()), t.o.Lang.decimal(short(q.RTT)))
	switch {
	case !q.HasOffset:
	case q.Offset < 0:
		s += t.o.Lang.semi() + t.o.Lang.say(wBehind, t.o.Lang.decimal(short(-q.Offset)))
	default:
		s += t.o.Lang.semi() + t.o.Lang.say(wAhead, t.o.Lang.decimal(short(q.Offset)))
	}
	t.line(s)
}
