package lab_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/stack/endpoint"
	"github.com/sonde-net/sonde/stack/event"
	"github.com/sonde-net/sonde/wire/ip"
)

// TestICMPDelay: a slow router takes its time for what it makes itself, in turn
// from the list, and none for what it forwards. These are the times of the third
// hop of the traceroute from Carnegie Mellon to the MIT.
func TestICMPDelay(t *testing.T) {
	want := []time.Duration{44844 * time.Microsecond, 199384 * time.Microsecond, 5931 * time.Microsecond}
	n := network(t, line(2, map[int]string{2: "icmp_delay: [40.844ms, 195.384ms, 1.931ms]"}))
	for i, w := range append(want, want[0]) {
		start := n.Now()
		send(t, n, "a", echo(t, "10.0.0.10", "10.0.2.10", 2, uint16(i)))
		send(t, n, "a", echo(t, "10.0.0.10", "10.0.2.10", 64, uint16(i)))
		n.Run(start.Add(time.Second), nil)
		got := arrivals(records(n), "a")
		if len(got) != 2 {
			t.Fatalf("%d answers", len(got))
		}
		for _, r := range got {
			rtt, k := r.Arrive.Sub(start), kind(t, r.Octets)
			if k == "11/0" && rtt != w || k == "0/0" && rtt != 6*time.Millisecond {
				t.Errorf("probe %d: %s after %v, want %v", i, k, rtt, w)
			}
		}
	}
}

// TestICMPJitter: it is there, within its bounds, and the same for one seed.
func TestICMPJitter(t *testing.T) {
	run := func() (out []time.Duration) {
		n := network(t, strings.Replace(pair("delay: 1ms"), "10.0.0.2/24}]", "10.0.0.2/24}], icmp_jitter: 3ms", 1))
		for i := range 50 {
			start := n.Now()
			send(t, n, "a", echo(t, "10.0.0.1", "10.0.0.2", 64, uint16(i)))
			n.Run(start.Add(time.Second), nil)
			out = append(out, arrivals(records(n), "a")[0].Arrive.Sub(start))
		}
		return out
	}
	first := run()
	seen := map[time.Duration]bool{}
	for i, d := range run() {
		if d != first[i] || d < 2*time.Millisecond || d > 5*time.Millisecond {
			t.Errorf("echo %d: %v, then %v", i, first[i], d)
		}
		seen[d] = true
	}
	if len(seen) < 40 {
		t.Errorf("%d different times of 50", len(seen))
	}
}

// TestFragmentedReply: the fragments of one reply take the same time.
func TestFragmentedReply(t *testing.T) {
	n := network(t, strings.Replace(pair("delay: 1ms, mtu: 576"), "10.0.0.2/24}]", "10.0.0.2/24}], icmp_delay: [10ms, 20ms]", 1))
	d := append(echo(t, "10.0.0.1", "10.0.0.2", 64, 1), make([]byte, 1000)...)
	d[2], d[3] = byte(len(d)>>8), byte(len(d))
	reseal(d)
	sum(d[20:])
	start := n.Now()
	send(t, n, "a", d)
	n.Run(start.Add(time.Second), nil)
	got := arrivals(records(n), "a")
	if len(got) != 2 {
		t.Fatalf("%d fragments came", len(got))
	}
	for _, r := range got {
		if r.Arrive.Sub(start) != 12*time.Millisecond {
			t.Errorf("a fragment after %v", r.Arrive.Sub(start))
		}
	}
}

// diamond has two equal ways from r0 to r3.
func diamond(choice string) string {
	return fmt.Sprintf(`
links: {la: {delay: 1ms}, u1: {delay: 1ms}, u2: {delay: 1ms}, d1: {delay: 1ms}, d2: {delay: 1ms}, lb: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: la, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r0:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: la, address: 10.0.0.1/24}, {link: u1, address: 10.1.0.1/24}, {link: u2, address: 10.2.0.1/24}]
    routes: [{to: 10.9.0.0/16, via: [10.1.0.2, 10.2.0.2], choice: %s}]
  r1:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: u1, address: 10.1.0.2/24}, {link: d1, address: 10.3.0.1/24}]
    routes: [{to: 10.0.0.0/24, via: 10.1.0.1}, {to: 10.9.0.0/16, via: 10.3.0.2}]
  r2:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: u2, address: 10.2.0.2/24}, {link: d2, address: 10.4.0.1/24}]
    routes: [{to: 10.0.0.0/24, via: 10.2.0.1}, {to: 10.9.0.0/16, via: 10.4.0.2}]
  r3:
    kind: gateway
    interfaces: [{link: d1, address: 10.3.0.2/24}, {link: d2, address: 10.4.0.2/24}, {link: lb, address: 10.9.0.1/24}]
    routes: [{to: 10.0.0.0/8, via: 10.3.0.1}]
  b: {interfaces: [{link: lb, address: 10.9.0.10/24}], routes: [{to: default, via: 10.9.0.1}], listen: [{udp: 9}]}
`, choice)
}

