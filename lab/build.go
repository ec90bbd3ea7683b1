package lab

import (
	"fmt"
	"net/netip"

	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/clock"
	"github.com/sonde-net/sonde/stack/discovery"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/stack/pmtu"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire/ip"
)

// eventsKept is how many events a node keeps between two looks at them.
const eventsKept = 256

// addHost makes a node and joins it to its links.
func (n *Network) addHost(t *topology.Node, o Options) error {
	h := &Host{
		Name: t.Name, Gateway: t.Gateway(),
		delays: t.ICMPDelay, jitter: t.ICMPJitter, dice: n.diceFor("icmp", t.Name),
	}
	c := config(t)
	c.Seed = n.diceFor("node", t.Name).Uint64()
	if n.records.On() {
		c.Events = eventsKept
	}
	for i := range t.Interfaces {
		f, err := n.attachment(t, i, h)
		if err != nil {
			return err
		}
		c.Interfaces = append(c.Interfaces, f)
	}
	var err error
	if c.Upper, err = n.upper(t, h, o); err != nil {
		return err
	}
	if c.Routes, err = routes(t); err != nil {
		return err
	}
	if h.Node, err = stack.New(c); err != nil {
		return err
	}
	if h.Endpoint != nil {
		h.Endpoint.Attach(h.Node)
		h.TCP.Attach(h.Node)
	}
	if err := n.watch(t, h, c.Routes); err != nil {
		return err
	}
	n.hosts = append(n.hosts, h)
	n.names[h.Name] = h
	for _, a := range h.Addrs {
		n.byAddr[a] = h
	}
	return nil
}

// attachment makes interface i of a node and its party on the link.
func (n *Network) attachment(t *topology.Node, i int, h *Host) (stack.Interface, error) {
	f := &t.Interfaces[i]
	l, s := n.top.Link(f.Link), n.byName[f.Link]
	if l == nil {
		return stack.Interface{}, fmt.Errorf("there is no link %q", f.Link)
	}
	out := stack.Interface{
		Name: t.InterfaceName(i), Addrs: f.Addrs(),
		MTU: or(f.MTU, s.mtu), Rate: int64(or(f.Rate, l.Rate)), Queue: int(or(f.Queue, l.Queue)),
		QuenchAt: int(f.QuenchAt), Mask: f.Mask, Probe: f.Probe, Down: f.Down, BlackHole: f.BlackHole,
		DirectedBroadcast: f.DirectedBroadcast, MinPrecedence: f.MinPrecedence,
		Advertise: discovery.Advertise{
			On: f.Advertise.On, Max: f.Advertise.Max, Min: f.Advertise.Min,
			Lifetime: f.Advertise.Lifetime, Preference: f.Advertise.Preference,
		},
	}
	for _, x := range f.Labels {
		out.Labels = append(out.Labels, stack.Label{Value: x.Value, TC: x.TC})
	}
	if f.NAT != nil {
		tr, err := nat.New(nat.Config{
			Outside: f.Address.Addr(), Inside: f.NAT.Inside, Mappings: f.NAT.Mappings,
			UDP: f.NAT.UDP, ICMP: f.NAT.ICMP, LeaveQuotes: f.NAT.Quotes == "leave", Seed: n.diceFor("nat", t.Name, out.Name).Uint64(),
		})
		if err != nil {
			return stack.Interface{}, err
		}
		out.NAT = tr
	}
	p := &party{
		name: t.Name, host: h, iface: i, addrs: out.Addrs, path: l.Path, rate: out.Rate, down: f.Down,
		dice: n.diceFor("link", f.Link, t.Name, out.Name),
	}
	if f.Transmit != nil {
		p.path = *f.Transmit
	}
	p.path.Gap = or(p.path.Gap, defaultGap)
	s.join(p)
	h.parties = append(h.parties, p)
	for _, a := range out.Addrs {
		h.Addrs = append(h.Addrs, a.Addr())
	}
	return out, nil
}

