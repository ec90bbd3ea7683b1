package ring_test

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/ring"
)

// TestThrown: what a device throws away for want of room is unsent, not sent, and
// each datagram is one of the two.
func TestThrown(t *testing.T) {
	here := testnet.Enter(t)
	testnet.Need(t, "ip")
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		testnet.Missing(t, "/dev/net/tun: "+err.Error())
	}
	defer func() { _ = unix.Close(fd) }()
	r, err := unix.NewIfreq("t0")
	if err == nil {
		r.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, r)
	}
	if err != nil {
		t.Fatal(err)
	}
	// Nobody reads from the device, and IPv6 says nothing by itself: there is room
	// for as many frames as its queue has.
	const room = 4
	here.Sh("sysctl -qw net.ipv6.conf.t0.disable_ipv6=1; ip link set t0 txqueuelen %d address 02:00:00:00:00:01; ip addr add 172.30.9.1/24 dev t0; ip link set t0 up; ip neigh add 172.30.9.2 lladdr 02:00:00:00:00:02 dev t0 nud permanent; ip route add 10.0.0.0/8 via 172.30.9.2", room)
	w, err := ring.Find([]ring.Range{{First: netip.MustParseAddr("10.1.0.0"), Last: netip.MustParseAddr("10.1.0.9")}}, ring.RouteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ring.Open(ring.Options{Way: w, Engine: ring.XDP, Lanes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	const all = 20
	for i := range all {
		l.Queue(echo(t, &w, "10.1.0.1", 0, i))
	}
	unsent, err := l.Flush()
	c := l.Counters()
	if err != nil || unsent != all-room || c.Sent != room || c.Unsent != all-room {
		t.Errorf("%v: %d of %d unsent, %+v; want %d sent", err, unsent, all, c, room)
	}
}

// TestBeside: what ends at the entrance for a link is still received by another that
// has the same tag and no program of its own.
func TestBeside(t *testing.T) {
	newRoom(t)
	const tag = 0x81c2a305
	w, err := ring.Find([]ring.Range{{First: netip.MustParseAddr("10.1.0.0"), Last: netip.MustParseAddr("10.1.0.9")}}, ring.RouteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	without := w
	without.Src4 = netip.Addr{} // a program has to know it
	var links []*ring.Link
	for _, x := range []ring.Way{w, without} {
		l, err := ring.Open(ring.Options{Way: x, Tag: tag})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		links = append(links, l)
	}
	links[1].Queue(echo(t, &w, "10.1.0.1", tag, 1))
	if _, err := links[1].Flush(); err != nil {
		t.Fatal(err)
	}
	for i, l := range links {
		if got := replies(t, l, 1); got[1] != 1 {
			t.Errorf("link %d has received %v", i, got)
		}
	}
}
