package icmp6_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// twoRecords are a record without sources and one with a source and a word of
// auxiliary data.
var twoRecords = octets(`
	04 00 0000 ff0200000000000000000000000000fb
	06 01 0001 ff0200000000000000000000000000fc 20010db8000000000000000000000005 deadbeef`)

var mldv2ReportRows = []wiretest.Row[icmp6.MLDv2Report]{
	{
		Name:  "two records, octets behind",
		Value: icmp6.MLDv2Report{Records: twoRecords, Trailing: []byte{1, 2, 3}},
		Hex: `8f00 3b98 0000 0002
			04 00 0000 ff0200000000000000000000000000fb
			06 01 0001 ff0200000000000000000000000000fc 20010db8000000000000000000000005 deadbeef 010203`,
		Text: "143/0 Version 2 Multicast Listener Report, 2 records",
	},
	{
		Name:  "no record, everything set",
		Value: icmp6.MLDv2Report{Code: 3, Flags: 0x8001, Records: []byte{}, Trailing: []byte{}},
		Hex:   `8f03 9531 8001 0000`,
		Text:  "143/3 Version 2 Multicast Listener Report, 0 records",
	},
}

func TestMLDv2Report(t *testing.T) {
	conform.Row(t, "W-19")
	rows(t, "icmp6.MLDv2Report", 8, icmp6.ParseMLDv2Report, icmp6.DecodeMLDv2Report, mldv2ReportRows)
}

func TestMLDv2ReportShort(t *testing.T) {
	conform.Row(t, "W-20")
	b := built(t, icmp6.MLDv2Report{Records: twoRecords})
	for n := 8; n < len(b); n++ {
		_, err := icmp6.DecodeMLDv2Report(b[:n])
		fails(t, "cut", err, wire.ParseError{Type: "icmp6.MLDv2Report", Offset: n, Reason: wire.Short})
	}
	b[7]++
	_, err := icmp6.DecodeMLDv2Report(b)
	fails(t, "a third record", err, wire.ParseError{Type: "icmp6.MLDv2Report", Offset: len(b), Reason: wire.Short})
}

func TestMLDv2ReportLimits(t *testing.T) {
	const name = "icmp6.MLDv2Report"
	refused(t, icmp6.MLDv2Report{Records: twoRecords[:len(twoRecords)-1]}, wire.FieldError{Type: name, Field: "Records", Want: "whole records"})
	// 3276 records of 20 octets and seven octets fill a packet.
	full := icmp6.MLDv2Report{Records: make([]byte, 3276*20), Trailing: make([]byte, 7)}
	accepted(t, full, 65535)
	if b := built(t, full); b[6] != 0x0c || b[7] != 0xcc {
		t.Errorf("number of records %x", b[6:8])
	}
	full.Trailing = make([]byte, 8)
	refused(t, full, wire.FieldError{Type: name, Field: "Trailing", Value: 8, Limit: 7})
	refused(t, icmp6.MLDv2Report{Records: make([]byte, 65528)}, wire.FieldError{Type: name, Field: "Records", Value: 65528, Limit: 65527})
}
