//go:build linux

package proof

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/guard/kind"
)

// node is a network namespace with its sockets.
type node struct {
	name string
	ns   netns.NsHandle
	// Of client and server: AF_PACKET by family, and where they send to.
	packet map[kind.Family]int
	link   int // index
	gate   net.HardwareAddr
	// Of the machine: raw sockets that hear what was let in, and that send.
	hear, send map[kind.Family]int
}

// side of the machine: who is there, and the addresses of both.
type ground struct {
	peer     *node
	name     string // of the machine's interface
	own, far map[kind.Family]netip.Addr
}

// lab is the namespaces. Its methods run on one locked thread.
type lab struct {
	machine *node
	inside  *ground // of a host: the only one
	outside *ground
	nodes   []*node
}

// build makes the namespaces. The thread is the machine's afterwards.
func build(c *Config) (*lab, error) {
	l := &lab{}
	inside, outside := c.Inside, c.Outside
	if outside == "" {
		outside = "eth0"
	}
	if inside == "" {
		inside = "in0"
	}
	var err error
	if l.machine, err = l.node("machine"); err != nil {
		return l, err
	}
	if c.Forwards {
		if l.inside, err = l.ground("client", inside, 1); err != nil {
			return l, err
		}
		l.outside, err = l.ground("server", outside, 2)
	} else {
		l.inside, err = l.ground("client", outside, 1)
		l.outside = l.inside
	}
	if err == nil && c.Forwards {
		err = l.routes()
	}
	if err == nil {
		err = netns.Set(l.machine.ns)
	}
	if err == nil {
		err = l.machine.raw()
	}
	return l, err
}

func (l *lab) close() {
	for _, n := range l.nodes {
		for _, fds := range []map[kind.Family]int{n.packet, n.hear, n.send} {
			for _, fd := range fds {
				_ = unix.Close(fd)
			}
		}
		_ = n.ns.Close()
	}
}

// settings keep the kernels quiet: they are to carry, and to say nothing.
var settings = []struct{ name, value string }{
	{"ipv4/ip_forward", "1"},
	{"ipv4/conf/all/rp_filter", "0"},
	{"ipv4/conf/default/rp_filter", "0"},
	{"ipv4/conf/all/accept_redirects", "0"},
	{"ipv4/conf/default/accept_redirects", "0"},
	{"ipv4/icmp_echo_ignore_all", "1"},
	{"ipv6/conf/all/forwarding", "1"},
	{"ipv6/conf/all/accept_ra", "0"},
	{"ipv6/conf/default/accept_ra", "0"},
	{"ipv6/conf/all/accept_redirects", "0"},
	{"ipv6/conf/default/accept_redirects", "0"},
	{"ipv6/icmp/echo_ignore_all", "1"},
}

// node makes a namespace and leaves the thread in it.
func (l *lab) node(name string) (*node, error) {
	ns, err := netns.New()
	if err != nil {
		return nil, fmt.Errorf("network namespaces need root: %w", err)
	}
	n := &node{name: name, ns: ns, packet: map[kind.Family]int{}, hear: map[kind.Family]int{}, send: map[kind.Family]int{}}
	l.nodes = append(l.nodes, n)
	for _, s := range settings {
		if err := os.WriteFile("/proc/sys/net/"+s.name, []byte(s.value), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w", err)
		}
	}
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	return n, err
}

// ground makes a node on a link to the machine.
func (l *lab) ground(name, iface string, number byte) (*ground, error) {
	peer, err := l.node(name)
	if err != nil {
		return nil, err
	}
	g := &ground{
		peer: peer, name: iface,
		own: map[kind.Family]netip.Addr{kind.V4: netip.AddrFrom4([4]byte{10, 250, number, 1})},
		far: map[kind.Family]netip.Addr{kind.V4: netip.AddrFrom4([4]byte{10, 250, number, 2})},
	}
	six := [16]byte{0: 0xfd, 2: 2, 3: 0x50, 5: number}
	for i, to := range []map[kind.Family]netip.Addr{g.own, g.far} {
		six[15] = byte(i + 1)
		to[kind.V6] = netip.AddrFrom16(six)
	}
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "eth0"}, PeerName: iface, PeerNamespace: netlink.NsFd(l.machine.ns)}
	if err := netlink.LinkAdd(veth); err != nil {
		return nil, fmt.Errorf("interface %s: %w", iface, err)
	}
	far, err := setUp("eth0", g.far)
	if err != nil {
		return nil, err
	}
	if err := netns.Set(l.machine.ns); err != nil {
		return nil, err
	}
	own, err := setUp(iface, g.own)
	if err == nil {
		err = neighbours(own, far, g.far)
	}
	if err == nil {
		err = netns.Set(peer.ns)
	}
	if err == nil {
		err = neighbours(far, own, g.own)
	}
	peer.link, peer.gate = far.Attrs().Index, own.Attrs().HardwareAddr
	if err == nil {
		err = peer.open()
	}
	return g, err
}

// setUp gives an interface its addresses.
func setUp(name string, addrs map[kind.Family]netip.Addr) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, err
	}
	for f, a := range addrs {
		bits, flags := 24, 0
		if f == kind.V6 {
			bits, flags = 64, unix.IFA_F_NODAD
		}
		n := &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(bits, a.BitLen())}
		if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: n, Flags: flags}); err != nil {
			return nil, fmt.Errorf("address %v: %w", a, err)
		}
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, err
	}
	return netlink.LinkByName(name)
}

// neighbours says who is at the other end, so that nobody has to ask, which the
// rules may not let them.
func neighbours(link, other netlink.Link, addrs map[kind.Family]netip.Addr) error {
	for _, a := range addrs {
		err := netlink.NeighSet(&netlink.Neigh{
			LinkIndex: link.Attrs().Index, State: netlink.NUD_PERMANENT,
			IP: a.AsSlice(), HardwareAddr: other.Attrs().HardwareAddr,
		})
		if err != nil {
			return fmt.Errorf("neighbour %v: %w", a, err)
		}
	}
	return nil
}

// routes lead client and server to each other.
func (l *lab) routes() error {
	for _, g := range []*ground{l.inside, l.outside} {
		if err := netns.Set(g.peer.ns); err != nil {
			return err
		}
		for f := range g.own {
			all := &net.IPNet{IP: make(net.IP, 4), Mask: net.CIDRMask(0, 32)}
			if f == kind.V6 {
				all = &net.IPNet{IP: make(net.IP, 16), Mask: net.CIDRMask(0, 128)}
			}
			if err := netlink.RouteAdd(&netlink.Route{LinkIndex: g.peer.link, Dst: all, Gw: g.own[f].AsSlice()}); err != nil {
				return fmt.Errorf("route by %v: %w", g.own[f], err)
			}
		}
	}
	return netns.Set(l.machine.ns)
}
