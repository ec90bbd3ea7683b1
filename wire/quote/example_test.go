package quote_test

import (
	"encoding/hex"
	"fmt"

	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// What a time exceeded quotes of a traceroute probe: header and eight octets.
func Example() {
	b, _ := hex.DecodeString("450000444567400001110000c0000201c6336407" + "9c40829a0030beef")
	q, err := quote.Parse(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q)
	if q.Proto == ip.ProtoUDP && q.Has(quote.Ports) {
		fmt.Println("probe", q.DstPort-33434, "of", q.Dst)
	}
	fmt.Println("TCP sequence number there:", q.Has(quote.TCPSeq))
	fmt.Println("header checksum:", q.Sum)
	// Output:
	// 192.0.2.1:40000 > 198.51.100.7:33434 UDP, ttl 1, id 17767, df, 68 octets
	// probe 0 of 198.51.100.7
	// TCP sequence number there: false
	// header checksum: absent
}

// A router that quotes less than it should: the destination is not there, and
// that is not the same as 0.0.0.0.
func Example_cut() {
	b, _ := hex.DecodeString("450000444567400001110000c0000201")
	q, err := quote.Parse(b)
	fmt.Println(q, err)
	fmt.Println(q.Has(quote.Src), q.Has(quote.Dst), q.Dst.IsValid())
	_, _, ok := q.Flow()
	fmt.Println(ok)
	// Output:
	// 192.0.2.1 > ? UDP, ttl 1, id 17767, df, 68 octets <nil>
	// true false false
	// false
}

// The addresses and ports of whatever had ports.
func ExampleQuote_Flow() {
	b, _ := hex.DecodeString("60000000001011012001" + "0db80000000000000000000000012001" + "0db8000000000000000000000007" + "9c40829a0010beef")
	q, _ := quote.Parse(b)
	if src, dst, ok := q.Flow(); ok {
		fmt.Println(src, "to", dst)
	}
	// Output:
	// [2001:db8::1]:40000 to [2001:db8::7]:33434
}
