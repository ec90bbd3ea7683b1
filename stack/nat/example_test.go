package nat_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/stack/nat"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// A traceroute from behind a translator: the error of a router on the way is
// turned back into one about the datagram that the host has sent.
func Example() {
	now := time.Now()
	host, target := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("198.51.100.7")
	public, router := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("203.0.113.9")
	t, err := nat.New(nat.Config{Outside: public})
	if err != nil {
		panic(err)
	}
	probe, _ := ip.Enclose4(nil, ip.Header4{TTL: 1, Proto: ip.ProtoICMP, Src: host, Dst: target}, icmp4.Echo{ID: 7, Seq: 3})
	fmt.Println("out:", t.Outbound(now, probe))

	// The router sees, and quotes, what the translator has made of it.
	fault, _ := ip.Enclose4(nil, ip.Header4{TTL: 60, Proto: ip.ProtoICMP, Src: router, Dst: public}, icmp4.TimeExceeded{Quote: probe})
	fmt.Println("in: ", t.Inbound(now, fault))

	h, body, _ := ip.Parse4(fault)
	m, err := icmp4.ParseTimeExceeded(body)
	q, _ := quote.Parse(m.Quote)
	fmt.Println(h.Src, ">", h.Dst, m.Kind(), err)
	fmt.Println("about:", q)
	// Output:
	// out: not dropped
	// in:  not dropped
	// 203.0.113.9 > 10.0.0.5 11/0 Time Exceeded: Time to Live exceeded in Transit <nil>
	// about: 10.0.0.5 > 198.51.100.7 ICMP 8/0 id 7 seq 3, ttl 1, id 0, 28 octets
}
