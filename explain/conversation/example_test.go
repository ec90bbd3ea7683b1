package conversation_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/explain/conversation"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/ip"
)

// A request, its reply, and the reply once more.
func Example() {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	request, reply := icmp4.Echo{ID: 1, Seq: 1}, icmp4.Echo{EchoType: icmp4.EchoType{Reply: true}, ID: 1, Seq: 1}
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	m := conversation.New(conversation.Config{})
	for i, x := range []struct {
		after    time.Duration
		src, dst netip.Addr
		echo     icmp4.Echo
	}{
		{0, a, b, request},
		{12 * time.Millisecond, b, a, reply},
		{13 * time.Millisecond, b, a, reply},
	} {
		d, err := ip.Enclose4(nil, ip.Header4{TTL: 64, Proto: ip.ProtoICMP, Src: x.src, Dst: x.dst}, x.echo)
		if err != nil {
			fmt.Println(err)
			return
		}
		s := m.Receive(&conversation.Datagram{Time: start.Add(x.after), Number: i + 1, Octets: d})
		if s.Relation != conversation.Unrelated {
			fmt.Println("packet", i+1, s.Relation, "packet", s.Request.Number, "after", s.Took)
		}
	}
	sum := m.Summary(10)
	for _, p := range sum.Pairs {
		fmt.Println(p.Asker, "asked", p.Target, p.Requests, "times:", p.Replies, "replies,", p.Duplicates, "duplicates")
	}
	// Output:
	// packet 2 answers packet 1 after 12ms
	// packet 3 duplicate packet 1 after 13ms
	// 192.0.2.1 asked 192.0.2.2 1 times: 1 replies, 1 duplicates
}
