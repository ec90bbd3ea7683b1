package topology

import (
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sonde-net/sonde/internal/yamlfile"
	"github.com/sonde-net/sonde/stack/report"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// checker finds what does not fit together.
type checker struct {
	*decoder
	t     *Topology
	owner map[netip.Addr]string // whose an address is
	on    map[string][]netip.Addr
	links map[string]*Link
	nodes map[string]*Node
}

// wrong notes an error about the value that p points to, or, when the file has
// left it out, about what it belongs to.
func (c *checker) wrong(p, of any, format string, args ...any) {
	at, ok := c.at[p]
	if !ok {
		at = c.at[of]
	}
	c.Fail(at, format, args...)
}

func (c *checker) check() {
	c.owner, c.on = map[netip.Addr]string{}, map[string][]netip.Addr{}
	c.links, c.nodes = map[string]*Link{}, map[string]*Node{}
	for i := range c.t.Links {
		l := &c.t.Links[i]
		c.links[l.Name] = l
		c.word(&l.Name, l, "a link", l.Name)
		c.cuts(l)
		for j := range l.Outside {
			c.claim(&l.Outside[j], "outside of "+l.Name, l.Name)
		}
	}
	for i := range c.t.Nodes {
		n := &c.t.Nodes[i]
		c.nodes[n.Name] = n
		c.word(&n.Name, n, "a node", n.Name)
		c.interfaces(n)
	}
	if c.Failed() {
		return // what follows from these would be told too
	}
	for i := range c.t.Nodes {
		n := &c.t.Nodes[i]
		c.routes(n)
		c.manners(n)
	}
	c.names()
	c.french("title", &c.t.Title, &c.t.TitleFR)
	c.french("teaches", &c.t.Teaches, &c.t.TeachesFR)
	c.french("try", &c.t.Try, &c.t.TryFR)
	c.steps()
}

// word holds names to what fits in a line, a path and a sequence diagram.
func (c *checker) word(p, of any, what, name string) {
	const most = 40
	good := func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if name == "" || utf8.RuneCountInString(name) > most || strings.ContainsFunc(name, func(r rune) bool { return !good(r) }) {
		c.wrong(p, of, "expected the name of %s: 1 to %d of A-Z a-z 0-9 . _ -, found %q", what, most, yamlfile.Short(name))
	}
}

// claim takes an address for its owner, on a link.
func (c *checker) claim(p *netip.Prefix, who, link string) {
	a := p.Addr()
	switch other := c.owner[a]; {
	case a.IsMulticast() || a.IsUnspecified() || a.IsLoopback() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		c.wrong(p, nil, "expected an address that one host can have, found %v", a)
	case a.Is4() && p.Bits() < 31 && (a == p.Masked().Addr() || a == lastOf(*p)):
		c.wrong(p, nil, "expected the address of a host, %v is that of the network %v or its broadcast", a, p.Masked())
	case other != "":
		c.wrong(p, nil, "expected an address of its own, %v is that of %s", a, other)
	default:
		c.owner[a] = who
		c.on[link] = append(c.on[link], a)
	}
}

// lastOf returns the broadcast address of an IPv4 network.
func lastOf(p netip.Prefix) netip.Addr {
	a := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		a[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(a)
}

func (c *checker) interfaces(n *Node) {
	if len(n.Interfaces) == 0 {
		c.wrong(&n.Interfaces, n, "expected interfaces: node %s has none", n.Name)
	}
	seen := map[string]bool{}
	for i := range n.Interfaces {
		f := &n.Interfaces[i]
		name := n.InterfaceName(i)
		if f.Name != "" {
			c.word(&f.Name, f, "an interface", f.Name)
		}
		if seen[name] {
			c.wrong(&f.Name, f, "expected another name, %s has an interface %s already", n.Name, name)
		}
		seen[name] = true
		if c.links[f.Link] == nil {
			c.wrong(&f.Link, f, "expected the name of a link, there is no %q%s", f.Link, hint(c.links))
			continue
		}
		c.addresses(n, f)
		if f.NAT != nil && (!f.Address.IsValid() || !n.Gateway()) {
			c.wrong(f.NAT, f, "expected an IPv4 address here and kind: gateway, for nat")
		}
		if f.Advertise.On {
			c.advertise(n, f)
		}
	}
}

// advertise checks the order of the times (RFC 1256, section 4.1).
func (c *checker) advertise(n *Node, f *Interface) {
	a := &f.Advertise
	longest := a.Max
	if longest == 0 {
		longest = 10 * time.Minute
	}
	switch {
	case !n.Gateway():
		c.wrong(a, f, "expected kind: gateway, hosts do not advertise")
	case a.Min > longest:
		c.wrong(&a.Min, a, "min: expected no more than max, %v", longest)
	case a.Lifetime != 0 && a.Lifetime < longest:
		c.wrong(&a.Lifetime, a, "lifetime: expected no less than max, %v", longest)
	}
}

func (c *checker) addresses(n *Node, f *Interface) {
	if len(f.Addrs()) == 0 {
		c.wrong(&f.Address, f, "expected an address, this interface of %s has none", n.Name)
	}
	if f.Address.IsValid() && !f.Address.Addr().Is4() {
		c.wrong(&f.Address, f, "address: expected an IPv4 address, address6 is for IPv6")
		return
	}
	if f.Address6.IsValid() && !f.Address6.Addr().Is6() {
		c.wrong(&f.Address6, f, "address6: expected an IPv6 address")
		return
	}
	const least6 = 1280
	mtu := f.MTU
	if mtu == 0 {
		mtu = c.links[f.Link].MTU
	}
	place := []*netip.Prefix{&f.Address, &f.Address6}
	for i := range f.More {
		place = append(place, &f.More[i])
	}
	for _, p := range place {
		if !p.IsValid() {
			continue
		}
		c.claim(p, n.Name, f.Link)
		if p.Addr().Is6() && mtu != 0 && mtu < least6 {
			c.wrong(&f.MTU, f, "mtu: expected %d at least, there is an IPv6 address (RFC 8200)", least6)
		}
	}
}

// hint lists the names that there are, when they are few.
func hint[T any](known map[string]T) string {
	const most = 12
	if len(known) == 0 || len(known) > most {
		return ""
	}
	return ": there is " + strings.Join(sortedKeys(known), ", ")
}

func (c *checker) routes(n *Node) {
	type slot struct {
		to     netip.Prefix
		tos    uint8
		metric int
	}
	seen := map[slot]bool{}
	for i := range n.Routes {
		r := &n.Routes[i]
		s := slot{r.To, r.TOS, r.Metric}
		switch {
		case !r.To.IsValid():
			c.wrong(&r.To, r, "to: expected a network, or default")
			continue
		case seen[s]:
			c.wrong(&r.To, r, "to: expected one route of each metric, there is one to %v already", r.To)
		case len(r.Via) > 0 == (r.Dev != ""):
			c.wrong(&r.Via, r, "expected via or dev, and not both")
		case len(r.Via) > maxHops:
			c.wrong(&r.Via, r, "via: expected %d gateways at most", maxHops)
		case r.TOS&^0x1c != 0, r.TOS != 0 && !r.To.Addr().Is4():
			c.wrong(&r.TOS, r, "tos: expected bits of 0x1c, in a route of IPv4")
		}
		seen[s] = true
		if f, _ := n.Interface(r.Dev); r.Dev != "" && f == nil {
			c.wrong(&r.Dev, r, "dev: expected an interface of %s, there is no %q", n.Name, r.Dev)
		}
		for j := range r.Via {
			c.via(n, r, &r.Via[j])
		}
	}
}

// maxHops is the most next hops that a route of a node may have.
const maxHops = 64

// via checks a gateway: of the family, on a connected network, and somebody's.
func (c *checker) via(n *Node, r *Route, via *netip.Addr) {
	if via.Is4() != r.To.Addr().Is4() {
		c.wrong(via, r, "via: expected an address of the family of %v", r.To)
		return
	}
	i := n.Toward(*via)
	switch {
	case i < 0:
		c.wrong(via, r, "via: expected a neighbour, %v is on no network of %s", via, n.Name)
	case c.owner[*via] == n.Name:
		c.wrong(via, r, "via: expected a neighbour, %v is %s itself", via, n.Name)
	case !contains(c.on[n.Interfaces[i].Link], *via):
		c.wrong(via, r, "via: expected somebody's address, nobody on %s has %v", n.Interfaces[i].Link, via)
	}
}

// Toward returns the index of the interface whose network an address is on, -1:
// of none.
func (n *Node) Toward(a netip.Addr) int {
	best, at := -1, -1
	for i := range n.Interfaces {
		for _, p := range n.Interfaces[i].Addrs() {
			if p.Contains(a) && p.Bits() > best {
				best, at = p.Bits(), i
			}
		}
	}
	return at
}

func (c *checker) manners(n *Node) {
	ports := map[[2]uint16]bool{}
	for i := range n.Listen {
		l := &n.Listen[i]
		port := [2]uint16{l.UDP, l.TCP}
		switch {
		case (l.UDP == 0) == (l.TCP == 0):
			c.wrong(&l.UDP, l, "expected udp or tcp with a port, and not both")
		case ports[port]:
			c.wrong(&l.UDP, l, "expected each port once")
		case l.Answer != "" && l.UDP == 0:
			c.wrong(&l.Answer, l, "answer: expected udp with it")
		case l.Rate != 0 && l.TCP == 0:
			c.wrong(&l.Rate, l, "rate: expected tcp with it")
		}
		ports[port] = true
	}
	for i := range n.Filter {
		r := &n.Filter[i]
		if f, _ := n.Interface(r.In); r.In != "" && f == nil {
			c.wrong(&r.In, r, "in: expected an interface of %s, there is no %q", n.Name, r.In)
		}
		if f, _ := n.Interface(r.Out); r.Out != "" && f == nil {
			c.wrong(&r.Out, r, "out: expected an interface of %s, there is no %q", n.Name, r.Out)
		}
		switch {
		case r.Action == "":
			c.wrong(&r.Action, r, "action: expected accept, drop or reject")
		case r.Port != 0 && r.Proto != "tcp" && r.Proto != "udp":
			c.wrong(&r.Port, r, "port: expected proto tcp or udp with it")
		case r.ICMP != nil && r.Proto != "icmp" && r.Proto != "icmp6":
			c.wrong(r.ICMP, r, "icmp: expected proto icmp or icmp6 with it")
		case r.With != nil && r.Action != "reject":
			c.wrong(r.With, r, "with: expected action reject with it")
		}
		if _, ok := r.Cause(); !ok {
			c.wrong(r.With, r, "with: expected a code of destination unreachable that has a cause, such as 3/13")
		}
	}
}

// Cause returns what a rejecting rule says about a datagram; 0: nothing. False:
// there is no cause with this type and code.
func (r *Rule) Cause() (report.Cause, bool) {
	switch {
	case r.Action != "reject":
		return 0, true
	case r.With == nil:
		return report.AdminProhibited, true
	}
	k := icmp4.Kind{Type: icmp4.Type(r.With.Type), Code: icmp4.Code(r.With.Code)}
	cause, ok := report.Cause4(k)
	return cause, ok && !r.With.Any && k.Type == icmp4.TypeDestUnreachable
}

func (c *checker) names() {
	seen := map[netip.Prefix]bool{}
	for i := range c.t.Names {
		n := &c.t.Names[i]
		switch {
		case seen[n.Prefix]:
			c.wrong(n, nil, "expected %v once", n.Prefix)
		case n.Name != "" && !n.Prefix.IsSingleIP():
			c.wrong(&n.Name, n, "name: expected that of an address, %v is a network and has an owner only", n.Prefix)
		case strings.ContainsFunc(n.Name+n.Owner, func(r rune) bool { return r < ' ' }):
			c.wrong(n, nil, "expected a name and an owner on one line")
		}
		seen[n.Prefix] = true
	}
}

// target checks where a step goes to; "" is let through by optional ones.
func (c *checker) target(p *Target, of any, field string, optional bool) {
	if *p == "" && optional {
		return
	}
	if _, ok := c.t.Addr(*p); !ok {
		c.wrong(p, of, "%s: expected an address or a node, there is no %q%s", field, *p, hint(c.nodes))
	}
}

func (c *checker) node(p *string, of any, field string) {
	if c.nodes[*p] == nil {
		c.wrong(p, of, "%s: expected a node, there is no %q%s", field, *p, hint(c.nodes))
	}
}
