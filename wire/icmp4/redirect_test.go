package icmp4_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/icmp4"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// notIPv4 are the addresses that no field of this package takes.
var notIPv4 = []netip.Addr{{}, netip.IPv6Unspecified(), addr("2001:db8::1"), addr("::ffff:192.0.2.1")}

var redirectRows = []wiretest.Row[icmp4.Redirect]{
	{
		Name:  "network",
		Value: icmp4.Redirect{Gateway: addr("192.0.2.254"), Quote: quote},
		Hex:   "0500 631c c00002fe 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "5/0 Redirect: Redirect Datagram for the Network (or subnet), gateway 192.0.2.254, quotes 28 octets",
	},
	{
		Name:  "host",
		Value: icmp4.Redirect{Code: icmp4.CodeRedirectHost, Gateway: addr("1.2.3.4"), Quote: []byte{}},
		Hex:   "0501 f6f8 01020304",
		Text:  "5/1 Redirect: Redirect Datagram for the Host, gateway 1.2.3.4, quotes 0 octets",
	},
	{
		Name:  "type of service and network",
		Value: icmp4.Redirect{Code: icmp4.CodeRedirectTOSNet, Gateway: addr("0.0.0.0"), Quote: []byte{0x45}},
		Hex:   "0502 b5fd 00000000 45",
	},
	{
		Name:  "type of service and host",
		Value: icmp4.Redirect{Code: icmp4.CodeRedirectTOSHost, Gateway: addr("255.255.255.255"), Quote: []byte{}},
		Hex:   "0503 fafc ffffffff",
	},
	{
		Name:  "code that nobody knows",
		Value: icmp4.Redirect{Code: 4, Gateway: addr("192.0.2.1"), Quote: []byte{}},
		Hex:   "0504 38fa c0000201",
		Text:  "5/4 Redirect, gateway 192.0.2.1, quotes 0 octets",
	},
}

func TestRedirect(t *testing.T) {
	conform.Row(t, "W-07")
	run(t, icmp4.ParseRedirect, 8, redirectRows)
	limited(t, "icmp4.Redirect", "Quote", 65507, func(n int) icmp4.Redirect {
		return icmp4.Redirect{Gateway: addr("192.0.2.1"), Quote: make([]byte, n)}
	})
	for _, a := range notIPv4 {
		refused(t, icmp4.Redirect{Gateway: a}, "icmp4.Redirect", "Gateway", 0, -1)
	}
}
