//go:build linux

package drive_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/tun"
	"github.com/sonde-net/sonde/stack"
	"github.com/sonde-net/sonde/stack/limit"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/stack/route"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// A sysctl makes the kernel's policy comparable with the node's.
type sysctl struct {
	name, value string
	why         string
}

// sysctls are set in every namespace before its interfaces are made. "{}" is
// what the situation says.
var sysctls = []sysctl{
	{"net/ipv4/ip_forward", "{forward}", "host or gateway"},
	{"net/ipv6/conf/all/forwarding", "{forward}", "host or gateway"},
	{"net/ipv6/conf/default/forwarding", "{forward}", "host or gateway"},
	{"net/ipv4/conf/all/accept_source_route", "{sourceRoutes}", "source routes are followed or not; the node says so by `SourceRouting`"},
	{"net/ipv4/conf/default/accept_source_route", "{sourceRoutes}", "the same"},
	{"net/ipv4/ipfrag_time", "{fragTime}", "long, so that no fragment is given up while something else is looked at; 1 s where that is the question"},
	{"net/ipv6/ip6frag_time", "{fragTime}", "the same"},
	{"net/ipv4/ipfrag_max_dist", "0", "fragments are not given up because other datagrams of the source have come; the node has no such rule"},
	{"net/ipv4/icmp_ratelimit", "0", "no error is held back; limits are the limiter's tests"},
	{"net/ipv4/icmp_ratemask", "0", "the same, of the limit for all destinations together"},
	{"net/ipv6/icmp/ratelimit", "0", "the same"},
	{"net/ipv6/icmp/ratemask", "255", "the same; a type that no message here has stands for none"},
	{"net/ipv4/icmp_echo_ignore_broadcasts", "1", "H-02, the default of both"},
	{"net/ipv6/icmp/echo_ignore_multicast", "1", "H-02, which the kernel has off"},
	{"net/ipv4/icmp_echo_enable_probe", "1", "extended echo is off by default in both; here it is compared"},
	{"net/ipv4/icmp_errors_use_inbound_ifaddr", "0", "E-10: errors come from the interface that they leave by"},
	{"net/ipv4/ip_default_ttl", "64", "the node's default"},
	{"net/ipv6/conf/default/hop_limit", "64", "the same"},
	{"net/ipv4/ip_forward_use_pmtu", "0", "a gateway goes by the MTU of its links"},
	{"net/ipv4/conf/all/rp_filter", "0", "sources are judged by what they are (G-14), not by their routes"},
	{"net/ipv4/conf/default/rp_filter", "0", "the same"},
	{"net/ipv4/conf/all/log_martians", "0", "stimuli are no news"},
	{"net/ipv4/conf/all/send_redirects", "1", "G-05"},
	{"net/ipv4/conf/all/shared_media", "0", "G-05: a redirect is sent only to a neighbour of the better gateway"},
	{"net/ipv4/conf/default/shared_media", "0", "the same"},
	{"net/ipv4/conf/all/accept_redirects", "0", "the node ignores them by default (H-07)"},
	{"net/ipv4/conf/default/accept_redirects", "0", "the same"},
	{"net/ipv6/auto_flowlabels", "0", "the node leaves the flow label of what it makes zero"},
	{"net/ipv6/conf/default/addr_gen_mode", "1", "the interfaces have the addresses that the situation gives, no link-local one beside them"},
	{"net/ipv6/conf/default/accept_ra", "0", "nobody advertises; the kernel need not ask"},
	{"net/ipv6/conf/default/router_solicitations", "0", "the same"},
}

// settings are the values of the sysctls in this situation.
func (s *situation) settings() []sysctl {
	digit := func(b bool) string {
		if b {
			return "1"
		}
		return "0"
	}
	fragTime := 3600
	if s.fragTime > 0 {
		fragTime = s.fragTime
	}
	r := strings.NewReplacer("{forward}", digit(s.forward), "{sourceRoutes}", digit(s.sourceRoutes), "{fragTime}", strconv.Itoa(fragTime))
	var out []sysctl
	for _, c := range sysctls {
		c.value = r.Replace(c.value)
		out = append(out, c)
	}
	return out
}

