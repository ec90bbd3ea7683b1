package ring

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/link/sock"
)

// maxWork is how many pairs of a range and a route are looked at.
const maxWork = 20_000_000

// Find finds the way to ranges of targets. The error says that there is none to
// the first of a family; others without one are found out by asking.
func Find(ranges []Range, o RouteOptions) (Way, error) {
	w := Way{Interface: o.Interface}
	if len(ranges) == 0 {
		return w, errors.New("ring: no targets")
	}
	for _, six := range [...]bool{false, true} {
		mine := family4or6(ranges, six)
		if len(mine) == 0 {
			continue
		}
		src, err := sock.Source(mine[0].First, sock.Options{Interface: o.Interface, Source: o.source(six), Broadcast: true})
		if err != nil {
			return w, fmt.Errorf("ring: %v: %w", mine[0].First, err)
		}
		if six {
			w.IPv6, w.Src6 = true, src
		} else {
			w.IPv4, w.Src4 = true, src
		}
		if err := w.find(mine, six); err != nil && w.Why == "" {
			w.Why = err.Error()
		}
	}
	if w.Interface == "" {
		w.Index = 0
	}
	return w, nil
}

func family4or6(ranges []Range, six bool) (out []Range) {
	for _, r := range ranges {
		if r.First.Is6() == six {
			out = append(out, r)
		}
	}
	return out
}

func (o *RouteOptions) source(six bool) netip.Addr {
	if six {
		return o.Src6
	}
	return o.Src4
}

// hop is where a route leads.
type hop struct {
	index int
	via   netip.Addr
	odd   string // why it is none that a frame can be written for
}

// find finds the one next hop of all ranges of a family.
func (w *Way) find(ranges []Range, six bool) error {
	routes, err := tables(six)
	if err != nil {
		return err
	}
	if len(routes)*len(ranges) > maxWork {
		return errors.New("there are too many ranges and routes to look at")
	}
	var one *hop
	for _, r := range ranges {
		for _, x := range over(routes, r) {
			if one == nil {
				one = &x.hop
			}
			if x.hop != *one {
				return errors.New("there is more than one next hop")
			}
		}
	}
	if one == nil {
		return errors.New("there is no route")
	}
	return w.take(one, six)
}

// take makes the next hop that of the family.
func (w *Way) take(one *hop, six bool) error {
	l, err := netlink.LinkByIndex(one.index)
	if err != nil {
		return fmt.Errorf("interface %d: %w", one.index, err)
	}
	a := l.Attrs()
	switch {
	case w.Index != 0 && w.Index != a.Index:
		w.Interface, w.Index = "", 0
		return errors.New("the families have different interfaces")
	case w.Interface != "" && w.Interface != a.Name:
		return fmt.Errorf("the route is by %s", a.Name)
	case one.odd != "" && one.index == 0:
		return errors.New(one.odd)
	}
	w.Interface, w.Index, w.MTU = a.Name, a.Index, a.MTU
	switch {
	case one.odd != "":
		return errors.New(one.odd)
	case !one.via.IsValid():
		return errors.New("the targets are neighbours")
	case len(a.HardwareAddr) != 6 || a.EncapType != "ether":
		return fmt.Errorf("%s is no Ethernet", a.Name)
	case six:
		w.Gateway6 = one.via
	default:
		w.Gateway4 = one.via
	}
	return nil
}

// route is a route, as far as it matters.
type route struct {
	to   netip.Prefix
	cost int
	hop  hop
}

