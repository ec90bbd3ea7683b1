package lab_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/drive"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
)

var _ drive.Machine = (*lab.Port)(nil)

const lan = `
links: {lan: {delay: 1ms, outside: [10.0.0.200/24, 2001:db8::200/64]}, wan: {delay: 2ms}}
nodes:
  h: {interfaces: [{link: lan, address: 10.0.0.7/24}]}
  r:
    kind: gateway
    interfaces: [{link: lan, address: 10.0.0.1/24, address6: 2001:db8::1/64}, {link: wan, address: 10.1.0.1/24}]
  r2: {kind: gateway, interfaces: [{link: lan, address: 10.0.0.2/24}]}
  b: {interfaces: [{link: wan, address: 10.1.0.9/24}], routes: [{to: default, via: 10.1.0.1}]}
`

func port(t *testing.T, n *lab.Network, a string) *lab.Port {
	t.Helper()
	p, err := n.Port("lan", prefix(a))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPort: an outside party reaches its neighbours, and everything else through
// the first gateway, or the one that it names.
func TestPort(t *testing.T) {
	for _, tt := range []struct {
		name, dst, via string
		to             string // first hop
		rtt            time.Duration
	}{
		{"neighbour", "10.0.0.7", "", "h", 2 * time.Millisecond},
		{"gateway itself", "10.0.0.2", "", "r2", 2 * time.Millisecond},
		{"beyond", "10.1.0.9", "", "r", 6 * time.Millisecond},
		{"by another gateway", "10.1.0.9", "10.0.0.2", "r2", 2 * time.Millisecond},
	} {
		n := network(t, lan)
		p := port(t, n, "10.0.0.200/24")
		if tt.via != "" {
			p.Via(addr(tt.via))
		}
		start := n.Now().Add(time.Second)
		p.Inject(start, echo(t, "10.0.0.200", tt.dst, 64, 1))
		if d := p.Deadline(); !d.Equal(start.Add(time.Millisecond)) {
			t.Errorf("%s: due at %v", tt.name, d)
		}
		n.Run(start.Add(time.Second), nil)
		if d := p.Deadline(); !d.Equal(n.Now()) {
			t.Errorf("%s: due at %v though something waits", tt.name, d)
		}
		d, at, ok := p.Next()
		if !ok || at.Sub(start) != tt.rtt || len(d) == 0 {
			t.Errorf("%s: %v, after %v, want %v", tt.name, ok, at.Sub(start), tt.rtt)
		}
		all := records(n)
		first := 0
		for all[first].IsEvent() {
			first++
		}
		if r := all[first]; r.To != tt.to || r.Node != "10.0.0.200" || r.Link != "lan" {
			t.Errorf("%s: %s to %q over %s", tt.name, r.Node, r.To, r.Link)
		}
	}
}

// TestPortPoll is the port as a machine: nothing but Inject, Poll and Deadline.
func TestPortPoll(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	now := n.Now()
	p.Inject(now, echo(t, "10.0.0.200", "10.1.0.9", 64, 1))
	for range 100 {
		if b, ok := p.Poll(now, []byte("before")); ok {
			if string(b[:6]) != "before" || kind(t, b[6:]) != "0/0" || now.Sub(lab.Epoch) != 6*time.Millisecond {
				t.Errorf("%q after %v", b[:6], now.Sub(lab.Epoch))
			}
			if _, ok := p.Poll(now, nil); ok {
				t.Error("twice")
			}
			return
		}
		if now = p.Deadline(); now.IsZero() {
			break
		}
	}
	t.Error("nothing came")
}

func TestPort6(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "2001:db8::200/64")
	d := make([]byte, 40)
	d[0], d[6], d[7] = 0x60, 59, 64
	copy(d[8:], addr("2001:db8::200").AsSlice())
	copy(d[24:], addr("2001:db8:9::1").AsSlice())
	p.Inject(n.Now(), d)
	n.Run(n.Now().Add(time.Second), nil)
	if got := arrivals(records(n), "r"); len(got) != 1 {
		t.Errorf("%d at the gateway", len(got))
	}
	if d, _, ok := p.Next(); !ok || d[0]>>4 != 6 || d[40] != 1 {
		t.Errorf("no route: %v % x", ok, d)
	}
}

func TestPortErrors(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	for _, tt := range []struct {
		link string
		addr netip.Prefix
		want string
	}{
		{"none", prefix("10.0.0.9/24"), `no link "none"`},
		{"lan", netip.Prefix{}, "prefix length"},
		{"lan", prefix("10.0.0.7/24"), "that of h"},
		{"lan", prefix("10.1.0.9/24"), "that of b"},
		{"lan", prefix("10.0.0.200/24"), "taken"},
		{"lan", prefix("192.0.2.1/24"), "nobody there is on 192.0.2.0/24"},
	} {
		if _, err := n.Port(tt.link, tt.addr); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %v: %v", tt.link, tt.addr, err)
		}
	}
	p.Close()
	p.Close()
	p.Inject(n.Now(), echo(t, "10.0.0.200", "10.0.0.7", 64, 1))
	if n.Deadline() != (time.Time{}) {
		t.Error("a closed port sends")
	}
	p = port(t, n, "10.0.0.200/24")
	p.Inject(n.Now(), []byte{0x45, 0})
	p.Inject(n.Now(), nil)
	p.Inject(n.Now(), append([]byte{0x65}, make([]byte, 38)...))
	p.Inject(n.Now(), make([]byte, 60))
	if n.Deadline() != (time.Time{}) {
		t.Error("what has no destination is sent")
	}
	for i := range 1023 {
		a := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(1 + i/250), byte(1 + i%250)}), 8)
		if _, err := n.Port("wan", netip.PrefixFrom(a.Addr(), 8)); err == nil {
			t.Fatal("a port where nobody is")
		}
	}
}

