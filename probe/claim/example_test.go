package claim_test

import (
	"fmt"

	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/icmp4"
)

func Example() {
	message, _ := icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: about4()}.AppendBinary(nil)
	var c claim.Claim
	if err := c.Read(r4, h4, message); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.From, "says", &c)
	fmt.Println("about", c.Quote)
	fmt.Println(c.MTU, "octets fit")
	// Output:
	// 10.0.0.1 says 3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set
	// about 10.0.0.2:258 > 192.0.2.9:772 UDP, ttl 1, id 0, 28 octets
	// 1400 octets fit
}
