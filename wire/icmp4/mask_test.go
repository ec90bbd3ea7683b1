package icmp4_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var maskRows = []wiretest.Row[icmp4.AddressMask]{
	{
		Name:  "request",
		Value: icmp4.AddressMask{ID: 0x0102, Seq: 0x0304, Trailing: []byte{}},
		Hex:   "1100 eaf9 0102 0304 00000000",
		Text:  "17/0 Address Mask Request, id 258, seq 772, mask 0.0.0.0",
	},
	{
		Name:  "reply",
		Value: icmp4.AddressMask{Reply: true, ID: 1, Seq: 2, Mask: 0xfffffe00, Trailing: []byte{}},
		Hex:   "1200 effb 0001 0002 fffffe00",
		Text:  "18/0 Address Mask Reply, id 1, seq 2, mask 255.255.254.0",
	},
	{
		Name:  "mask of no prefix, octets behind the end, code that should be zero",
		Value: icmp4.AddressMask{Reply: true, Code: 1, Mask: 0x01020304, Trailing: []byte{5}},
		Hex:   "1201 e4f8 0000 0000 01020304 05",
		Text:  "18/1 Address Mask Reply, id 0, seq 0, mask 1.2.3.4",
	},
}

func TestAddressMask(t *testing.T) {
	conform.Row(t, "W-12")
	run(t, icmp4.ParseAddressMask, 12, maskRows)
	limited(t, "icmp4.AddressMask", "Trailing", 65503, func(n int) icmp4.AddressMask {
		return icmp4.AddressMask{Trailing: make([]byte, n)}
	})
}

func TestMask(t *testing.T) {
	for _, c := range []struct {
		m    icmp4.Mask
		bits int
		ok   bool
		text string
	}{
		{0, 0, true, "0.0.0.0"},
		{0x80000000, 1, true, "128.0.0.0"},
		{0xffffff00, 24, true, "255.255.255.0"},
		{0xfffffffe, 31, true, "255.255.255.254"},
		{0xffffffff, 32, true, "255.255.255.255"},
		{0x00000001, 0, false, "0.0.0.1"},
		{0xff00ff00, 8, false, "255.0.255.0"},
		{0xfffffffd, 30, false, "255.255.255.253"},
	} {
		if n, ok := c.m.Bits(); n != c.bits || ok != c.ok || c.m.String() != c.text {
			t.Errorf("%#08x: %d, %v, %v; want %d, %v, %s", uint32(c.m), n, ok, c.m, c.bits, c.ok, c.text)
		}
	}
}

func TestMaskOf(t *testing.T) {
	for n := range 33 {
		m, err := icmp4.MaskOf(netip.PrefixFrom(addr("192.0.2.1"), n))
		if bits, ok := m.Bits(); err != nil || bits != n || !ok {
			t.Errorf("/%d: %v, %v", n, m, err)
		}
	}
	for _, p := range []netip.Prefix{{}, netip.PrefixFrom(addr("192.0.2.1"), 33), netip.MustParsePrefix("2001:db8::/32")} {
		m, err := icmp4.MaskOf(p)
		var fe *wire.FieldError
		if !errors.As(err, &fe) || fe.Type != "icmp4.Mask" || fe.Field != "Prefix" || fe.Want == "" || m != 0 {
			t.Errorf("%v: %v, %v", p, m, err)
		}
	}
}