// TestECMP: equal ways are chosen by flow, by pair of hosts, or by packet
// (G-11).
func TestECMP(t *testing.T) {
	conform.Row(t, "G-11")
	for _, tt := range []struct {
		choice     string
		sameFlow   int // ways that 32 datagrams of one flow take
		otherFlows int // … of 32 flows between two hosts
	}{{"flow", 1, 2}, {"pair", 1, 1}, {"packet", 2, 2}} {
		ways := func(port func(i int) uint16) int {
			n := network(t, diamond(tt.choice))
			s, err := host(t, n, "a").Endpoint.Listen(40_000)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 32 {
				dst := netip.AddrPortFrom(addr("10.9.0.10"), port(i))
				if err := s.SendTo(n.Now(), dst, nil, endpoint.Options{}); err != nil {
					t.Fatal(err)
				}
				n.Run(n.Now().Add(time.Second), nil)
			}
			seen := map[string]int{}
			for _, r := range records(n) {
				if !r.IsEvent() && r.To == "r3" && r.Node != "b" {
					seen[r.Node]++
				}
			}
			if seen["r1"]+seen["r2"] != 32 {
				t.Errorf("%s: %v", tt.choice, seen)
			}
			if tt.choice == "packet" && seen["r1"] != 16 {
				t.Errorf("by packet not in turn: %v", seen)
			}
			return len(seen)
		}
		if got := ways(func(int) uint16 { return 33434 }); got != tt.sameFlow {
			t.Errorf("%s: one flow takes %d ways", tt.choice, got)
		}
		if got := ways(func(i int) uint16 { return uint16(33434 + i) }); got != tt.otherFlows {
			t.Errorf("%s: 32 flows take %d ways", tt.choice, got)
		}
	}
}

// TestRoutingLoop: two gateways that send a datagram to each other do so until
// its time runs out (G-01).
func TestRoutingLoop(t *testing.T) {
	conform.Row(t, "G-01")
	n := network(t, `
links: {lan: {delay: 1ms}, loop: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r1:
    kind: gateway
    interfaces: [{link: lan, address: 10.0.0.1/24}, {link: loop, address: 10.1.0.1/24}]
    routes: [{to: default, via: 10.1.0.2}]
  r2: {kind: gateway, interfaces: [{link: loop, address: 10.1.0.2/24}], routes: [{to: default, via: 10.1.0.1}]}
`)
	send(t, n, "a", echo(t, "10.0.0.10", "192.0.2.1", 16, 1))
	n.Run(n.Now().Add(time.Second), nil)
	all := records(n)
	looped := count(all, func(r record.Record) bool { return r.Link == "loop" && r.Origin.Kind == event.Forward })
	if looped != 15 {
		t.Errorf("went round %d times, want 15", looped)
	}
	if got := arrivals(all, "a"); len(got) != 1 || kind(t, got[0].Octets) != "11/0" {
		t.Errorf("%d answers", len(got))
	}
}

