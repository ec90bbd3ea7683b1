//go:build linux

package testnet

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// A Room is a network namespace of a test: the one that [Enter] has made, or one
// beside it. It is held by nothing but open files of this process, so that it is
// gone with the test, and with the process, however that ends.
type Room struct {
	t  testing.TB
	ns netns.NsHandle
	nl *netlink.Handle
}

// NewRoom makes a room beside the one that the test is in, with loopback up. The
// test stays where it is. Without the privilege the test is skipped, or fails, as
// by [Enter].
func NewRoom(t testing.TB) *Room {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := netns.Get()
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	ns, err := netns.New()
	if back := netns.Set(before); back != nil {
		runtime.LockOSThread() // for good: this thread is lost
		t.Fatal(back)
	}
	if err != nil {
		Missing(t, "network namespaces: "+err.Error())
	}
	return room(t, ns)
}

// room is the room of a handle, which it closes when the test ends.
func room(t testing.TB, ns netns.NsHandle) *Room {
	t.Helper()
	t.Cleanup(func() { _ = ns.Close() })
	nl, err := netlink.NewHandleAt(ns, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nl.Close)
	r := &Room{t: t, ns: ns, nl: nl}
	lo, err := nl.LinkByName("lo")
	if err == nil {
		err = nl.LinkSetUp(lo)
	}
	if err != nil {
		t.Fatalf("loopback: %v", err)
	}
	return r
}

// Path is where other programs find the room: "ip link set dev x netns PATH",
// "nsenter --net=PATH".
func (r *Room) Path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(r.ns)) }

// Do calls f in the room. The goroutine is moved there and back; goroutines that f
// starts are not in it, and sockets that f opens stay in it.
func (r *Room) Do(f func()) {
	r.t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := netns.Get()
	if err != nil {
		r.t.Fatal(err)
	}
	defer before.Close()
	if err := netns.Set(r.ns); err != nil {
		r.t.Fatal(err)
	}
	defer func() {
		if err := netns.Set(before); err != nil {
			runtime.LockOSThread() // for good: this thread is lost
			r.t.Fatal(err)
		}
	}()
	f()
}

// Run runs a command in the room, as [Run] does in the test's own.
func (r *Room) Run(name string, args ...string) (out string, status int) {
	r.t.Helper()
	r.Do(func() { out, status = Run(r.t, name, args...) })
	return out, status
}

// Sh runs shell commands in the room and returns what they print. The first that
// fails ends the test.
func (r *Room) Sh(format string, args ...any) string {
	r.t.Helper()
	script := fmt.Sprintf(format, args...)
	out, status := r.Run("sh", "-ec", script)
	if status != 0 {
		r.t.Fatalf("%s: status %d\n%s", script, status, out)
	}
	return out
}

// Sysctl sets a kernel variable of the room, as [Sysctl] does.
func (r *Room) Sysctl(name, value string) {
	r.t.Helper()
	r.Do(func() { Sysctl(r.t, name, value) })
}

// Forward has the room forward datagrams of both families.
func (r *Room) Forward() {
	r.t.Helper()
	r.Sysctl("net/ipv4/ip_forward", "1")
	r.Sysctl("net/ipv6/conf/all/forwarding", "1")
}

// Unlimited lifts the limits on the ICMP messages that the room's kernel sends.
func (r *Room) Unlimited() {
	r.t.Helper()
	for name, value := range map[string]string{"net/ipv4/icmp_ratelimit": "0", "net/ipv4/icmp_ratemask": "0", "net/ipv6/icmp/ratelimit": "0"} {
		r.Sysctl(name, value)
	}
	// Some kernels have these for all namespaces together, where a test leaves them
	// alone; with the mask they say nothing about errors.
	r.Do(func() {
		for _, name := range []string{"icmp_msgs_per_sec", "icmp_msgs_burst"} {
			if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte("2000000000"), 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
				r.t.Fatal(err)
			}
		}
	})
}

// Join joins two rooms by link n. Its end in a is interface lN, 10.0.N.1/24 and
// fd00:N::1/64, that in b kN, 10.0.N.2/24 and fd00:N::2/64; N is hexadecimal in an
// IPv6 address. When Join returns both ends carry. n is at most 255.
func Join(a, b *Room, n int) {
	a.t.Helper()
	near, far := fmt.Sprintf("l%d", n), fmt.Sprintf("k%d", n)
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: near}, PeerName: far, PeerNamespace: netlink.NsFd(b.ns)}
	if err := a.nl.LinkAdd(veth); err != nil {
		a.t.Fatalf("link %d: %v", n, err)
	}
	// Nobody else is on the link who could have the same address.
	a.Sysctl("net/ipv6/conf/"+near+"/accept_dad", "0")
	b.Sysctl("net/ipv6/conf/"+far+"/accept_dad", "0")
	a.interfaceUp(near, byte(n), 1)
	b.interfaceUp(far, byte(n), 2)
	a.Carries(near)
	b.Carries(far)
}

