package ring_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/internal/testnet"
	"github.com/sonde-net/sonde/link/ring"
	"github.com/sonde-net/sonde/probe/sweep"
	"github.com/sonde-net/sonde/probe/sweep/space"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// newRoom puts the test into a namespace, and makes a second one behind a cable: it
// has all of 10.0.0.0/8 and fd00:a::/64, and counts what comes and goes.
func newRoom(t *testing.T) (here, far *testnet.Room) {
	t.Helper()
	testnet.Need(t, "nft")
	here, far = testnet.Enter(t), testnet.NewRoom(t)
	far.Unlimited()
	const up = "sysctl -qw net.ipv6.conf.l0.accept_dad=0; ip addr add 172.30.0.%[1]d/24 dev l0; ip addr add fd00::%[1]d/64 dev l0 nodad; ip link set l0 up"
	here.Sh("ip link add l0 type veth peer name l0 netns %s", far.Path())
	here.Sh(up, 1)
	far.Sh(up, 2)
	here.Carries("l0")
	far.Carries("l0")
	far.Sh(`ip route add local 10.0.0.0/8 dev lo; ip route add local fd00:a::/64 dev lo
		nft add table inet c; nft add chain inet c in '{ type filter hook prerouting priority -400; }'; nft add chain inet c out '{ type filter hook postrouting priority 400; }'
		nft add counter inet c rx; nft add counter inet c tx
		nft add rule inet c in iifname l0 icmp type echo-request counter name rx; nft add rule inet c in iifname l0 icmpv6 type echo-request counter name rx
		nft add rule inet c out oifname l0 icmp type echo-reply counter name tx; nft add rule inet c out oifname l0 icmpv6 type echo-reply counter name tx`)
	here.Sh("ip route add 10.0.0.0/8 via 172.30.0.2; ip route add fd00:a::/64 via fd00::2")
	return here, far
}

// counted returns how many requests and replies were on the wire.
func counted(r *testnet.Room) (rx, tx string) {
	f := strings.Fields(r.Sh("nft list counters table inet c | awk '/packets/{print $2}'"))
	return f[0], f[1]
}

// faulty is what the kernel says of bad packets.
func faulty(r *testnet.Room) string {
	return r.Sh("nstat -asz IpInHdrErrors IpInAddrErrors IcmpInErrors IcmpInCsumErrors Icmp6InErrors Icmp6InCsumErrors Ip6InHdrErrors | awk '{print $1, $2}'")
}

