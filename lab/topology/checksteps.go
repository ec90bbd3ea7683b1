package topology

import (
	"cmp"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func contains(s []netip.Addr, a netip.Addr) bool { return slices.Contains(s, a) }

// stepKinds returns the keys of which a step has one.
func stepKinds() []string {
	var out []string
	for _, f := range fields(reflect.TypeFor[Step]()) {
		if f.name != "at" && f.name != "say_fr" {
			out = append(out, f.name)
		}
	}
	return out
}

func (c *checker) steps() {
	for i := range c.t.Steps {
		s := &c.t.Steps[i]
		if s.Kind() == "" {
			c.wrong(s, nil, "expected one of %s, once, besides at", strings.Join(stepKinds(), ", "))
			continue
		}
		c.french("say", &s.Say, &s.SayFR)
		switch {
		case s.Ping != nil:
			c.node(&s.Ping.From, s.Ping, "from")
			c.target(&s.Ping.To, s.Ping, "to", false)
			c.header(&s.Ping.Header, s.Ping)
		case s.Query != nil:
			c.node(&s.Query.From, s.Query, "from")
			c.target(&s.Query.To, s.Query, "to", false)
			c.header(&s.Query.Header, s.Query)
			if s.Query.What == "" {
				c.wrong(&s.Query.What, s.Query, "what: expected what to ask for")
			}
		case s.Trace != nil:
			c.node(&s.Trace.From, s.Trace, "from")
			c.target(&s.Trace.To, s.Trace, "to", false)
		case s.Send != nil:
			c.node(&s.Send.From, s.Send, "from")
			c.target(&s.Send.To, s.Send, "to", false)
			c.header(&s.Send.Header, s.Send)
		case s.Forge != nil:
			c.forge(s.Forge)
		case s.TCP != nil:
			c.node(&s.TCP.From, s.TCP, "from")
			c.target(&s.TCP.To, s.TCP, "to", false)
			if s.TCP.Port == 0 {
				c.wrong(&s.TCP.Port, s.TCP, "port: expected that of the peer")
			}
		case s.Down != nil:
			c.toggle(s.Down)
		case s.Up != nil:
			c.toggle(s.Up)
		case s.Show != nil:
			c.node(&s.Show.Node, s.Show, "node")
			c.target(&s.Show.To, s.Show, "to", true)
			if s.Show.What == "" {
				c.wrong(&s.Show.What, s.Show, "what: expected what to show")
			}
		}
	}
}

func (c *checker) header(h *Header, of any) {
	for i := range h.Route {
		c.target(&h.Route[i], of, "route", false)
	}
	if h.Option != "" && len(h.Route) > 0 {
		c.wrong(&h.Option, of, "expected option or route, and not both")
	}
}

func (c *checker) forge(f *Forge) {
	c.node(&f.From, f, "from")
	if len(f.Datagram) > 0 {
		return
	}
	c.target(&f.To, f, "to", false)
	c.target(&f.Source, f, "source", true)
	if (f.ICMP == nil) == (len(f.Payload) == 0) {
		c.wrong(&f.Payload, f, "expected one of icmp, payload, datagram")
	}
	if f.ICMP != nil && f.ICMP.Any {
		c.wrong(f.ICMP, f, "icmp: expected type and code, such as 3/4")
	}
	if q := f.Quote; q != nil {
		c.target(&q.Source, q, "source", false)
		c.target(&q.To, q, "to", false)
	}
	if g := f.Fragment; g != nil && g.Offset%8 != 0 {
		c.wrong(&g.Offset, g, "offset: expected a multiple of 8")
	}
	if len(f.Options)%4 != 0 || len(f.Options) > 40 {
		c.wrong(&f.Options, f, "options: expected a multiple of 4 octets, 40 at most")
	}
}

func (c *checker) toggle(s *Switch) {
	if c.links[s.Link] == nil {
		c.wrong(&s.Link, s, "link: expected the name of a link, there is no %q%s", s.Link, hint(c.links))
	}
	if s.Node == "" {
		return
	}
	n := c.nodes[s.Node]
	if n == nil {
		c.node(&s.Node, s, "node")
		return
	}
	if !slices.ContainsFunc(n.Interfaces, func(f Interface) bool { return f.Link == s.Link }) {
		c.wrong(&s.Node, s, "node: expected one on %s, %s is not", s.Link, s.Node)
	}
}