// tables returns the routes, the best of each prefix.
func tables(six bool) ([]route, error) {
	family, none := netlink.FAMILY_V4, netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if six {
		family, none = netlink.FAMILY_V6, netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	rules, err := netlink.RuleList(family)
	if err != nil {
		return nil, err
	}
	for i := range rules {
		switch rules[i].Table {
		case unix.RT_TABLE_LOCAL, unix.RT_TABLE_MAIN, unix.RT_TABLE_DEFAULT:
		default:
			return nil, errors.New("there are routing rules")
		}
	}
	best := map[netip.Prefix]route{}
	for _, table := range [...]int{unix.RT_TABLE_LOCAL, unix.RT_TABLE_MAIN} {
		list, err := netlink.RouteListFiltered(family, &netlink.Route{Table: table}, netlink.RT_FILTER_TABLE)
		if err != nil {
			return nil, err
		}
		for i := range list {
			x := read(&list[i], none)
			// The local table is asked first.
			if old, ok := best[x.to]; !ok || old.cost > x.cost && table != unix.RT_TABLE_LOCAL {
				if table == unix.RT_TABLE_LOCAL {
					x.cost = -1
				}
				best[x.to] = x
			}
		}
	}
	out := make([]route, 0, len(best))
	for _, x := range best {
		out = append(out, x)
	}
	return out, nil
}

func read(r *netlink.Route, none netip.Prefix) route {
	x := route{to: none, cost: r.Priority, hop: hop{index: r.LinkIndex}}
	if r.Dst != nil {
		if a, ok := netip.AddrFromSlice(r.Dst.IP); ok {
			ones, _ := r.Dst.Mask.Size()
			x.to = netip.PrefixFrom(a.Unmap(), ones)
			if none.Addr().Is6() {
				x.to = netip.PrefixFrom(a, ones)
			}
		}
	}
	if a, ok := netip.AddrFromSlice(r.Gw); ok && r.Gw != nil {
		x.hop.via = a
		if none.Addr().Is4() {
			x.hop.via = a.Unmap()
		}
	}
	switch {
	case r.Type == unix.RTN_LOCAL:
		x.hop.odd = "an address of this machine is among the targets"
	case r.Type != unix.RTN_UNICAST:
		x.hop.odd = "there is a route of another kind than unicast"
	case len(r.MultiPath) > 0 || r.Encap != nil || r.MPLSDst != nil || r.Via != nil:
		x.hop.odd = "there is a route of several ways, or through a tunnel"
	}
	return x
}

// over returns the routes that addresses of a range have: the longest that covers
// it all, and those inside that one that meet the range.
func over(routes []route, r Range) (out []route) {
	cover := -1
	for i := range routes {
		p := routes[i].to
		if p.Contains(r.First) && p.Contains(r.Last) && (cover < 0 || p.Bits() > routes[cover].to.Bits()) {
			cover = i
		}
	}
	bits := -1
	if cover >= 0 {
		bits = routes[cover].to.Bits()
		out = append(out, routes[cover])
	}
	for i := range routes {
		p := routes[i].to
		if p.Bits() <= bits {
			continue
		}
		first := p.Masked().Addr()
		// The prefix begins in the range, or the range in the prefix.
		if p.Contains(r.First) || first.Compare(r.First) >= 0 && first.Compare(r.Last) <= 0 {
			out = append(out, routes[i])
		}
	}
	if cover < 0 {
		out = append(out, route{hop: hop{odd: "there is no route to some"}})
	}
	return out
}

// headers returns what is to be written before datagrams.
func (w *Way) headers() (h headers, err error) {
	l, err := netlink.LinkByIndex(w.Index)
	if err != nil {
		return h, err
	}
	own := l.Attrs().HardwareAddr
	if w.IPv4 {
		mac, err := w.neighbour(w.Gateway4)
		if err != nil {
			return h, err
		}
		h.four = appendEther(nil, mac, own, false)
	}
	if w.IPv6 {
		mac, err := w.neighbour(w.Gateway6)
		if err != nil {
			return h, err
		}
		h.six = appendEther(nil, mac, own, true)
	}
	return h, nil
}

// resolving is how long a neighbour is waited for.
const resolving = 2 * time.Second

// neighbour returns the link-layer address of a gateway. The kernel is made to
// resolve it by a datagram to its discard port.
func (w *Way) neighbour(gateway netip.Addr) (net.HardwareAddr, error) {
	family := netlink.FAMILY_V4
	if gateway.Is6() {
		family = netlink.FAMILY_V6
	}
	end := time.Now().Add(resolving)
	for asked := false; ; {
		all, err := netlink.NeighList(w.Index, family)
		if err != nil {
			return nil, err
		}
		for i := range all {
			n := &all[i]
			const good = netlink.NUD_REACHABLE | netlink.NUD_STALE | netlink.NUD_DELAY | netlink.NUD_PROBE | netlink.NUD_PERMANENT
			if a, ok := netip.AddrFromSlice(n.IP); ok && a.Unmap() == gateway && n.State&good != 0 && len(n.HardwareAddr) == 6 {
				return n.HardwareAddr, nil
			}
		}
		if !asked {
			asked = true
			if err := w.poke(gateway); err != nil {
				return nil, err
			}
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("the gateway %v does not answer", gateway)
		}
		if err := poll(nil, time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (w *Way) poke(gateway netip.Addr) error {
	const discard = 9
	if gateway.IsLinkLocalUnicast() && gateway.Is6() {
		gateway = gateway.WithZone(w.Interface)
	}
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(gateway, discard)))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte{0})
	return err
}
