package icmp4_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/icmp4"
)

var unreachableRows = []wiretest.Row[icmp4.DestUnreachable]{
	{
		Name:  "port",
		Value: icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: quote},
		Hex:   "0303 2818 00000000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "3/3 Destination Unreachable: Port Unreachable, quotes 28 octets",
	},
	{
		Name:  "fragmentation needed",
		Value: icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1492, Quote: quote},
		Hex:   "0304 2243 000005d4 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd",
		Text:  "3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 1492, quotes 28 octets",
	},
	{
		Name:  "fragmentation needed, from an old router",
		Value: icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, Quote: []byte{}},
		Hex:   "0304 fcfb 00000000",
		Text:  "3/4 Destination Unreachable: Fragmentation Needed and Don't Fragment was Set, mtu 0, quotes 0 octets",
	},
	{
		Name:  "unused octets in use, code that nobody knows",
		Value: icmp4.DestUnreachable{Code: 16, Unused: 0xaa, Length: 0xbb, MTU: 0xccdd, Quote: []byte{1}},
		Hex:   "0310 8456 aabbccdd 01",
		Text:  "3/16 Destination Unreachable, quotes 1 octets",
	},
	{
		Name:  "extension behind a long quote",
		Value: icmp4.DestUnreachable{Code: icmp4.CodeHostUnreachable, Quote: padded(132), Ext: mpls, Length: 33},
		Hex:   "0301 27f9 00210000 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 2000ca0d 00080101 03e81101",
		Text:  "3/1 Destination Unreachable: Host Unreachable, quotes 132 octets, extensions of 12 octets",
	},
	{
		Name:  "extension without length",
		Value: icmp4.DestUnreachable{Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: padded(128), Ext: mpls, Legacy: true},
		Hex:   "0304 229f 00000578 45000030123440000111a1b2c0000201c6336402 8000829a001cabcd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 2000ca0d 00080101 03e81101",
	},
}

func TestDestUnreachable(t *testing.T) {
	conform.Row(t, "W-05")
	run(t, icmp4.ParseDestUnreachable, 8, unreachableRows)
	limited(t, "icmp4.DestUnreachable", "Quote", 65507, func(n int) icmp4.DestUnreachable {
		return icmp4.DestUnreachable{Quote: make([]byte, n)}
	})
}

// Every code has its constant and its name, and comes through unchanged.
func TestDestUnreachableCodes(t *testing.T) {
	conform.Row(t, "W-05")
	for n, c := range []icmp4.Code{
		icmp4.CodeNetUnreachable, icmp4.CodeHostUnreachable, icmp4.CodeProtocolUnreachable, icmp4.CodePortUnreachable,
		icmp4.CodeFragNeeded, icmp4.CodeSourceRouteFailed, icmp4.CodeNetUnknown, icmp4.CodeHostUnknown,
		icmp4.CodeSourceIsolated, icmp4.CodeNetProhibited, icmp4.CodeHostProhibited, icmp4.CodeNetTOS,
		icmp4.CodeHostTOS, icmp4.CodeAdminProhibited, icmp4.CodeHostPrecedence, icmp4.CodePrecedenceCutoff,
	} {
		if int(c) != n {
			t.Errorf("constant of code %d is %d", n, c)
		}
		m, err := icmp4.ParseDestUnreachable(built(t, icmp4.DestUnreachable{Code: c, MTU: 0x0102, Quote: quote}))
		if err != nil || m.Code != c || m.MTU != 0x0102 || m.Kind().CodeName() == "" {
			t.Errorf("code %d: %#v, %v, name %q", n, m, err, m.Kind().CodeName())
		}
	}
}

// A quote that has to be padded for its extension, and the limits of both.
func TestExtensionIsPaddedAndBounded(t *testing.T) {
	conform.Row(t, "W-21")
	m := icmp4.DestUnreachable{Quote: quote, Ext: mpls}
	b := built(t, m)
	if len(b) != 148 || m.Len() != 148 || b[5] != 32 {
		t.Errorf("%d octets, Len %d, length attribute %d; want 148, 148, 32", len(b), m.Len(), b[5])
	}
	m.Quote = make([]byte, 1020)
	if b := built(t, m); b[5] != 255 || len(b) != 8+1020+12 {
		t.Errorf("%d octets, length attribute %d", len(b), b[5])
	}
	m.Quote = make([]byte, 1021)
	refused(t, m, "icmp4.DestUnreachable", "Quote", 1021, 1020)
	m = icmp4.DestUnreachable{Quote: quote, Ext: make([]byte, 65507-128)}
	if b := built(t, m); len(b) != icmp4.MaxLen {
		t.Errorf("%d octets, want %d", len(b), icmp4.MaxLen)
	}
	m.Ext = make([]byte, 65507-127)
	refused(t, m, "icmp4.DestUnreachable", "Ext", 65507-127, 65507-128)
	m = icmp4.DestUnreachable{Quote: quote, Ext: mpls, Length: 8}
	refused(t, m, "icmp4.DestUnreachable", "Quote", 0, -1)
}

// TestInPlace: what a message held before leaves no trace, and nothing is
// allocated.
func TestInPlace(t *testing.T) {
	long, err := icmp4.DestUnreachable{
		Code: icmp4.CodeFragNeeded, MTU: 1400, Quote: make([]byte, 28), Ext: []byte{0x20, 0, 0xdf, 0xff}, Unused: 7,
	}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	short, err := icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: make([]byte, 28)}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	var m icmp4.DestUnreachable
	for _, b := range [][]byte{long, short, long} {
		want, err := icmp4.ParseDestUnreachable(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Parse(b); err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("parsed in place: %+v, %v; want %+v", m, err, want)
		}
		if err := m.Decode(b); err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("decoded in place: %+v, %v; want %+v", m, err, want)
		}
	}
	bad := bytes.Clone(long)
	bad[4] ^= 1
	if err := m.Parse(bad); !errors.Is(err, wire.Checksum) || !reflect.DeepEqual(m, icmp4.DestUnreachable{}) {
		t.Errorf("bad checksum: %v, and left behind %+v", err, m)
	}
	if err := m.Decode(bad); err != nil || m.Unused != 6 {
		t.Errorf("decoded with a bad checksum: %+v, %v", m, err)
	}
	wiretest.NoAllocs(t, "in place", func() { _ = m.Parse(long) })

	dead, err := icmp4.TimeExceeded{Quote: make([]byte, 28), Unused2: 9}.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := icmp4.TimeExceeded{Ext: []byte{1}, Legacy: true}
	want, err := icmp4.ParseTimeExceeded(dead)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Parse(dead); err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("time exceeded in place: %+v, %v; want %+v", e, err, want)
	}
	e = icmp4.TimeExceeded{Ext: []byte{1}, Legacy: true}
	if err := e.Decode(dead); err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("time exceeded decoded in place: %+v, %v; want %+v", e, err, want)
	}
}
