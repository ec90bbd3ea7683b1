package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var alternateRows = []wiretest.Row[icmp4.AlternateAddress]{
	{
		Name:  "address",
		Value: icmp4.AlternateAddress{Address: addr("192.0.2.7"), Data: []byte{1, 2, 3}},
		Hex:   "0600 33f6 c0000207 010203",
		Text:  "6/0 Alternate Host Address: Alternate Address for Host, address 192.0.2.7, 3 octets",
	},
	{
		Name:  "code that nobody knows",
		Value: icmp4.AlternateAddress{Code: 1, Address: addr("0.0.0.0"), Data: []byte{}},
		Hex:   "0601 f9fe 00000000",
		Text:  "6/1 Alternate Host Address, address 0.0.0.0, 0 octets",
	},
}

func TestAlternateAddress(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseAlternateAddress, 8, alternateRows)
	limited(t, "icmp4.AlternateAddress", "Data", 65507, func(n int) icmp4.AlternateAddress {
		return icmp4.AlternateAddress{Address: addr("192.0.2.1"), Data: make([]byte, n)}
	})
	for _, a := range notIPv4 {
		refused(t, icmp4.AlternateAddress{Address: a}, "icmp4.AlternateAddress", "Address", 0, -1)
	}
}