// kernel is Linux in a namespace of its own, a TUN device for each port.
type kernel struct {
	ports   []port
	devices []*tun.Device
	serial  uint32   // of the last fence
	stat    *os.File // how many fragments wait, of IPv4
	stat6   *os.File
	buf     []byte
}

func newKernel(t *testing.T, s *situation) *kernel {
	t.Helper()
	for _, c := range s.settings() {
		testnet.Sysctl(t, c.name, c.value)
	}
	k := &kernel{ports: s.ports, buf: make([]byte, 1<<16)}
	for i, p := range s.ports {
		set := tun.Setup{Addrs: p.addrs, MTU: p.mtu}
		for _, r := range s.routes {
			if r.port == i {
				set.Routes = append(set.Routes, tun.Route{To: netip.MustParsePrefix(r.to), Via: netip.MustParseAddr(r.via)})
			}
		}
		d, err := tun.Open(p.name, set)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		k.devices = append(k.devices, d)
		if out, status := testnet.Run(t, "ip", "link", "set", p.name, "txqueuelen", "10000"); status != 0 {
			t.Fatal(out)
		}
	}
	if s.unreachable {
		for _, family := range []string{"-4", "-6"} {
			if out, status := testnet.Run(t, "ip", family, "route", "add", "unreachable", "default", "metric", "10"); status != 0 {
				t.Fatal(out)
			}
		}
	}
	for i, p := range s.ports {
		for _, a := range p.addrs {
			if a.Addr().Is6() {
				k.settle(t, i, a)
			}
		}
	}
	for i := range k.devices {
		k.fence(t, i) // and what was sent before is forgotten
	}
	k.stat, k.stat6 = open(t, "/proc/thread-self/net/sockstat"), open(t, "/proc/thread-self/net/sockstat6")
	return k
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// settle waits until the kernel has taken an IPv6 address into use, which it does
// some time after it was given it: until it answers echo requests to it.
func (k *kernel) settle(t *testing.T, i int, own netip.Prefix) {
	t.Helper()
	octets := own.Addr().As16()
	octets[15] ^= 0xf9
	ask, err := ip.Enclose6(nil, ip.Header6{HopLimit: 64, NextHeader: ip.ProtoICMPv6, Src: netip.AddrFrom16(octets), Dst: own.Addr()}, icmp6.Echo{ID: fenceID})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		err := k.devices[i].Send(ask)
		if err == nil {
			err = k.devices[i].Wait(time.Now().Add(10 * time.Millisecond))
		}
		for err == nil {
			n, ok, fault := k.devices[i].Receive(k.buf)
			if err = fault; !ok {
				break
			}
			if h, m, err := ip.Parse6(k.buf[:n]); err == nil && h.Src == own.Addr() && len(m) > 0 && icmp6.Type(m[0]) == icmp6.TypeEchoReply {
				return
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("port %s: the kernel does not take %v into use", k.ports[i].name, own)
}

// stimulate needs no clock to know that the kernel says nothing: a datagram
// that is written to a TUN device is dealt with, and what it causes is queued,
// before the write returns. So a fence is sent after the stimulus, an echo
// request on every port, and what has not come before its reply does not come.
func (k *kernel) stimulate(t *testing.T, s *stimulus) []seen {
	t.Helper()
	for _, a := range s.in {
		if err := k.devices[a.port].Send(a.octets); err != nil {
			t.Fatal(err)
		}
	}
	for s.wait && (k.waiting(t, k.stat) || k.waiting(t, k.stat6)) {
		if err := k.devices[0].Wait(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	var out []seen
	for i := range k.devices {
		out = append(out, k.fence(t, i)...)
	}
	return out
}

// waiting reports whether the kernel holds fragments.
func (k *kernel) waiting(t *testing.T, f *os.File) bool {
	t.Helper()
	b := make([]byte, 4096)
	n, _ := f.ReadAt(b, 0)
	_, after, ok := bytes.Cut(b[:n], []byte("FRAG"))
	_, after, inuse := bytes.Cut(after, []byte("inuse "))
	if !ok || !inuse {
		t.Fatalf("%s says nothing about fragments: %q", f.Name(), b[:n])
	}
	return after[0] != '0'
}

const fenceID = 0x5eed

// fence returns what left by port i before the reply to an echo request.
func (k *kernel) fence(t *testing.T, i int) []seen {
	t.Helper()
	k.serial++
	ask := icmp4.Echo{ID: fenceID, Seq: uint16(k.serial), Data: []byte{byte(k.serial >> 24), byte(k.serial >> 16), 0x5e}}
	b, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: k.ports[i].neighbour, Dst: k.ports[i].addrs[0].Addr()}, ask)
	if err == nil {
		err = k.devices[i].Send(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []seen
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		n, ok, err := k.devices[i].Receive(k.buf)
		if err == nil && !ok {
			err = k.devices[i].Wait(deadline)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		d := bytes.Clone(k.buf[:n])
		if isFence(d, ask) {
			return out
		}
		if !housekeeping(d) {
			out = append(out, seen{i, d})
		}
	}
	t.Fatalf("port %s: the kernel does not answer the fence", k.ports[i].name)
	return nil
}

func isFence(d []byte, ask icmp4.Echo) bool {
	_, payload, err := ip.Parse4(d)
	if err != nil {
		return false
	}
	m, err := icmp4.ParseEcho(payload)
	return err == nil && m.Reply && m.ID == ask.ID && m.Seq == ask.Seq && bytes.Equal(m.Data, ask.Data)
}

// housekeeping is what the kernel sends of its own accord: multicast listener
// reports.
func housekeeping(d []byte) bool {
	const report1, report2, hopByHop = 131, 143, 0
	return d[0]>>4 == 6 && len(d) > 48 && d[6] == hopByHop && d[7] == 1 && (d[48] == report1 || d[48] == report2)
}

// release is the kernel's version, "6.18".
func release(t *testing.T) string {
	t.Helper()
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	v := strings.SplitN(unix.ByteSliceToString(u.Release[:]), ".", 3)
	return strings.Join(v[:min(2, len(v))], ".")
}

// node is a node in the same situation, octets in and octets out: what
// drive.Run does over a link, port by port.
type node struct {
	*stack.Node
	now  time.Time
	wait time.Duration
}

func newNode(t *testing.T, s *situation) *node {
	t.Helper()
	unlimited := limit.Rate{Every: -1}
	c := stack.Config{
		Forward: s.forward, SourceRouting: s.sourceRoutes, UnreachableHost: s.unreachable, Probe: true, Upper: noListener{},
		Limit:      limit.Config{Prefix: unlimited, Global: unlimited},
		Reassembly: reassembly.Config{Timeout: time.Hour},
	}
	if s.fragTime > 0 {
		c.Reassembly.Timeout = time.Duration(s.fragTime) * time.Second
	}
	for _, p := range s.ports {
		c.Interfaces = append(c.Interfaces, stack.Interface{Name: p.name, Addrs: p.addrs, MTU: p.mtu, Queue: 1 << 20, Probe: true})
	}
	for _, r := range s.routes {
		hop := route.Hop{Iface: r.port, Via: netip.MustParseAddr(r.via)}
		c.Routes = append(c.Routes, route.Route{Prefix: netip.MustParsePrefix(r.to), Hops: []route.Hop{hop}})
	}
	n, err := stack.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &node{Node: n, now: time.Now(), wait: c.Reassembly.Timeout}
}

func (n *node) stimulate(_ *testing.T, s *stimulus) []seen {
	n.now = time.Now()
	for _, a := range s.in {
		n.Receive(n.now, stack.Datagram{Iface: a.port, Octets: a.octets})
	}
	if s.wait {
		n.now = n.now.Add(n.wait)
	}
	var out []seen
	for {
		b, where, ok := n.Poll(n.now, nil)
		if !ok {
			return out
		}
		out = append(out, seen{where.Iface, b})
	}
}

// noListener is a transport that has UDP and no listener, as the kernel in its
// namespace.
type noListener struct{}

func (noListener) Deliver(_ time.Time, p *stack.Packet) stack.Acceptance {
	if p.Proto != ip.ProtoUDP {
		return stack.NoProtocol
	}
	_, _, err := transport.ParseUDP(p.Payload, p.Src, p.Dst)
	switch {
	case errors.Is(err, wire.Checksum):
		return stack.BadChecksum
	case err != nil:
		return stack.Malformed
	}
	return stack.NoPort
}

func (noListener) Recognise(time.Time, *quote.Quote) stack.Standing { return stack.Unrecognised }

func (noListener) Report(time.Time, *stack.Trouble) {}
