package ip_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
)

var header6 = wiretest.Codec[ip.Header6]{
	Parse: func(b []byte) (ip.Header6, error) {
		h, payload, err := ip.Parse6(b)
		if err == nil && len(payload) > 0 {
			err = fmt.Errorf("a payload of %d octets", len(payload))
		}
		return h, err
	},
	Append: ip.Header6.AppendBinary,
	String: ip.Header6.String,
	Min:    ip.HeaderLen6,
}

func TestHeader6(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-21")
	wiretest.Run(t, header6, []wiretest.Row[ip.Header6]{{
		Name:  "plain",
		Value: ip.Header6{NextHeader: ip.ProtoNoNext, HopLimit: 64, Src: a6, Dst: b6},
		Hex:   "60000000 0000 3b 40 20010db8000000000000000000000001 20010db8ffff00000000000000000007",
		Text:  "2001:db8::1 > 2001:db8:ffff::7 IPv6-NoNxt, hop limit 64, 0 octets of payload",
	}, {
		Name:  "class and flow",
		Value: ip.Header6{TrafficClass: 0xb8, FlowLabel: 0x12345, NextHeader: ip.ProtoICMPv6, HopLimit: 1, Src: b6, Dst: a6},
		Hex:   "6b812345 0000 3a 01 20010db8ffff00000000000000000007 20010db8000000000000000000000001",
		Text:  "2001:db8:ffff::7 > 2001:db8::1 IPv6-ICMP, hop limit 1, 0 octets of payload, class 0xb8, flow 0x12345",
	}, {
		Name: "every limit",
		Value: ip.Header6{
			TrafficClass: 0xff, FlowLabel: ip.MaxFlowLabel, NextHeader: 255, HopLimit: 255,
			Src: netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), Dst: netip.IPv6Unspecified(),
		},
		Hex: "6fffffff 0000 ff ff ffffffffffffffffffffffffffffffff 00000000000000000000000000000000",
	}, {
		Name:  "IPv4-mapped",
		Value: ip.Header6{HopLimit: 9, NextHeader: ip.ProtoUDP, Src: netip.MustParseAddr("::ffff:192.0.2.1"), Dst: a6},
		Hex:   "60000000 0000 11 09 00000000000000000000ffffc0000201 20010db8000000000000000000000001",
	}})
}

func TestParse6Length(t *testing.T) {
	conform.Row(t, "W-03")
	conform.Row(t, "W-20")
	whole := octets(t, "60000000 0008 11 40 20010db8000000000000000000000001 20010db8ffff00000000000000000007 0102030405060708")
	for padding := range 5 {
		b := append(bytes.Clone(whole), make([]byte, padding)...)
		h, payload, err := ip.Parse6(b)
		if err != nil || h.PayloadLen != 8 || !bytes.Equal(payload, whole[40:]) || cap(payload) != 8 {
			t.Errorf("padding of %d octets: payload %x with capacity %d, %v", padding, payload, cap(payload), err)
		}
	}
	for n := 40; n < 48; n++ {
		h, payload, err := ip.Parse6(whole[:n])
		wiretest.WantParseError(t, fmt.Sprintf("cut to %d", n), err, n, wire.Truncated)
		if h.PayloadLen != 8 || h.Src != a6 || h.Dst != b6 || !bytes.Equal(payload, whole[40:n]) {
			t.Errorf("cut to %d: header %v, payload %x", n, h, payload)
		}
	}
	for n := range 40 {
		h, payload, err := ip.Parse6(whole[:n])
		wiretest.WantParseError(t, fmt.Sprintf("header cut to %d", n), err, n, wire.Short)
		if h != (ip.Header6{}) || payload != nil {
			t.Errorf("header cut to %d: %v, %x", n, h, payload)
		}
	}
	for _, n := range []int{1, 39, 40, 48} {
		b := bytes.Clone(whole[:n])
		b[0] = 0x45
		_, _, err := ip.Parse6(b)
		wiretest.WantParseError(t, fmt.Sprintf("version 4, %d octets", n), err, 0, wire.Version)
	}
}

func TestHeader6AppendPacket(t *testing.T) {
	h := ip.Header6{PayloadLen: 999, FlowLabel: 7, HopLimit: 3, NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	b, err := h.AppendPacket([]byte{9, 9}, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	got, payload, err := ip.Parse6(b[2:])
	h.PayloadLen = 7
	if err != nil || string(payload) != "payload" || !reflect.DeepEqual(got, h) || b[0] != 9 || b[1] != 9 {
		t.Errorf("%x: header %v, payload %q, %v", b, got, payload, err)
	}
	if b, err = h.AppendBinary(nil); err != nil || b[4] != 0 || b[5] != 7 {
		t.Errorf("append alone: %x, %v", b, err)
	}

	limit := make([]byte, 65535)
	if b, err = h.AppendPacket(nil, limit); err != nil || len(b) != 65575 {
		t.Errorf("the longest datagram: %d octets, %v", len(b), err)
	}
	b, err = h.AppendPacket([]byte{0x77}, append(limit, 0))
	wiretest.WantFieldError(t, "one octet too many", b, err, "PayloadLen")
	wiretest.WantLimit(t, "one octet too many", err, 65536, 65535)
}

func TestHeader6Refuses(t *testing.T) {
	conform.Row(t, "W-24")
	for field, h := range map[string]ip.Header6{
		"FlowLabel": {FlowLabel: 1 << 20, Src: a6, Dst: b6},
		"Src":       {Src: a4, Dst: b6},
		"Src ":      {Dst: b6},
		"Dst":       {Src: a6, Dst: b4},
		"Dst ":      {Src: a6},
	} {
		b, err := h.AppendBinary([]byte{0x77})
		wiretest.WantFieldError(t, field, b, err, string(bytes.TrimSpace([]byte(field))))
		b, err = h.AppendPacket([]byte{0x77}, []byte("x"))
		wiretest.WantFieldError(t, field, b, err, string(bytes.TrimSpace([]byte(field))))
	}
	_, err := ip.Header6{FlowLabel: 1 << 20, Src: a6, Dst: b6}.AppendBinary(nil)
	wiretest.WantLimit(t, "flow label", err, 1<<20, 1<<20-1)
}

func TestHeader6Allocs(t *testing.T) {
	conform.Row(t, "W-23")
	h := ip.Header6{HopLimit: 64, NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	payload := make([]byte, 56)
	b, _ := h.AppendPacket(nil, payload)
	buf := make([]byte, 0, 128)
	wiretest.NoAllocs(t, "parse", func() { _, _, _ = ip.Parse6(b) })
	wiretest.NoAllocs(t, "append", func() { _, _ = h.AppendBinary(buf) })
	wiretest.NoAllocs(t, "append packet", func() { _, _ = h.AppendPacket(buf, payload) })
}

func FuzzHeader6(f *testing.F) {
	h := ip.Header6{TrafficClass: 1, FlowLabel: 2, HopLimit: 64, NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	b, _ := h.AppendPacket(nil, []byte("payload"))
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, payload, err := ip.Parse6(b)
		if err != nil {
			pe, _ := err.(*wire.ParseError)
			if pe == nil || pe.Offset < 0 || pe.Offset > len(b) {
				t.Fatalf("error %v", err)
			}
			if pe.Reason != wire.Truncated {
				return
			}
		}
		got, err := h.AppendBinary(nil)
		if got = append(got, payload...); err != nil || !bytes.Equal(got, b[:len(got)]) {
			t.Fatalf("append: %x, %v; want %x", got, err, b)
		}
		_ = h.String()
	})
}
