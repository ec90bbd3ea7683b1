package ip_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

var fragment6 = wiretest.Codec[ip.Fragment6]{
	Parse: func(b []byte) (ip.Fragment6, error) {
		f, _, err := ip.ParseFragment6(b)
		return f, err
	},
	Append: ip.Fragment6.AppendBinary,
	String: ip.Fragment6.String,
	Min:    ip.FragmentLen6,
}

func TestFragment6(t *testing.T) {
	conform.Row(t, "W-24")
	wiretest.Run(t, fragment6, []wiretest.Row[ip.Fragment6]{{
		Name:  "first",
		Value: ip.Fragment6{Next: ip.ProtoUDP, MF: true, ID: 0xdeadbeef},
		Hex:   "11 00 0001 deadbeef",
		Text:  "fragment of UDP, id 0xdeadbeef, offset 0, MF",
	}, {
		Name:  "last",
		Value: ip.Fragment6{Next: ip.ProtoTCP, Offset: 1448, ID: 1},
		Hex:   "06 00 05a8 00000001",
		Text:  "fragment of TCP, id 0x00000001, offset 1448",
	}, {
		Name:  "every bit",
		Value: ip.Fragment6{Next: 255, Reserved: 255, Offset: 65528, Reserved2: 3, MF: true, ID: 0xffffffff},
		Hex:   "ff ff ffff ffffffff",
	}, {
		Name:  "reserved bits alone",
		Value: ip.Fragment6{Next: 6, Reserved: 1, Reserved2: 2},
		Hex:   "06 01 0004 00000000",
	}})

	for n := range 8 {
		_, _, err := ip.ParseFragment6(make([]byte, n))
		wiretest.WantParseError(t, fmt.Sprintf("%d octets", n), err, n, wire.Short)
	}
	_, rest, err := ip.ParseFragment6(octets(t, "0600000000000000 0102"))
	if err != nil || !bytes.Equal(rest, []byte{1, 2}) {
		t.Errorf("rest %x, %v", rest, err)
	}
	wiretest.Refused(t, fragment6, ip.Fragment6{Offset: 4}, "Offset")
	wiretest.Refused(t, fragment6, ip.Fragment6{Reserved2: 4}, "Reserved2")
	_, err = ip.Fragment6{Reserved2: 4}.AppendBinary(nil)
	wiretest.WantLimit(t, "reserved bits", err, 4, 3)
}

func TestFragment6Position(t *testing.T) {
	for _, r := range []struct {
		f             ip.Fragment6
		first, atomic bool
	}{
		{ip.Fragment6{}, true, true},
		{ip.Fragment6{MF: true}, true, false},
		{ip.Fragment6{Offset: 8}, false, false},
		{ip.Fragment6{Offset: 8, MF: true}, false, false},
	} {
		if r.f.First() != r.first || r.f.Atomic() != r.atomic {
			t.Errorf("%v: first %t, atomic %t", r.f, r.f.First(), r.f.Atomic())
		}
	}
}