// TestFilter: the first rule that fits decides, and says what it is told to
// (G-04).
func TestFilter(t *testing.T) {
	conform.Row(t, "G-04")
	n := network(t, `
links: {lan: {delay: 1ms}, wan: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}
  r:
    kind: gateway
    limit: {off: true}
    interfaces: [{link: lan, address: 10.0.0.1/24, name: in}, {link: wan, address: 10.1.0.1/24, name: out}]
    filter:
      - {in: out, action: accept}
      - {proto: udp, port: 53, action: accept}
      - {proto: udp, port: 54, action: reject, with: 3/9}
      - {proto: udp, port: 55, to: 10.1.0.0/24, from: 10.0.0.0/24, out: out, action: reject, with: 3/10}
      - {proto: udp, port: 56, action: drop}
      - {proto: udp, port: 57, to: 10.9.0.0/24, action: drop}
      - {proto: udp, port: 57, from: 10.9.0.0/24, action: drop}
      - {proto: udp, port: 57, out: in, action: drop}
      - {proto: icmp, icmp: 8/0, action: accept}
      - {proto: icmp, icmp: 13, action: drop}
      - {action: reject}
  b: {interfaces: [{link: wan, address: 10.1.0.10/24}], routes: [{to: default, via: 10.1.0.1}], limit: {off: true}}
`)
	s, err := host(t, n, "a").Endpoint.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		port uint16
		want string
	}{{53, "3/3"}, {54, "3/9"}, {55, "3/10"}, {56, ""}, {57, "3/13"}} {
		if err := s.SendTo(n.Now(), netip.AddrPortFrom(addr("10.1.0.10"), tt.port), nil, endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		for _, r := range arrivals(records(n), "a") {
			got += kind(t, r.Octets)
		}
		if got != tt.want {
			t.Errorf("port %d: %q, want %q", tt.port, got, tt.want)
		}
	}
	// Two octets are enough for type and code, four for the ports; what ends
	// before has none.
	for _, tt := range []struct {
		proto   ip.Proto
		payload []byte
		want    string // proto of the quoted datagram, "": it has passed or was dropped
	}{
		{ip.ProtoICMP, []byte{13, 0}, ""},
		{ip.ProtoICMP, []byte{13}, "3/13"},
		{ip.ProtoUDP, []byte{0, 1, 0, 56}, ""},
		{ip.ProtoUDP, []byte{0, 1, 0}, "3/13"},
	} {
		d, err := ip.Header4{
			TTL: 64, Proto: tt.proto, Src: addr("10.0.0.10"), Dst: addr("10.1.0.10"),
		}.AppendPacket(nil, tt.payload)
		if err != nil {
			t.Fatal(err)
		}
		send(t, n, "a", d)
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		for _, r := range arrivals(records(n), "a") {
			got += kind(t, r.Octets)
		}
		if got != tt.want {
			t.Errorf("%v % x: %q, want %q", tt.proto, tt.payload, got, tt.want)
		}
	}
	for _, tt := range []struct {
		typ, code byte
		want      string
	}{{8, 0, "0/0"}, {8, 1, "3/13"}, {13, 0, ""}, {13, 5, ""}, {15, 0, "3/13"}} {
		d := echo(t, "10.0.0.10", "10.1.0.10", 64, 1)
		d[20], d[21] = tt.typ, tt.code
		sum(d[20:])
		send(t, n, "a", d)
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		for _, r := range arrivals(records(n), "a") {
			got += kind(t, r.Octets)
		}
		if got != tt.want {
			t.Errorf("ICMP %d/%d: %q, want %q", tt.typ, tt.code, got, tt.want)
		}
	}
}

// TestNAT: a host behind a translating gateway hears about its own datagram,
// quoted as it sent it (G-13).
func TestNAT(t *testing.T) {
	conform.Row(t, "G-13")
	n := network(t, `
links: {lan: {delay: 1ms}, wan: {delay: 1ms}}
nodes:
  a: {interfaces: [{link: lan, address: 192.168.0.10/24}], routes: [{to: default, via: 192.168.0.1}]}
  r:
    kind: gateway
    interfaces:
      - {link: lan, address: 192.168.0.1/24}
      - {link: wan, address: 203.0.113.1/24, nat: {inside: [192.168.0.0/24]}}
  b: {interfaces: [{link: wan, address: 203.0.113.9/24}]}
`)
	h := host(t, n, "a")
	s, err := h.Endpoint.Listen(5000)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendTo(n.Now(), addrPort("203.0.113.9:99"), nil, endpoint.Options{}); err != nil {
		t.Fatal(err)
	}
	n.Run(n.Now().Add(time.Second), nil)
	for _, r := range records(n) {
		if r.IsEvent() || r.Link != "wan" || r.Node != "r" {
			continue
		}
		if hd, _, err := ip.Parse4(r.Octets); err != nil || hd.Src != addr("203.0.113.1") {
			t.Errorf("outside it comes from %v: %v", hd.Src, err)
		}
	}
	e, ok := s.NextTrouble()
	if !ok || e.Quote.SrcPort != 5000 || e.Quote.Src != addr("192.168.0.10") || e.From != addr("203.0.113.9") {
		t.Errorf("trouble: %v, %+v", ok, e)
	}
}

