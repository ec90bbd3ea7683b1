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
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
)

var header4 = wiretest.Codec[ip.Header4]{
	Parse: func(b []byte) (ip.Header4, error) {
		h, payload, err := ip.Parse4(b)
		if err == nil && len(payload) > 0 {
			err = fmt.Errorf("a payload of %d octets", len(payload))
		}
		return h, err
	},
	Append: ip.Header4.AppendBinary,
	String: ip.Header4.String,
	Min:    ip.MinHeaderLen4,
}

func TestHeader4(t *testing.T) {
	conform.Row(t, "W-24")
	conform.Row(t, "W-21")
	src, dst := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7")
	wiretest.Run(t, header4, []wiretest.Row[ip.Header4]{{
		Name:  "plain",
		Value: ip.Header4{TotalLen: 20, TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst},
		Hex:   "45 00 0014 0000 0000 40 01 8ead c0000201 c6336407",
		Text:  "192.0.2.1 > 198.51.100.7 ICMP, ttl 64, id 0, 20 octets",
	}, {
		Name: "every field, router alert",
		Value: ip.Header4{
			TOS: 0xb8, TotalLen: 24, ID: 0xabcd, Reserved: true, DF: true, MF: true, FragOffset: 11576,
			TTL: 1, Proto: ip.ProtoUDP, Src: src, Dst: dst, Options: []byte{0x94, 4, 0, 0},
		},
		Hex:  "46 b8 0018 abcd e5a7 01 11 a667 c0000201 c6336407 94040000",
		Text: "192.0.2.1 > 198.51.100.7 UDP, ttl 1, id 43981, 24 octets, tos 0xb8, DF, offset 11576, MF, options of 4 octets",
	}, {
		Name: "every limit",
		Value: ip.Header4{
			TOS: 0xff, TotalLen: 60, ID: 0xffff, Reserved: true, DF: true, FragOffset: 65528, TTL: 255, Proto: 255,
			Src: netip.MustParseAddr("255.255.255.255"), Dst: netip.MustParseAddr("255.255.255.255"),
			Options: append(bytes.Repeat([]byte{1}, 39), 0),
		},
		Hex: "4f ff 003c ffff dfff ff ff bbb1 ffffffff ffffffff" +
			"01010101010101010101 01010101010101010101 01010101010101010101 01010101010101010100",
		Text: "255.255.255.255 > 255.255.255.255 protocol 255, ttl 255, id 65535, 60 octets, tos 0xff, DF, offset 65528, options of 40 octets",
	}, {
		Name:  "DF alone",
		Value: ip.Header4{TotalLen: 20, ID: 1, DF: true, TTL: 255, Proto: ip.ProtoTCP, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")},
		Hex:   "45 00 0014 0001 4000 ff 06 67e0 0a000001 0a000002",
		Text:  "10.0.0.1 > 10.0.0.2 TCP, ttl 255, id 1, 20 octets, DF",
	}, {
		Name:  "MF alone",
		Value: ip.Header4{TotalLen: 20, ID: 1, MF: true, TTL: 255, Proto: ip.ProtoTCP, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")},
		Hex:   "45 00 0014 0001 2000 ff 06 87e0 0a000001 0a000002",
		Text:  "10.0.0.1 > 10.0.0.2 TCP, ttl 255, id 1, 20 octets, offset 0, MF",
	}, {
		Name:  "reserved flag alone",
		Value: ip.Header4{TotalLen: 20, ID: 1, Reserved: true, TTL: 255, Proto: ip.ProtoTCP, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")},
		Hex:   "45 00 0014 0001 8000 ff 06 27e0 0a000001 0a000002",
	}, {
		Name:  "checksum comes to zero",
		Value: ip.Header4{TotalLen: 20, ID: 0x8ead, TTL: 64, Proto: ip.ProtoICMP, Src: src, Dst: dst},
		Hex:   "45 00 0014 8ead 0000 40 01 0000 c0000201 c6336407",
	}})
}

// The other zero of ones' complement arithmetic comes back as it was (RFC 1624
// §3), also behind another header.
func TestHeader4MinusZero(t *testing.T) {
	conform.Row(t, "W-21")
	b := octets(t, "45 00 0014 8ead 0000 40 01 ffff c0000201 c6336407")
	h, _, err := ip.Parse4(b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.AppendBinary([]byte{1, 2, 3})
	if err != nil || !bytes.Equal(got[3:], b) {
		t.Errorf("append: %x, %v; want %x", got, err, b)
	}
	// A header with another value keeps nothing of it.
	h.ID++
	got, _ = h.AppendBinary(nil)
	if !checksum.Valid(got) || bytes.Equal(got[10:12], []byte{0xff, 0xff}) {
		t.Errorf("append after a change: checksum %x", got[10:12])
	}
	// One octet of 0xff alone is no zero.
	for _, r := range []string{"45 00 0014 8fac 0000 40 01 ff00 c0000201 c6336407", "45 00 0014 8dae 0000 40 01 00ff c0000201 c6336407"} {
		b := octets(t, r)
		h, _, err := ip.Parse4(b)
		if err != nil {
			t.Fatal(r, err)
		}
		h.ID = 0x8ead
		if got, _ = h.AppendBinary(nil); got[10] != 0 || got[11] != 0 {
			t.Errorf("%s: checksum %x, want 0000", r, got[10:12])
		}
	}
}

// Padding, truncation and malformation are three different things.
func TestParse4Length(t *testing.T) {
	conform.Row(t, "W-03")
	conform.Row(t, "W-20")
	const header = "45 00 001c 0001 0000 40 11 0000 c0000201 c6336407"
	whole := seal4(octets(t, header+"0102030405060708"))

	for padding := range 27 {
		b := append(bytes.Clone(whole), bytes.Repeat([]byte{0xee}, padding)...)
		h, payload, err := ip.Parse4(b)
		if err != nil || h.TotalLen != 28 || !bytes.Equal(payload, whole[20:]) || cap(payload) != 8 {
			t.Errorf("padding of %d octets: payload %x with capacity %d, %v", padding, payload, cap(payload), err)
		}
	}
	for n := 20; n < 28; n++ {
		for name, parse := range map[string]func([]byte) (ip.Header4, []byte, error){"Parse4": ip.Parse4, "Decode4": ip.Decode4} {
			h, payload, err := parse(whole[:n])
			wiretest.WantParseError(t, fmt.Sprintf("%s, cut to %d", name, n), err, n, wire.Truncated)
			if h.TotalLen != 28 || h.Src != a4 || h.Dst != b4 || h.Proto != ip.ProtoUDP || !bytes.Equal(payload, whole[20:n]) {
				t.Errorf("%s, cut to %d: header %v, payload %x", name, n, h, payload)
			}
		}
	}

	fault := func(what string, at int, octet byte, seal bool, offset int, reason wire.Reason) {
		t.Helper()
		b := bytes.Clone(whole)
		b[at] = octet
		if seal {
			seal4(b)
		}
		h, payload, err := ip.Parse4(b)
		wiretest.WantParseError(t, what, err, offset, reason)
		if !reflect.DeepEqual(h, ip.Header4{}) || payload != nil {
			t.Errorf("%s: header %v and payload %x all the same", what, h, payload)
		}
	}
	fault("version 0", 0, 0x05, false, 0, wire.Version)
	fault("version 6", 0, 0x65, false, 0, wire.Version)
	fault("header length 16", 0, 0x44, false, 0, wire.Length)
	fault("header length 0", 0, 0x40, false, 0, wire.Length)
	fault("header longer than the octets", 0, 0x48, false, 28, wire.Short)
	fault("total length 19", 3, 19, true, 2, wire.Length)
	fault("total length 0", 3, 0, true, 2, wire.Length)
	fault("checksum", 11, whole[11]+1, false, 10, wire.Checksum)

	for n := range 20 {
		_, _, err := ip.Parse4(whole[:n])
		wiretest.WantParseError(t, fmt.Sprintf("header cut to %d", n), err, n, wire.Short)
	}
	_, _, err := ip.Parse4([]byte{0x60})
	wiretest.WantParseError(t, "one octet of IPv6", err, 0, wire.Version)

	// A total length that ends with the header is right.
	b := bytes.Clone(whole)
	b[3] = 20
	h, payload, err := ip.Parse4(seal4(b))
	if err != nil || h.TotalLen != 20 || len(payload) != 0 {
		t.Errorf("total length 20: %v, payload %x, %v", h, payload, err)
	}
	// The header may be all there is.
	if _, _, err := ip.Parse4(seal4(octets(t, "46 00 0018 0001 0000 40 11 0000 c0000201 c6336407 01010100"))); err != nil {
		t.Errorf("header of 24 octets alone: %v", err)
	}
}

// The header checksum does not cover the payload, and covers the options.
func TestParse4Checksum(t *testing.T) {
	b := seal4(octets(t, "46 00 001d 0001 0000 40 11 0000 c0000201 c6336407 01010100 0102030405"))
	if _, _, err := ip.Parse4(b); err != nil {
		t.Fatal(err)
	}
	for i := range 24 {
		if i == 0 || i == 2 || i == 3 {
			continue // another fault is found first
		}
		b[i] ^= 0x10
		if _, _, err := ip.Parse4(b); i < 24 {
			wiretest.WantParseError(t, fmt.Sprintf("octet %d changed", i), err, 10, wire.Checksum)
		}
		if h, _, err := ip.Decode4(b); err != nil || h.HeaderLen() != 24 {
			t.Errorf("octet %d changed: decode: %v, %v", i, h, err)
		}
		b[i] ^= 0x10
	}
	b[24] ^= 0x10
	if _, _, err := ip.Parse4(b); err != nil {
		t.Errorf("payload changed: %v", err)
	}
}

func TestHeader4AppendPacket(t *testing.T) {
	h := ip.Header4{TotalLen: 9, TTL: 3, Proto: ip.ProtoICMP, Src: a4, Dst: b4, Options: []byte{1, 1, 1, 0}}
	b, err := h.AppendPacket([]byte{9, 9}, []byte("payload"))
	if err != nil {
		t.Fatal(err)
	}
	got, payload, err := ip.Parse4(b[2:])
	h.TotalLen = 31
	if err != nil || string(payload) != "payload" || !reflect.DeepEqual(got, h) || b[0] != 9 || b[1] != 9 {
		t.Errorf("%x: header %v, payload %q, %v", b, got, payload, err)
	}

	limit := make([]byte, 65535-24)
	if b, err = h.AppendPacket(nil, limit); err != nil || len(b) != 65535 {
		t.Errorf("the longest datagram: %d octets, %v", len(b), err)
	}
	b, err = h.AppendPacket([]byte{0x77}, append(limit, 0))
	wiretest.WantFieldError(t, "one octet too many", b, err, "TotalLen")
	wiretest.WantLimit(t, "one octet too many", err, 65536, 65535)
}

func TestHeader4Refuses(t *testing.T) {
	conform.Row(t, "W-24")
	good := ip.Header4{TotalLen: 20, Src: a4, Dst: b4}
	if _, err := good.AppendBinary(nil); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*ip.Header4){
		"Options":    func(h *ip.Header4) { h.TotalLen, h.Options = 100, make([]byte, 44) },
		"Options ":   func(h *ip.Header4) { h.TotalLen, h.Options = 100, make([]byte, 6) },
		"TotalLen":   func(h *ip.Header4) { h.TotalLen = 19 },
		"TotalLen ":  func(h *ip.Header4) { h.TotalLen, h.Options = 23, make([]byte, 4) },
		"FragOffset": func(h *ip.Header4) { h.FragOffset = 4 },
		"Src":        func(h *ip.Header4) { h.Src = a6 },
		"Src ":       func(h *ip.Header4) { h.Src = netip.Addr{} },
		"Dst":        func(h *ip.Header4) { h.Dst = b6 },
		"Dst ":       func(h *ip.Header4) { h.Dst = netip.AddrFrom16(b4.As16()) },
	} {
		h := good
		change(&h)
		b, err := h.AppendBinary([]byte{0x77})
		wiretest.WantFieldError(t, field, b, err, string(bytes.TrimSpace([]byte(field))))
	}
	_, err := ip.Header4{TotalLen: 100, Src: a4, Dst: b4, Options: make([]byte, 44)}.AppendBinary(nil)
	wiretest.WantLimit(t, "options", err, 44, 40)
}

func TestHeader4Fragment(t *testing.T) {
	for _, r := range []struct {
		h               ip.Header4
		first, fragment bool
	}{
		{ip.Header4{}, true, false},
		{ip.Header4{MF: true}, true, true},
		{ip.Header4{FragOffset: 8}, false, true},
		{ip.Header4{FragOffset: 8, MF: true}, false, true},
	} {
		if r.h.First() != r.first || r.h.IsFragment() != r.fragment {
			t.Errorf("%v: first %t, fragment %t", r.h, r.h.First(), r.h.IsFragment())
		}
	}
}

func TestHeader4Allocs(t *testing.T) {
	conform.Row(t, "W-23")
	b := seal4(octets(t, "46 00 001c 0001 0000 40 11 0000 c0000201 c6336407 01010100 01020304"))
	h, payload, _ := ip.Parse4(b)
	buf := make([]byte, 0, 64)
	wiretest.NoAllocs(t, "parse", func() { _, _, _ = ip.Parse4(b) })
	wiretest.NoAllocs(t, "append", func() { _, _ = h.AppendBinary(buf) })
	wiretest.NoAllocs(t, "append packet", func() { _, _ = h.AppendPacket(buf, payload) })
}

func FuzzHeader4(f *testing.F) {
	f.Add([]byte("\x45\x00\x00\x1c\x00\x01\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x01\xc6\x33\x64\x07payload!padding"))
	f.Add([]byte("\x46\xb8\x00\x18\xab\xcd\xe5\xa7\x01\x11\xa6\x67\xc0\x00\x02\x01\xc6\x33\x64\x07\x94\x04\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ip.Seal4(b)
		h, payload, err := ip.Parse4(b)
		if err != nil {
			var pe *wire.ParseError
			if pe, _ = err.(*wire.ParseError); pe == nil || pe.Offset < 0 || pe.Offset > len(b) {
				t.Fatalf("error %v", err)
			}
			if pe.Reason != wire.Truncated {
				return
			}
			got, err := h.AppendBinary(nil)
			if err != nil || !bytes.Equal(append(got, payload...), b) {
				t.Fatalf("truncated: %x, %v", got, err)
			}
			return
		}
		got, err := h.AppendPacket(nil, payload)
		if err != nil || !bytes.Equal(got, b[:h.TotalLen]) {
			t.Fatalf("append: %x, %v; want %x", got, err, b[:h.TotalLen])
		}
		_ = h.String()
	})
}

func BenchmarkParse(b *testing.B) {
	h4 := ip.Header4{TTL: 64, Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	v4, _ := h4.AppendPacket(nil, make([]byte, 56))
	h6 := ip.Header6{HopLimit: 64, NextHeader: ip.ProtoUDP, Src: a6, Dst: b6}
	v6, _ := h6.AppendPacket(nil, make([]byte, 56))
	b.Run("header=ipv4/data=56", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(v4)))
		for b.Loop() {
			if _, _, err := ip.Parse4(v4); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("header=ipv6/data=56", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(v6)))
		for b.Loop() {
			if _, _, err := ip.Parse6(v6); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	h := ip.Header4{TotalLen: 84, TTL: 64, Proto: ip.ProtoUDP, Src: a4, Dst: b4}
	buf := make([]byte, 0, 64)
	b.Run("header=ipv4", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(ip.MinHeaderLen4)
		for b.Loop() {
			if _, err := h.AppendBinary(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}