// pair are the addresses of end 1 or 2 of link n.
func pair(n, end byte) (v4, v6 net.IP) {
	return net.IP{10, 0, n, end}, net.IP{0: 0xfd, 3: n, 15: end}
}

// interfaceUp gives an interface its addresses.
func (r *Room) interfaceUp(name string, n, end byte) {
	r.t.Helper()
	v4, v6 := pair(n, end)
	l, err := r.nl.LinkByName(name)
	if err == nil {
		err = errors.Join(
			r.nl.AddrAdd(l, &netlink.Addr{IPNet: &net.IPNet{IP: v4, Mask: net.CIDRMask(24, 32)}}),
			r.nl.AddrAdd(l, &netlink.Addr{IPNet: &net.IPNet{IP: v6, Mask: net.CIDRMask(64, 128)}, Flags: unix.IFA_F_NODAD}),
			r.nl.LinkSetUp(l),
		)
	}
	if err != nil {
		r.t.Fatalf("%s: %v", name, err)
	}
}

// Carries returns when the kernel has seen that an interface is up, which it does
// in its own time, and has all its addresses in use, the link-local one that it
// chooses among them. What is sent before is lost, or waits for a second. With
// accept_dad being 0 there is little to wait for, and with disable_ipv6 being 1 no
// address.
func (r *Room) Carries(name string) {
	r.t.Helper()
	var without []byte
	r.Do(func() { without, _ = os.ReadFile("/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6") })
	need := string(without) == "0\n"
	for begin := time.Now(); ; runtime.Gosched() {
		l, err := r.nl.LinkByName(name)
		if err != nil {
			r.t.Fatalf("%s: %v", name, err)
		}
		addrs, err := r.nl.AddrList(l, netlink.FAMILY_V6)
		if err != nil {
			r.t.Fatalf("%s: %v", name, err)
		}
		waiting := func(a netlink.Addr) bool { return a.Flags&unix.IFA_F_TENTATIVE != 0 }
		local := func(a netlink.Addr) bool { return a.IP.IsLinkLocalUnicast() }
		used := !need || slices.ContainsFunc(addrs, local) && !slices.ContainsFunc(addrs, waiting)
		if l.Attrs().OperState == netlink.OperUp && used {
			return
		}
		if time.Since(begin) > limit {
			r.t.Fatalf("%s does not carry: %v, %v", name, l.Attrs().OperState, addrs)
		}
	}
}

// route leads to the networks of link n by end of link by.
func (r *Room) route(n, by, end byte) {
	r.t.Helper()
	net4, net6 := pair(n, 0)
	via4, via6 := pair(by, end)
	err := errors.Join(
		r.nl.RouteAdd(&netlink.Route{Dst: &net.IPNet{IP: net4, Mask: net.CIDRMask(24, 32)}, Gw: via4}),
		r.nl.RouteAdd(&netlink.Route{Dst: &net.IPNet{IP: net6, Mask: net.CIDRMask(64, 128)}, Gw: via6}),
	)
	if err != nil {
		r.t.Fatalf("route to net %d: %v", n, err)
	}
}

// Chain moves the test into a room, as [Enter] does, and makes routers in a row and
// a host behind the last of them:
//
//	test 10.0.0.1 - .2 router 1 10.0.1.1 - … .2 router n 10.0.n.1 - .2 host
//
// Rooms, links and addresses are as of [Join], in both families: room 0 is the
// test's, link i is between room i and room i+1, hop i has 10.0.(i-1).2. Both ends
// have a default route; routers know the way to the networks of the first and the
// last link, and no other.
func Chain(t testing.TB, routers int) []*Room {
	t.Helper()
	all := []*Room{Enter(t)}
	for i := range routers + 1 {
		next := NewRoom(t)
		if i < routers {
			next.Forward()
		}
		all = append(all, next)
		Join(all[i], next, i)
	}
	far := byte(routers)
	all[0].defaultBy(0, 2)
	all[routers+1].defaultBy(far, 1)
	for i := byte(1); i <= far; i++ {
		if i > 1 {
			all[i].route(0, i-1, 1)
		}
		if i < far {
			all[i].route(far, i, 2)
		}
	}
	return all
}

// defaultBy leads everywhere by an end of a link.
func (r *Room) defaultBy(by, end byte) {
	r.t.Helper()
	via4, via6 := pair(by, end)
	err := errors.Join(
		r.nl.RouteAdd(&netlink.Route{Dst: &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, Gw: via4}),
		r.nl.RouteAdd(&netlink.Route{Dst: &net.IPNet{IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}, Gw: via6}),
	)
	if err != nil {
		r.t.Fatalf("default route: %v", err)
	}
}