// TestListen: an echo service answers, a silent one does not, and neither is
// unreachable.
func TestListen(t *testing.T) {
	n := network(t, strings.Replace(pair("delay: 1ms"), "10.0.0.2/24}]",
		"10.0.0.2/24}], listen: [{udp: 7, answer: echo}, {udp: 9}, {tcp: 80, rate: 80kbit}]", 1))
	s, err := host(t, n, "a").Endpoint.Listen(5000)
	if err != nil {
		t.Fatal(err)
	}
	low, err := host(t, n, "a").Endpoint.Listen(1023)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from *endpoint.UDP
		to   string
		want string
	}{
		{s, "10.0.0.2:7", "answer"},
		{low, "10.0.0.2:7", ""},
		{s, "10.0.0.255:7", ""},
		{s, "10.0.0.2:9", ""},
		{s, "10.0.0.2:10", "error"},
	} {
		if err := tt.from.SendTo(n.Now(), addrPort(tt.to), []byte("hello"), endpoint.Options{}); err != nil {
			t.Fatal(err)
		}
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		if d, ok := tt.from.Receive(); ok && string(d.Payload) == "hello" && d.Src == addrPort(tt.to) {
			got = "answer"
		}
		if _, ok := tt.from.NextTrouble(); ok {
			got += "error"
		}
		if got != tt.want {
			t.Errorf("%d to %s: %q, want %q", tt.from.Port(), tt.to, got, tt.want)
		}
	}
	c, err := host(t, n, "a").TCP.Connect(n.Now(), addrPort("10.0.0.2:80"), 5000)
	if err != nil {
		t.Fatal(err)
	}
	n.Run(n.Now().Add(10*time.Second), nil)
	if st := c.Stats(); st.Acked < 40_000 || st.Acked > 50_000 {
		t.Errorf("%d octets in 10 s at 5,000 a second", st.Acked)
	}
}

// TestManners: what the file says about a node arrives at its configuration;
// each by what it changes.
func TestManners(t *testing.T) {
	for _, tt := range []struct {
		manner string
		typ    byte   // of a query to b
		dst    string // "": b
		want   string
	}{
		{"", 8, "", "0/0"},
		{"echo: false", 8, "", ""},
		{"echo: true", 8, "", "0/0"},
		{"", 13, "", "14/0"},
		{"timestamp: false", 13, "", ""},
		{"", 15, "", ""},
		{"information: true", 15, "", "16/0"},
		{"", 17, "", ""},
		{"", 8, "10.0.0.255", ""},
		{"answer_broadcast: true", 8, "10.0.0.255", "0/0"},
	} {
		m := ""
		if tt.manner != "" {
			m = ", " + tt.manner
		}
		n := network(t, strings.Replace(pair("delay: 1ms"), "10.0.0.2/24}]", "10.0.0.2/24}]"+m, 1))
		dst := tt.dst
		if dst == "" {
			dst = "10.0.0.2"
		}
		d := echo(t, "10.0.0.1", dst, 64, 1)
		d[20] = tt.typ
		sum(d[20:])
		send(t, n, "a", d)
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		for _, r := range arrivals(records(n), "a") {
			got += kind(t, r.Octets)
		}
		if got != tt.want {
			t.Errorf("%q, type %d: %q, want %q", tt.manner, tt.typ, got, tt.want)
		}
	}
}

