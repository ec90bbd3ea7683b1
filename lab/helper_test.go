package lab_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sonde-net/sonde/lab"
	"github.com/sonde-net/sonde/lab/record"
	"github.com/sonde-net/sonde/lab/topology"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// parse reads a topology that is written in a test.
func parse(tb testing.TB, text string) *topology.Topology {
	tb.Helper()
	t, err := topology.Parse("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// network makes a network with records on.
func network(tb testing.TB, text string) *lab.Network {
	tb.Helper()
	n, err := lab.New(parse(tb, text), lab.Options{Records: 10_000})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func host(tb testing.TB, n *lab.Network, name string) *lab.Host {
	tb.Helper()
	h, ok := n.Host(name)
	if !ok {
		tb.Fatalf("no host %q", name)
	}
	return h
}

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// pair is two hosts on a link, whose keys are given.
func pair(link string) string {
	return fmt.Sprintf(`
links: {wire: {%s}}
nodes:
  a: {interfaces: [{link: wire, address: 10.0.0.1/24}], limit: {off: true}}
  b: {interfaces: [{link: wire, address: 10.0.0.2/24}], limit: {off: true}}
`, link)
}

// line is hosts a and b with a row of gateways between them, on links of 1 ms.
// manners are what is said about gateways, by their number from 1 on.
func line(gateways int, manners map[int]string) string {
	var b strings.Builder
	b.WriteString("links:\n")
	for i := range gateways + 1 {
		fmt.Fprintf(&b, "  l%d: {delay: 1ms}\n", i)
	}
	b.WriteString("nodes:\n")
	fmt.Fprintf(&b, "  a: {interfaces: [{link: l0, address: 10.0.0.10/24}], routes: [{to: default, via: 10.0.0.1}]}\n")
	for i := 1; i <= gateways; i++ {
		next := fmt.Sprintf("10.0.%d.1", i)
		if i == gateways {
			next = fmt.Sprintf("10.0.%d.10", i)
		}
		fmt.Fprintf(&b, "  r%d:\n    kind: gateway\n", i)
		if m := manners[i]; m != "" {
			fmt.Fprintf(&b, "    %s\n", m)
		}
		back := ""
		if i > 1 {
			back = fmt.Sprintf("{to: 10.0.0.0/24, via: 10.0.%d.2}, ", i-1)
		}
		fmt.Fprintf(&b, "    interfaces: [{link: l%d, address: 10.0.%d.1/24}, {link: l%d, address: 10.0.%d.2/24}]\n", i-1, i-1, i, i)
		fmt.Fprintf(&b, "    routes: [%s{to: default, via: %s}]\n", back, next)
	}
	fmt.Fprintf(&b, "  b: {interfaces: [{link: l%d, address: 10.0.%d.10/24}], routes: [{to: default, via: 10.0.%d.2}]}\n", gateways, gateways, gateways)
	return b.String()
}

// echo is an echo request with 56 octets of data.
func echo(tb testing.TB, src, dst string, ttl ip.TTL, seq uint16) []byte {
	tb.Helper()
	d, err := ip.Enclose4(nil, ip.Header4{ID: seq, TTL: ttl, Proto: ip.ProtoICMP, Src: addr(src), Dst: addr(dst)},
		icmp4.Echo{ID: 7, Seq: seq, Data: make([]byte, 56)})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// send sends a datagram from a host as it stands.
func send(tb testing.TB, n *lab.Network, from string, d []byte) {
	tb.Helper()
	if err := host(tb, n, from).Node.SendDatagram(n.Now(), d); err != nil {
		tb.Fatal(err)
	}
}

// records returns what was recorded.
func records(n *lab.Network) (all []record.Record) {
	for r, ok := n.NextRecord(); ok; r, ok = n.NextRecord() {
		all = append(all, r)
	}
	return all
}

// arrivals returns the datagrams that reached a party, in the order of their
// arrival.
func arrivals(all []record.Record, to string) (out []record.Record) {
	for _, r := range all {
		if !r.IsEvent() && r.To == to && r.Fate == record.Delivered {
			at := len(out)
			for at > 0 && r.Arrive.Before(out[at-1].Arrive) {
				at--
			}
			out = append(out[:at], append([]record.Record{r}, out[at:]...)...)
		}
	}
	return out
}

// kind reads type and code of the ICMP message in a datagram.
func kind(tb testing.TB, d []byte) string {
	tb.Helper()
	h, body, err := ip.Parse4(d)
	if err != nil || h.Proto != ip.ProtoICMP || len(body) < 2 {
		tb.Fatalf("no ICMP: %v % x", err, d)
	}
	return fmt.Sprintf("%d/%d", body[0], body[1])
}

// reseal mends the header checksum of a datagram.
func reseal(d []byte) { ip.Seal4(d) }

// sum mends the checksum of an ICMP message.
func sum(m []byte) {
	m[2], m[3] = 0, 0
	s := ^checksum.Sum(m, 0)
	m[2], m[3] = byte(s>>8), byte(s)
}
