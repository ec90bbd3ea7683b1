package ring

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/transport"
)

// TestComplete: a checksum that is the pseudo-header's alone becomes a whole one,
// and nothing else is touched.
func TestComplete(t *testing.T) {
	a4, b4 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	a6, b6 := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	four := func(proto byte, options int, segment []byte) []byte {
		h := append([]byte{0x45 + byte(options/4), 0, 0, byte(20 + options + len(segment)), 0, 0, 0x40, 0, 64, proto, 0, 0}, append(a4.AsSlice(), b4.AsSlice()...)...)
		return append(append(h, make([]byte, options)...), segment...)
	}
	six := func(proto byte, segment []byte) []byte {
		h := append([]byte{0x60, 0, 0, 0, 0, byte(len(segment)), proto, 64}, append(a6.AsSlice(), b6.AsSlice()...)...)
		return append(h, segment...)
	}
	segment := func(size, at int, pseudo uint16) []byte {
		s := bytes.Repeat([]byte{0xa7}, size)
		s[at], s[at+1] = byte(pseudo>>8), byte(pseudo)
		return s
	}
	for name, x := range map[string]struct {
		d          []byte
		begin, end int // of the segment
		pseudo     uint16
		at         int
	}{
		"tcp4":    {four(6, 0, segment(21, 16, checksum.Pseudo4(a4, b4, 6, 21))), 20, 41, checksum.Pseudo4(a4, b4, 6, 21), 16},
		"tcp4o":   {four(6, 8, segment(20, 16, checksum.Pseudo4(a4, b4, 6, 20))), 28, 48, checksum.Pseudo4(a4, b4, 6, 20), 16},
		"udp4pad": {append(four(17, 0, segment(8, 6, checksum.Pseudo4(a4, b4, 17, 8))), 1, 2), 20, 28, checksum.Pseudo4(a4, b4, 17, 8), 6},
		"tcp6":    {six(6, segment(20, 16, checksum.Pseudo6(a6, b6, 6, 20))), 40, 60, checksum.Pseudo6(a6, b6, 6, 20), 16},
		"udp6pad": {append(six(17, segment(9, 6, checksum.Pseudo6(a6, b6, 17, 9))), 3), 40, 49, checksum.Pseudo6(a6, b6, 17, 9), 6},
	} {
		before := bytes.Clone(x.d)
		complete(x.d)
		if s := checksum.Sum(x.d[x.begin:x.end], x.pseudo); s != 0xffff {
			t.Errorf("%s: sum %#x", name, s)
		}
		at := x.begin + x.at
		before[at], before[at+1] = x.d[at], x.d[at+1]
		if !bytes.Equal(before, x.d) {
			t.Errorf("%s: % x", name, x.d)
		}
	}
	// The parser is of the same opinion.
	d := six(6, segment(20, 16, checksum.Pseudo6(a6, b6, 6, 20)))
	d[40+12] = 0x50
	complete(d)
	if _, _, err := transport.ParseTCP(d[40:], a6, b6); err != nil {
		t.Error(err)
	}
	// A UDP checksum that would be 0 says that there is none.
	zero := six(17, make([]byte, 8))
	zero[46], zero[47] = 0xff, 0xff
	complete(zero)
	if zero[46] != 0xff || zero[47] != 0xff {
		t.Errorf("% x", zero[40:])
	}
	first, last := four(6, 0, make([]byte, 20)), four(6, 0, make([]byte, 20))
	first[6], last[7] = 0x20, 1
	cut := six(6, make([]byte, 20))
	for name, d := range map[string][]byte{
		"first fragment": first, "last fragment": last, "cut": cut[:59], "cut 4": four(6, 0, make([]byte, 20))[:39],
		"icmp": four(1, 0, make([]byte, 20)), "extension": six(60, make([]byte, 20)), "short tcp": six(6, make([]byte, 17)), "short udp": six(17, make([]byte, 7)),
		"header length": append([]byte{0x44}, four(6, 0, make([]byte, 20))[1:]...), "no ip": make([]byte, 60), "nothing": nil, "20": make([]byte, 20),
	} {
		before := bytes.Clone(d)
		if complete(d); !bytes.Equal(before, d) {
			t.Errorf("%s: % x", name, d)
		}
	}
}