// TestPortCount: there are only so many ports.
func TestPortCount(t *testing.T) {
	n := network(t, strings.ReplaceAll(pair("delay: 1ms"), "/24", "/8"))
	made := 0
	for i := range 2000 {
		a := netip.AddrFrom4([4]byte{10, 1, byte(i / 250), byte(1 + i%250)})
		if _, err := n.Port("wire", netip.PrefixFrom(a, 8)); err == nil {
			made++
		}
	}
	if made != 1024 {
		t.Errorf("%d ports", made)
	}
}

// TestPortRate: the link's rate holds for a port, and so does its queue.
func TestPortRate(t *testing.T) {
	n := network(t, strings.Replace(lan, "lan: {delay: 1ms,", "lan: {delay: 1ms, rate: 1Mbit, queue: 840,", 1))
	p := port(t, n, "10.0.0.200/24")
	start := n.Now()
	for i := range 30 {
		p.Inject(start, echo(t, "10.0.0.200", "10.0.0.7", 64, uint16(i)))
	}
	n.Run(start.Add(time.Second), nil)
	got := arrivals(records(n), "h")
	// One is leaving, 840 octets wait.
	if len(got) != 11 {
		t.Errorf("%d of 30 arrive", len(got))
	}
	for i, r := range got {
		if want := time.Duration(i+1)*672*time.Microsecond + time.Millisecond; r.Arrive.Sub(start) != want {
			t.Errorf("%d after %v, want %v", i, r.Arrive.Sub(start), want)
		}
	}
}

// TestPortBounds: what waits for somebody who does not read is bounded.
func TestPortBounds(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	h := host(t, n, "h")
	for i := range 5000 {
		if err := h.Node.SendDatagram(n.Now(), echo(t, "10.0.0.7", "10.0.0.200", 64, uint16(i))); err != nil {
			t.Fatal(err)
		}
		n.Run(n.Now().Add(2*time.Millisecond), nil)
	}
	if p.Dropped() != 5000-4096 {
		t.Errorf("%d dropped", p.Dropped())
	}
	for i := range 4096 {
		d, _, ok := p.Next()
		if !ok || int(d[26])<<8|int(d[27]) != i {
			t.Fatalf("datagram %d: %v", i, ok)
		}
	}
	if _, _, ok := p.Next(); ok {
		t.Error("one more")
	}
}

// TestPortTransmit: a port may have a path of its own.
func TestPortTransmit(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	p.Transmit(topology.Path{Delay: 5 * time.Millisecond})
	start := n.Now()
	p.Inject(start, echo(t, "10.0.0.200", "10.0.0.7", 64, 1))
	n.Run(start.Add(time.Second), nil)
	if _, at, ok := p.Next(); !ok || at.Sub(start) != 6*time.Millisecond {
		t.Errorf("%v after %v", ok, at.Sub(start))
	}
	p.Transmit(topology.Path{Loss: 1})
	p.Inject(n.Now(), echo(t, "10.0.0.200", "10.0.0.7", 64, 1))
	if all := records(n); all[len(all)-1].Fate != record.Lost {
		t.Error("not lost")
	}
}

// TestPortUnresolved: nobody tells a port that its neighbour is not there; it
// has not asked for it either.
func TestPortUnresolved(t *testing.T) {
	n := network(t, lan)
	p := port(t, n, "10.0.0.200/24")
	p.Inject(n.Now(), echo(t, "10.0.0.200", "10.0.0.99", 64, 1))
	if n.Deadline() != (time.Time{}) {
		t.Error("something is due")
	}
	if all := records(n); len(all) != 1 || all[0].Fate != record.Unresolved {
		t.Errorf("%+v", all)
	}
}

// TestLeftInFlight: a port that is closed with something in flight does no
// harm.
func TestLeftInFlight(t *testing.T) {
	n := network(t, strings.Replace(lan, "lan: {delay: 1ms,", "lan: {delay: 1ms, rate: 1Mbit,", 1))
	p := port(t, n, "10.0.0.200/24")
	for i := range 3 {
		p.Inject(n.Now(), echo(t, "10.0.0.200", "10.0.0.7", 64, uint16(i)))
	}
	p.Close()
	n.Run(n.Now().Add(time.Minute), nil)
	if got := len(arrivals(records(n), "h")); got != 1 {
		t.Errorf("%d had left", got)
	}
}