func open(t *testing.T, e ring.Engine, c *sweep.Config) *ring.Link {
	t.Helper()
	var ranges []ring.Range
	for _, r := range c.Targets.Ranges() {
		ranges = append(ranges, ring.Range{First: r.First, Last: r.Last})
	}
	w, err := ring.Find(ranges, ring.RouteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.Src4, c.Src6 = w.Src4, w.Src6
	l, err := ring.Open(ring.Options{Way: w, Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func set(t *testing.T, texts ...string) *space.Set {
	t.Helper()
	var s space.Set
	for _, x := range texts {
		if _, err := s.Parse(x); err != nil {
			t.Fatal(err)
		}
	}
	return &s
}

// TestWire: with every engine all of a /16 and of an IPv6 prefix is found, as many
// packets are on the wire as are said to be, and none of them is faulty.
func TestWire(t *testing.T) {
	_, far := newRoom(t)
	bad := faulty(far)
	for n, e := range []ring.Engine{ring.XDP, ring.Packet, ring.Raw} {
		c := sweep.Config{Targets: set(t, "10.1.0.0/16", "fd00:a::/116"), Seed: uint64(n) + 1, Wait: 5 * time.Second}
		l := open(t, e, &c)
		if l.Engine() != e {
			t.Fatalf("%v", l.Engine())
		}
		s, err := sweep.New(c)
		if err != nil {
			t.Fatal(err)
		}
		got := uint64(0)
		err = drive.Apart(context.Background(), s, l, func(time.Time, sync.Locker) error {
			for r, ok := s.NextResult(); ok; r, ok = s.NextResult() {
				if r.Kind == sweep.Reply && r.RTT > 0 && r.TTL == 64 {
					got++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		const all = 1<<16 + 1<<12
		k, x := s.Counters(), l.Counters()
		if got != all || k.Sent != all || k.Answered != all || k.Duplicates+k.Forged+k.Unsent+k.Lost != 0 {
			t.Errorf("%v: %d results, %+v", e, got, k)
		}
		if x.Sent != all || x.Received < all || x.Dropped != 0 || x.Unsent != 0 {
			t.Errorf("%v: %+v", e, x)
		}
		want := strconv.Itoa(all * (n + 1))
		if rx, tx := counted(far); rx != want || tx != want {
			t.Errorf("%v: %s and %s on the wire, want %s", e, rx, tx, want)
		}
	}
	if now := faulty(far); now != bad {
		t.Errorf("before\n%safter\n%s", bad, now)
	}
}

// TestGone: an interface that goes away in the middle is one clear error, whatever
// the engine.
func TestGone(t *testing.T) {
	here, _ := newRoom(t)
	for _, e := range []ring.Engine{ring.XDP, ring.Packet, ring.Raw} {
		c := sweep.Config{Targets: set(t, "10.1.0.0/16"), Seed: 1, Rate: 1000}
		l := open(t, e, &c)
		s, err := sweep.New(c)
		if err != nil {
			t.Fatal(err)
		}
		down := false
		err = drive.Apart(context.Background(), s, l, func(_ time.Time, mu sync.Locker) error {
			mu.Lock()
			sent := s.Counters().Sent
			mu.Unlock()
			if sent > 100 && !down {
				down = true
				here.Sh("ip link set l0 down")
			}
			return nil
		})
		if !errors.Is(err, ring.ErrGone) || !strings.Contains(err.Error(), "ring: l0: the interface has gone, or is down") {
			t.Errorf("%v: %v", e, err)
		}
		if n := s.Counters(); n.Sent < 100 || n.Sent > 20_000 || n.Answered < 50 {
			t.Errorf("%v: %+v", e, n)
		}
		here.Sh("ip link set l0 up; ip route replace 10.0.0.0/8 via 172.30.0.2")
		here.Carries("l0")
	}
}

// TestFind: which ways an Ethernet header can be written for.
func TestFind(t *testing.T) {
	here, _ := newRoom(t)
	here.Sh("ip route add 10.7.0.0/24 via 172.30.0.9; ip route add unreachable 10.8.0.0/24; ip link add d0 type veth peer name d1; ip link set d1 up; ip addr add 192.168.7.1/24 dev d0; ip link set d0 up")
	for text, why := range map[string]string{
		"10.1.0.0/16":               "",
		"10.1.0.0/16 10.3.0.1":      "",
		"10.7.0.0/24":               "",
		"10.6.0.0-10.7.0.0":         "there is more than one next hop",
		"10.7.0.255-10.7.1.0":       "there is more than one next hop",
		"10.6.0.0-10.6.255.255":     "",
		"10.0.0.0/8":                "there is more than one next hop",
		"172.30.0.9":                "the targets are neighbours",
		"172.30.0.0/24":             "there is more than one next hop",
		"172.30.0.1":                "an address of this machine is among the targets",
		"192.168.7.0/28 10.1.0.1":   "there is more than one next hop",
		"fd00:a::/120 10.1.0.0/16":  "",
		"fd00::9":                   "the targets are neighbours",
		"fd00:a::1 192.168.7.9":     "the families have different interfaces",
		"10.1.0.0/16 192.168.200.1": "there is more than one next hop",
	} {
		var ranges []ring.Range
		for _, r := range set(t, strings.Fields(text)...).Ranges() {
			ranges = append(ranges, ring.Range{First: r.First, Last: r.Last})
		}
		w, err := ring.Find(ranges, ring.RouteOptions{})
		if err != nil || (w.Why == "") != (why == "") || why != "the families have different interfaces" && w.Why != why {
			t.Errorf("%s: %+v, %v; want %q", text, w, err, why)
		}
		if why == "" && (!w.Direct() || w.Interface != "l0" || w.MTU != 1500) {
			t.Errorf("%s: %+v", text, w)
		}
	}
	if _, err := ring.Find([]ring.Range{{First: netip.MustParseAddr("10.8.0.1"), Last: netip.MustParseAddr("10.8.0.1")}}, ring.RouteOptions{}); err == nil {
		t.Error("there is no way to 10.8.0.1")
	}
	// A gateway that does not answer: raw sockets are left.
	c := sweep.Config{Targets: set(t, "10.7.0.1")}
	if l := open(t, ring.Auto, &c); l.Engine() != ring.Raw {
		t.Error(l.Engine())
	}
}

// echo returns an echo request with a number as its sequence, the tag where
// Options.Tag says, and an identifier.
func echo(t *testing.T, w *ring.Way, dst string, tag uint32, number int) []byte {
	t.Helper()
	data := make([]byte, 16)
	binary.BigEndian.PutUint32(data[8:], tag)
	m, err := icmp4.Echo{ID: 7, Seq: uint16(number), Data: data}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: w.Src4, Dst: netip.MustParseAddr(dst)}.AppendPacket(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// replies receives echo replies until there are n, and returns how often each
// sequence number was among them.
func replies(t *testing.T, l *ring.Link, n int) map[int]int {
	t.Helper()
	got := map[int]int{}
	for end, have := time.Now().Add(20*time.Second), 0; have < n && time.Now().Before(end); {
		if _, err := l.Receive(func(_ time.Time, d []byte) {
			if len(d) > 28 && d[20] == 0 {
				got[int(binary.BigEndian.Uint16(d[26:]))]++
				have++
			}
		}); err != nil {
			t.Fatal(err)
		}
		if err := l.WaitReceive(10 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// TestLanes: with every engine, and however many lanes, each datagram leaves once,
// whole batches and what is left over, and all have left when the last Flush
// returns.
func TestLanes(t *testing.T) {
	_, far := newRoom(t)
	all := 0
	for _, e := range []ring.Engine{ring.XDP, ring.Packet, ring.Raw} {
		for _, lanes := range []int{1, 2, 3, 5} {
			w, err := ring.Find([]ring.Range{{First: netip.MustParseAddr("10.1.0.0"), Last: netip.MustParseAddr("10.1.0.9")}}, ring.RouteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			l, err := ring.Open(ring.Options{Way: w, Engine: e, Lanes: lanes})
			if err != nil {
				t.Fatal(err)
			}
			n := 7*l.Batch() + 5
			for i := range n {
				l.Queue(echo(t, &w, "10.1.0.1", 0, i))
				if i%l.Batch() != l.Batch()-1 {
					continue
				}
				if unsent, err := l.Flush(); unsent != 0 || err != nil {
					t.Fatal(e, lanes, unsent, err)
				}
			}
			if unsent, err := l.Flush(); unsent != 0 || err != nil {
				t.Fatal(e, lanes, unsent, err)
			}
			if sent := l.Counters().Sent; sent != uint64(n) {
				t.Errorf("%v, %d lanes: %d sent after the last Flush, want %d", e, lanes, sent, n)
			}
			got := replies(t, l, n)
			for i := range n {
				if got[i] != 1 {
					t.Fatalf("%v, %d lanes: %d replies to number %d of %d", e, lanes, got[i], i, n)
				}
			}
			all += n
			if rx, _ := counted(far); rx != strconv.Itoa(all) {
				t.Errorf("%v, %d lanes: %s on the wire, want %d", e, lanes, rx, all)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestConsume: replies with the tag come by the ring, and nobody else receives
// them; all others do as ever. With the link the program has gone.
func TestConsume(t *testing.T) {
	newRoom(t)
	const tag, other = 0x81c2a305, 0x81c2a304
	w, err := ring.Find([]ring.Range{{First: netip.MustParseAddr("10.1.0.0"), Last: netip.MustParseAddr("10.1.0.9")}}, ring.RouteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_ICMP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	// numbers returns the sequence numbers of what the kernel has handed on.
	numbers := func() (all []int) {
		var b [256]byte
		for {
			n, _, err := unix.Recvfrom(fd, b[:], 0)
			if err != nil {
				return all
			}
			if n > 28 && b[20] == 0 {
				all = append(all, int(binary.BigEndian.Uint16(b[26:])))
			}
		}
	}
	send := func(l *ring.Link) {
		l.Queue(echo(t, &w, "10.1.0.1", tag, 1))
		l.Queue(echo(t, &w, "10.1.0.2", other, 2))
		l.Queue(echo(t, &w, "10.1.0.3", tag, 3))
		l.Queue(echo(t, &w, "10.1.0.4", 0, 4))
		if _, err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := replies(t, l, 4); len(got) != 4 {
			t.Errorf("the ring has %v", got)
		}
	}
	for _, c := range []struct {
		tag  uint32
		want []int
	}{{tag, []int{2, 4}}, {0, []int{1, 2, 3, 4}}} {
		l, err := ring.Open(ring.Options{Way: w, Tag: c.tag})
		if err != nil {
			t.Fatal(err)
		}
		send(l)
		if out, status := testnet.Run(t, "ping", "-c2", "-i0.01", "-w5", "10.1.0.5"); status != 0 {
			t.Errorf("ping beside it: status %d\n%s", status, out)
		}
		got := slices.DeleteFunc(numbers(), func(n int) bool { return n > 4 })
		slices.Sort(got)
		// ping has the numbers 1 and 2.
		for _, n := range []int{1, 2} {
			if i := slices.Index(got, n); i >= 0 {
				got = slices.Delete(got, i, i+1)
			} else {
				t.Errorf("tag %x: the reply %d to ping is not there", c.tag, n)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("tag %x: the kernel has handed on %v, want %v", c.tag, got, c.want)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
