package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var mobileRows = []wiretest.Row[icmp4.MobileRedirect]{
	{
		Name:  "redirect",
		Value: icmp4.MobileRedirect{Address: addr("198.51.100.9"), Quote: quote},
		Hex:   "2000 e0dd c6336409 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "32/0 Mobile Host Redirect, address 198.51.100.9, quotes 28 octets",
	},
	{
		Name:  "another code",
		Value: icmp4.MobileRedirect{Code: 2, Address: addr("1.2.3.4"), Quote: []byte{}},
		Hex:   "2002 dbf7 01020304",
	},
}

func TestMobileRedirect(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseMobileRedirect, 8, mobileRows)
	limited(t, "icmp4.MobileRedirect", "Quote", 65507, func(n int) icmp4.MobileRedirect {
		return icmp4.MobileRedirect{Address: addr("192.0.2.1"), Quote: make([]byte, n)}
	})
	for _, a := range notIPv4 {
		refused(t, icmp4.MobileRedirect{Address: a}, "icmp4.MobileRedirect", "Address", 0, -1)
	}
}