// TestGatewayManners: the same for gateways, by what a traceroute sees.
func TestGatewayManners(t *testing.T) {
	for _, tt := range []struct {
		manner, dst string
		ttl         ip.TTL
		want        string
		rest        func(d []byte) bool
	}{
		{"ttl: 77", "10.0.1.10", 1, "11/0", func(d []byte) bool { return d[8] == 77 }},
		{"silent: true", "10.0.1.10", 1, "", nil},
		{"hidden: true", "10.0.1.10", 1, "0/0", nil},
		{"quote: 8", "10.0.1.10", 1, "11/0", func(d []byte) bool { return len(d) == 20+8+20+8 }},
		{"interface_info: true", "10.0.1.10", 1, "11/0", func(d []byte) bool { return len(d) > 20+8+128 }},
		{"limit: {each: {every: 1h, burst: 1}}", "10.0.1.10", 1, "11/0", nil},
	} {
		n := network(t, line(1, map[int]string{1: tt.manner}))
		send(t, n, "a", echo(t, "10.0.0.10", tt.dst, tt.ttl, 1))
		n.Run(n.Now().Add(time.Second), nil)
		got := ""
		for _, r := range arrivals(records(n), "a") {
			got += kind(t, r.Octets)
			if tt.rest != nil && !tt.rest(r.Octets) {
				t.Errorf("%q: % x", tt.manner, r.Octets)
			}
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.manner, got, tt.want)
		}
	}
	for _, tt := range []struct{ manner, want string }{{"no_route: net", "3/0"}, {"no_route: host", "3/1"}, {"ttl: 9", "3/0"}} {
		n := network(t, strings.Replace(line(1, map[int]string{1: tt.manner}), "routes: [{to: default, via: 10.0.1.10}]", "routes: []", 1))
		send(t, n, "a", echo(t, "10.0.0.10", "192.0.2.1", 64, 1))
		n.Run(n.Now().Add(time.Second), nil)
		if got := arrivals(records(n), "a"); len(got) != 1 || kind(t, got[0].Octets) != tt.want {
			t.Errorf("%q: %d errors", tt.manner, len(got))
		}
	}
	// The limiter holds back the second error, and with off holds back nothing.
	for _, tt := range []struct {
		manner string
		want   int
	}{{"limit: {each: {every: 1h, burst: 1}}", 1}, {"limit: {off: true}", 40}, {"limit: {all: {every: 1h, burst: 4}, each: {every: 1ns}}", 4}} {
		n := network(t, line(1, map[int]string{1: tt.manner}))
		for i := range 40 {
			send(t, n, "a", echo(t, "10.0.0.10", "10.0.1.10", 1, uint16(i)))
		}
		n.Run(n.Now().Add(time.Second), nil)
		if got := len(arrivals(records(n), "a")); got > tt.want || got < tt.want-3 || got == 0 {
			t.Errorf("%q: %d errors, want %d", tt.manner, got, tt.want)
		}
	}
}

// TestClockManner: a wrong clock tells the wrong time.
func TestClockManner(t *testing.T) {
	for _, tt := range []struct {
		clock string
		want  uint32
	}{
		{"{}", 12 * 3600_000},
		{"{offset: 1h}", 13 * 3600_000},
		{"{offset: -1h}", 11 * 3600_000},
		{"{unit: seconds}", 1767268800},
		{"{swapped: true}", 0x002e9302},
	} {
		n := network(t, strings.Replace(pair("delay: 1us"), "10.0.0.2/24}]", "10.0.0.2/24}], clock: "+tt.clock, 1))
		d := echo(t, "10.0.0.1", "10.0.0.2", 64, 1)
		d[20] = 13
		sum(d[20:])
		send(t, n, "a", d)
		n.Run(n.Now().Add(time.Second), nil)
		m := arrivals(records(n), "a")[0].Octets[20:]
		if got := uint32(m[12])<<24 | uint32(m[13])<<16 | uint32(m[14])<<8 | uint32(m[15]); got != tt.want {
			t.Errorf("%s: %d (%#x), want %d", tt.clock, got, got, tt.want)
		}
	}
}

// TestBadTopology: what no file says, because Parse refuses it, is an error
// here.
func TestBadTopology(t *testing.T) {
	top := parse(t, strings.Replace(pair("delay: 1ms"), "10.0.0.1/24}]", "10.0.0.1/24, advertise: {on: true, max: 4s}}], kind: gateway", 1))
	top.Nodes[0].Interfaces[0].Advertise.Min = 20 * time.Second
	if _, err := lab.New(top, lab.Options{}); err == nil || !strings.Contains(err.Error(), "node a") || !strings.Contains(err.Error(), "Advertise") {
		t.Errorf("%v", err)
	}
}