// config is what a node's manners mean to the stack.
func config(t *topology.Node) stack.Config {
	m := &t.Manners
	c := stack.Config{
		Forward: t.Gateway(), TTL: ip.TTL(m.TTL), Redirects: redirects[m.Redirects],
		ErrorLimit: m.ErrorLimit, ErrorQuote: m.Quote, InterfaceInfo: m.IfaceInfo,
		Clock:  clock.Clock{Offset: m.Clock.Offset, Drift: m.Clock.Drift, Unit: units[m.Clock.Unit], Swapped: m.Clock.Swapped},
		NoEcho: no(m.Echo), NoTimestamp: no(m.Timestamp), AnswerBroadcast: m.Broadcast, Probe: m.Probe,
		SourceRouting: m.SourceRt, NoRedirects: no(m.Redirect), AcceptOwnSource: m.OwnSource,
		UnreachableHost: m.NoRoute == "host", NoTTLDecrement: m.Hidden, Mute: m.Silent,
		QuenchReceived: m.Quench, Information: m.Info, SolicitRouters: m.Solicit,
		Limit: limit.Config{
			Prefix: rate(m.Limit.Each), Global: rate(m.Limit.All), ReplyPrefix: rate(m.Limit.Replies),
		},
		Reassembly: reassembly.Config{Timeout: m.Reassembly.Timeout, Memory: int(m.Reassembly.Memory)},
		PMTU:       pmtu.Config{Floor: m.PMTU.Floor, Age: m.PMTU.Age},
	}
	if m.Limit.Off {
		c.Limit.Prefix.Every, c.Limit.Global.Every = -1, -1
	}
	if len(m.Filter) > 0 {
		c.Filter = newFilter(t)
	}
	return c
}

// no reports whether something is switched off that is on by default.
func no(b *bool) bool { return b != nil && !*b }

func rate(r topology.Rate) limit.Rate { return limit.Rate{Every: r.Every, Burst: r.Burst} }

var (
	redirects = map[string]stack.RedirectPolicy{"secure": stack.RedirectSecure, "unchecked": stack.RedirectUnchecked}
	units     = map[string]clock.Unit{"nonstandard": clock.NonStandard, "seconds": clock.Seconds}
	choices   = map[string]route.Choice{"pair": route.PerPair, "packet": route.PerPacket}
)

// routes turns the routes of a file into those of a node.
func routes(t *topology.Node) ([]route.Route, error) {
	out := make([]route.Route, 0, len(t.Routes))
	for i := range t.Routes {
		r := &t.Routes[i]
		x := route.Route{Prefix: r.To, TOS: r.TOS, Choice: choices[r.Choice]}
		for _, via := range r.Via {
			at := t.Toward(via)
			if at < 0 {
				return nil, fmt.Errorf("%v is on no network of it", via)
			}
			x.Hops = append(x.Hops, route.Hop{Iface: at, Via: via})
		}
		if r.Dev != "" {
			f, at := t.Interface(r.Dev)
			if f == nil {
				return nil, fmt.Errorf("there is no interface %q", r.Dev)
			}
			x.Hops = append(x.Hops, route.Hop{Iface: at})
		}
		out = append(out, x)
	}
	return out, nil
}

// SetLink cuts a link, or mends it. It reports whether there is one of that
// name. What is on its way arrives. Nodes with a choice of routes find out in
// their time.
func (n *Network) SetLink(name string, up bool) bool {
	s, ok := n.byName[name]
	if ok {
		s.down = !up
		n.turned(s)
	}
	return ok
}

// SetInterface takes the interfaces of a node to a link down, or up again, and
// reports whether there are any.
func (n *Network) SetInterface(host, link string, up bool) bool {
	h, ok := n.names[host]
	if !ok {
		return false
	}
	found := false
	for i, p := range h.parties {
		if p.on.name == link {
			p.down = !up
			h.Node.SetDown(i, !up)
			found = true
		}
	}
	if found {
		n.turned(n.byName[link])
	}
	return found
}

// Name returns the name of an address and its owner, "" where the topology
// gives none: what reverse DNS and a register would say.
func (n *Network) Name(a netip.Addr) (name, owner string) {
	best := -1
	for i := range n.owners {
		x := &n.owners[i]
		if !x.Prefix.Contains(a) {
			continue
		}
		if x.Prefix.IsSingleIP() {
			name = x.Name
		}
		if x.Owner != "" && x.Prefix.Bits() > best {
			best, owner = x.Prefix.Bits(), x.Owner
		}
	}
	return name, owner
}
