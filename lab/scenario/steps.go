package scenario

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/ask"
	"github.com/sonde-net/sonde/lab/narration"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack/endpoint/tcpstub"
)

// do begins a step.
func (r *runner) do(s *topology.Step) error {
	switch {
	case s.Wait > 0:
		r.add(waiting{r.n.Now().Add(s.Wait)}, nil)
	case s.Ping != nil:
		return r.ask(s.Ping.From, func(h *lab.Host, id uint16) (ask.Strategy, error) {
			return ask.Ping(h, r.t, s.Ping, id)
		})
	case s.Query != nil:
		return r.ask(s.Query.From, func(h *lab.Host, id uint16) (ask.Strategy, error) {
			return ask.Query(h, r.t, s.Query, id)
		})
	case s.Trace != nil:
		return r.ask(s.Trace.From, func(h *lab.Host, id uint16) (ask.Strategy, error) {
			return ask.Trace(h, r.t, r.n, s.Trace, id)
		})
	case s.Send != nil:
		return r.send(s.Send)
	case s.Forge != nil:
		return r.forge(s.Forge)
	case s.TCP != nil:
		return r.connect(s.TCP)
	case s.Down != nil:
		return r.toggle(s.Down, false)
	case s.Up != nil:
		return r.toggle(s.Up, true)
	case s.Show != nil:
		return r.show(s.Show)
	}
	return nil
}

func (r *runner) add(s ask.Strategy, done func(time.Time)) {
	r.running = append(r.running, &job{s, done})
}

// host returns the node of that name. A topology that was not read from a file
// may name one that there is not.
func (r *runner) host(name string) (*lab.Host, error) {
	h, ok := r.n.Host(name)
	if !ok {
		return nil, fmt.Errorf("there is no node %q", name)
	}
	return h, nil
}

// ask begins a strategy on a host.
func (r *runner) ask(from string, make func(*lab.Host, uint16) (ask.Strategy, error)) error {
	h, err := r.host(from)
	if err != nil {
		return err
	}
	r.asked++
	s, err := make(h, r.asked)
	if err == nil {
		r.add(s, nil)
	}
	return err
}

// waiting lets time pass.
type waiting struct{ until time.Time }

// Poll implements [ask.Strategy].
func (w waiting) Poll(now time.Time) ([]narration.Item, time.Time, bool) {
	return nil, w.until, !now.Before(w.until)
}

// connect opens a connection of the stub of TCP, and tells how it fares.
func (r *runner) connect(p *topology.TCP) error {
	h, err := r.host(p.From)
	if err != nil {
		return err
	}
	to, _ := r.t.Addr(p.To)
	c, err := h.TCP.Connect(r.n.Now(), netip.AddrPortFrom(to, p.Port), int64(p.Rate)/8)
	if err != nil {
		return err
	}
	r.conns = append(r.conns, &watched{h: h, c: c, state: c.State(), mss: c.Stats().MSS})
	if p.Rate > 0 {
		r.meter(h.Name, to)
	}
	r.add(opening{c, r.n.Now().Add(patience)}, nil)
	return nil
}

// opening waits until a connection is established, or patience ends.
type opening struct {
	c     *tcpstub.Conn
	until time.Time
}

// Poll implements [ask.Strategy].
func (o opening) Poll(now time.Time) ([]narration.Item, time.Time, bool) {
	return nil, o.until, o.c.State() >= tcpstub.Established || !now.Before(o.until)
}

func (r *runner) toggle(s *topology.Switch, up bool) error {
	var found bool
	if s.Node == "" {
		found = r.n.SetLink(s.Link, up)
	} else {
		found = r.n.SetInterface(s.Node, s.Link, up)
	}
	if !found {
		return fmt.Errorf("there is no link %q", strings.TrimSpace(s.Link+" "+s.Node))
	}
	r.tell(narration.Switched{Moment: narration.At(r.n.Now()), Link: s.Link, Node: s.Node, Up: up})
	return nil
}

// describe says what a step does: its key, and the rest in a few words that are
// the same in every language.
func describe(s *topology.Step) (kind, text string) {
	kind = s.Kind()
	switch {
	case s.Say != "":
		return kind, strings.TrimSpace(s.Say)
	case s.Wait != 0:
		return kind, s.Wait.String()
	case s.Ping != nil:
		p := s.Ping
		return kind, words(p.From, string(p.To), when(p.Size > 0, "size %d", p.Size), series(&p.Series), header(&p.Header))
	case s.Query != nil:
		q := s.Query
		return kind, words(q.From, string(q.To), q.What, q.Interface, series(&q.Series), header(&q.Header))
	case s.Trace != nil:
		p := s.Trace
		return kind, words(p.From, string(p.To), p.By, when(p.Flow != "", "flow %s", p.Flow))
	case s.Send != nil:
		p := s.Send
		return kind, words(p.From, string(p.To), when(p.UDP > 0, "udp %d", p.UDP), when(p.UDP == 0, "proto %d", p.Proto),
			when(p.Size > 0, "size %d", p.Size), when(p.Discover, "discover"), series(&p.Series), header(&p.Header))
	case s.Forge != nil:
		return kind, forged(s.Forge)
	case s.TCP != nil:
		return kind, words(s.TCP.From, string(s.TCP.To), fmt.Sprintf("port %d", s.TCP.Port))
	case s.Down != nil:
		return kind, words(s.Down.Link, s.Down.Node)
	case s.Up != nil:
		return kind, words(s.Up.Link, s.Up.Node)
	case s.Show != nil:
		return kind, words(s.Show.Node, s.Show.What, string(s.Show.To))
	}
	return kind, ""
}

func forged(f *topology.Forge) string {
	kind := ""
	if f.ICMP != nil {
		kind = "icmp " + f.ICMP.String()
	}
	return words(f.From, string(f.To), kind, when(f.Source != "", "as %s", f.Source),
		when(f.MTU > 0, "mtu %d", f.MTU), when(f.Gateway.IsValid(), "gateway %v", f.Gateway),
		when(f.TTL > 0, "ttl %d", f.TTL), when(f.Fragment != nil, "a fragment"), series(&f.Series))
}

func series(s *topology.Series) string {
	if s.Count <= 1 {
		return ""
	}
	return fmt.Sprintf("count %d", s.Count) + when(s.Interval > 0, " every %v", s.Interval)
}

func header(h *topology.Header) string {
	return words(when(h.TTL > 0, "ttl %d", h.TTL), when(h.TOS > 0, "tos %#02x", h.TOS), when(h.DF, "df"), h.Option,
		when(len(h.Route) > 0, "route %v", h.Route))
}

// when is a phrase, or nothing.
func when(on bool, format string, args ...any) string {
	if !on {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// words joins those that are there.
func words(s ...string) string {
	var out []string
	for _, x := range s {
		if x != "" {
			out = append(out, x)
		}
	}
	return strings.Join(out, " ")
}
