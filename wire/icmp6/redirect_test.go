package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

var redirectRows = []wiretest.Row[icmp6.Redirect]{
	{
		Name:  "with an option",
		Value: icmp6.Redirect{Target: target, Dst: dst, Options: sourceMAC},
		Hex: `8900 7dc3 00000000 fe800000000000000000000000010002 20010db800000000000000000000000b
			0101 02005e001001`,
		Text: "137/0 Redirect Message, for 2001:db8::b use fe80::1:2, options of 8 octets",
	},
	{
		Name:  "reserved octets, no option",
		Value: icmp6.Redirect{Code: 8, Reserved: 0xf1f2f3f4, Target: dst, Dst: dst, Options: []byte{}},
		Hex:   `8908 d99d f1f2f3f4 20010db800000000000000000000000b 20010db800000000000000000000000b`,
		Text:  "137/8 Redirect Message, for 2001:db8::b use 2001:db8::b",
	},
}

func TestRedirect(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.Redirect", 40, icmp6.ParseRedirect, icmp6.DecodeRedirect, redirectRows)
}

func TestRedirectLimits(t *testing.T) {
	const name = "icmp6.Redirect"
	accepted(t, icmp6.Redirect{Target: target, Dst: dst, Options: make([]byte, 65495)}, 65535)
	refused(t, icmp6.Redirect{Target: target, Dst: dst, Options: make([]byte, 65496)}, wire.FieldError{Type: name, Field: "Options", Value: 65496, Limit: 65495})
	refused(t, icmp6.Redirect{Target: ipv4, Dst: dst}, wire.FieldError{Type: name, Field: "Target", Want: "an IPv6 address"})
	refused(t, icmp6.Redirect{Target: target, Dst: ipv4}, wire.FieldError{Type: name, Field: "Dst", Want: "an IPv6 address"})
}
