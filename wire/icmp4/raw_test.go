package icmp4_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var rawRows = []wiretest.Row[icmp4.Raw]{
	{
		Name:  "SKIP",
		Value: icmp4.Raw{Type: icmp4.TypeSKIP, Code: 1, Body: []byte{1, 2, 3, 4, 5}},
		Hex:   "2701 cff8 01020304 05",
		Text:  "39/1 SKIP, 5 octets",
	},
	{
		Name:  "experiment",
		Value: icmp4.Raw{Type: icmp4.TypeExperiment1, Body: []byte{0, 0, 0, 0}},
		Hex:   "fd00 02ff 00000000",
		Text:  "253/0 RFC3692-style Experiment 1, 4 octets",
	},
	{
		Name:  "unassigned",
		Value: icmp4.Raw{Type: 7, Code: 255, Body: []byte{1, 2, 3, 4}},
		Hex:   "07ff f3fa 01020304",
		Text:  "7/255 Unassigned, 4 octets",
	},
	{
		Name:  "reserved",
		Value: icmp4.Raw{Type: 255, Body: []byte{1, 2, 3, 4, 5, 6}},
		Hex:   "ff00 f7f2 01020304 0506",
		Text:  "255/0 Reserved, 6 octets",
	},
}

func TestRaw(t *testing.T) {
	conform.Row(t, "W-15")
	run(t, icmp4.ParseRaw, 8, rawRows)
	limited(t, "icmp4.Raw", "Body", 65511, func(n int) icmp4.Raw { return icmp4.Raw{Type: 253, Body: make([]byte, n)} })
	for n := range 4 {
		refused(t, icmp4.Raw{Body: make([]byte, n)}, "icmp4.Raw", "Body", 0, -1)
	}
}

// Raw takes what a family's own parser refuses.
func TestRawOfAnyType(t *testing.T) {
	conform.Row(t, "W-20")
	b := sealed(8, icmp4.TypeTimestampRequest)
	if _, err := icmp4.ParseTimestampMessage(b); err == nil {
		t.Fatal("a timestamp of eight octets")
	}
	m, err := icmp4.ParseRaw(b)
	if err != nil || m.Type != icmp4.TypeTimestampRequest || len(m.Body) != 4 {
		t.Errorf("%#v, %v", m, err)
	}
	for n := range 8 {
		_, err := icmp4.DecodeRaw(b[:n])
		parseError(t, "decode short", err, "icmp4.Raw", n, wire.Short)
		_, err = icmp4.ParseRaw(b[:n])
		parseError(t, "parse short", err, "icmp4.Message", n, wire.Short)
	}
	b[2] ^= 1
	_, err = icmp4.ParseRaw(b)
	parseError(t, "parse", err, "icmp4.Message", 2, wire.Checksum)
	if _, err := icmp4.DecodeRaw(sealed(icmp4.MaxLen, 0)); err != nil {
		t.Error(err)
	}
	_, err = icmp4.DecodeRaw(sealed(icmp4.MaxLen+1, 0))
	parseError(t, "decode too long", err, "icmp4.Raw", icmp4.MaxLen, wire.Length)
}
