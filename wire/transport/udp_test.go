package transport_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/transport"
)

func TestUDP(t *testing.T) {
	conform.Row(t, "W-21")
	wiretest.Run(t, wiretest.Codec[transport.UDP]{
		Parse: func(b []byte) (transport.UDP, error) {
			u, _, err := transport.DecodeUDP(b)
			return u, err
		},
		Append: transport.UDP.AppendBinary,
		String: transport.UDP.String,
		Min:    transport.UDPLen,
	}, []wiretest.Row[transport.UDP]{{
		Name:  "every field",
		Value: transport.UDP{SrcPort: 0x8000, DstPort: 0x829a, Length: 0x0102, Checksum: 0xcd2a},
		Hex:   "8000 829a 0102 cd2a",
		Text:  "UDP 32768 > 33434, 258 octets",
	}, {
		Name:  "zero",
		Value: transport.UDP{},
		Hex:   "0000 0000 0000 0000",
	}})
}

// The packets and their checksums have been computed apart from this code.
func TestUDPPacket(t *testing.T) {
	conform.Row(t, "W-21")
	for _, r := range []struct {
		name     string
		src, dst netip.Addr
		hex      string
		payload  string
	}{
		{"IPv4", a4, b4, "8000 829a 000d cd2a 68656c6c6f", "hello"},
		{"IPv6", a6, b6, "8000 829a 000d 5ded 68656c6c6f", "hello"},
		{"IPv4, checksum comes to 0", a4, b4, "8000 829a 000a ffff 1103", "\x11\x03"},
		{"IPv6, checksum comes to 0", a6, b6, "8000 829a 000a ffff a1c5", "\xa1\xc5"},
	} {
		want := octets(t, r.hex)
		u := transport.UDP{SrcPort: 0x8000, DstPort: 0x829a, Length: 99, Checksum: 99}
		b, err := u.AppendPacket([]byte{1, 2, 3}, r.src, r.dst, []byte(r.payload))
		if err != nil || !bytes.Equal(b, append([]byte{1, 2, 3}, want...)) {
			t.Errorf("%s: %x, %v; want %x", r.name, b, err, want)
		}
		got, payload, err := transport.ParseUDP(want, r.src, r.dst)
		u.Length, u.Checksum = uint16(len(want)), uint16(want[6])<<8|uint16(want[7])
		if err != nil || got != u || string(payload) != r.payload {
			t.Errorf("%s: %v, %q, %v", r.name, got, payload, err)
		}
		// Every bit counts, those of the addresses too.
		for i := range len(want) * 8 {
			bad := bytes.Clone(want)
			bad[i/8] ^= 0x80 >> (i % 8)
			if _, _, err := transport.ParseUDP(bad, r.src, r.dst); err == nil {
				t.Errorf("%s: bit %d changed, and it parses", r.name, i)
			}
		}
		_, _, err = transport.ParseUDP(want, r.src, r.dst.Next())
		wiretest.WantParseError(t, r.name+", another destination", err, 6, wire.Checksum)
		_, _, err = transport.ParseUDP(want, r.src.Next(), r.dst)
		wiretest.WantParseError(t, r.name+", another source", err, 6, wire.Checksum)
	}
}

func TestParseUDPFaults(t *testing.T) {
	conform.Row(t, "W-20")
	good := octets(t, "8000 829a 000d cd2a 68656c6c6f")
	for n := range 8 {
		_, _, err := transport.ParseUDP(good[:n], a4, b4)
		wiretest.WantParseError(t, fmt.Sprintf("%d octets", n), err, n, wire.Short)
	}
	_, _, err := transport.ParseUDP(good[:12], a4, b4)
	wiretest.WantParseError(t, "less than the length", err, 4, wire.Length)
	_, _, err = transport.ParseUDP(octets(t, "8000 829a 0007 0000"), a4, b4)
	wiretest.WantParseError(t, "length 7", err, 4, wire.Length)

	// What stands behind the length is no part of it.
	u, payload, err := transport.ParseUDP(append(bytes.Clone(good), 1, 2), a4, b4)
	if err != nil || u.Length != 13 || string(payload) != "hello" || cap(payload) != 5 {
		t.Errorf("surplus: %v, %q with capacity %d, %v", u, payload, cap(payload), err)
	}
	// The header alone is a packet.
	if _, payload, err = transport.ParseUDP(octets(t, "8000 829a 0008 0000"), a4, b4); err != nil || len(payload) != 0 {
		t.Errorf("no payload: %x, %v", payload, err)
	}
	// No checksum: allowed in IPv4, and only there.
	none := octets(t, "8000 829a 000d 0000 68656c6c6f")
	if _, payload, err = transport.ParseUDP(none, a4, b4); err != nil || string(payload) != "hello" {
		t.Errorf("no checksum: %q, %v", payload, err)
	}
	_, _, err = transport.ParseUDP(none, a6, b6)
	wiretest.WantParseError(t, "no checksum in IPv6", err, 6, wire.Checksum)
	// Not even when the sum comes out right with it.
	_, _, err = transport.ParseUDP(octets(t, "8000 829a 000a 0000 a1c5"), a6, b6)
	wiretest.WantParseError(t, "zero checksum in IPv6", err, 6, wire.Checksum)
}

func TestUDPLite(t *testing.T) {
	conform.Row(t, "W-21")
	for _, r := range []struct {
		name     string
		src, dst netip.Addr
		coverage uint16
		hex      string
		payload  string
		covered  int
	}{
		{"header alone", a4, b4, 8, "8000 829a 0008 108b 68656c6c6f", "hello", 8},
		{"header alone, IPv6", a6, b6, 8, "8000 829a 0008 a14d 68656c6c6f", "hello", 8},
		{"one octet more", a4, b4, 9, "8000 829a 0009 a889 68656c6c6f", "hello", 9},
		{"everything", a4, b4, 0, "8000 829a 0000 ccc0 68656c6c6f", "hello", 13},
		{"everything, IPv6", a6, b6, 0, "8000 829a 0000 5d83 68656c6c6f", "hello", 13},
		{"checksum comes to 0", a4, b4, 0, "8000 829a 0000 ffff 1096", "\x10\x96", 10},
	} {
		want := octets(t, r.hex)
		u := transport.UDPLite{SrcPort: 0x8000, DstPort: 0x829a, Coverage: r.coverage, Checksum: 99}
		b, err := u.AppendPacket([]byte{1, 2, 3}, r.src, r.dst, []byte(r.payload))
		if err != nil || !bytes.Equal(b, append([]byte{1, 2, 3}, want...)) {
			t.Errorf("%s: %x, %v; want %x", r.name, b, err, want)
		}
		got, payload, err := transport.ParseUDPLite(want, r.src, r.dst)
		u.Checksum = uint16(want[6])<<8 | uint16(want[7])
		if err != nil || got != u || string(payload) != r.payload {
			t.Errorf("%s: %v, %q, %v", r.name, got, payload, err)
		}
		if again, err := got.AppendBinary(nil); err != nil || !bytes.Equal(again, want[:8]) {
			t.Errorf("%s: header %x, %v", r.name, again, err)
		}
		for i := range want {
			bad := bytes.Clone(want)
			bad[i] ^= 0x04
			if _, _, err := transport.ParseUDPLite(bad, r.src, r.dst); (err == nil) != (i >= r.covered) {
				t.Errorf("%s: octet %d changed: %v", r.name, i, err)
			}
		}
	}
	if s := (transport.UDPLite{SrcPort: 1, DstPort: 2, Coverage: 8}).String(); s != "UDPLite 1 > 2, coverage 8" {
		t.Errorf("text %q", s)
	}
}

func TestUDPLiteFaults(t *testing.T) {
	conform.Row(t, "W-20")
	for n := range 8 {
		_, _, err := transport.ParseUDPLite(make([]byte, n), a4, b4)
		wiretest.WantParseError(t, fmt.Sprintf("%d octets", n), err, n, wire.Short)
	}
	for _, r := range []struct {
		name, hex string
		offset    int
		reason    wire.Reason
	}{
		{"coverage 1", "8000 829a 0001 0000 68", 4, wire.Length},
		{"coverage 7", "8000 829a 0007 0000 68", 4, wire.Length},
		{"coverage of more than there is", "8000 829a 000a 0000 68", 4, wire.Length},
		{"no checksum", "8000 829a 0000 0000 1096", 6, wire.Checksum},
		{"wrong checksum", "8000 829a 0000 ccc1 68656c6c6f", 6, wire.Checksum},
	} {
		_, _, err := transport.ParseUDPLite(octets(t, r.hex), a4, b4)
		wiretest.WantParseError(t, r.name, err, r.offset, r.reason)
	}
	for _, coverage := range []uint16{1, 7, 10} {
		b, err := transport.UDPLite{Coverage: coverage}.AppendPacket([]byte{0x77}, a4, b4, []byte{1})
		wiretest.WantFieldError(t, "coverage", b, err, "Coverage")
	}
	if _, err := (transport.UDPLite{Coverage: 9}).AppendPacket(nil, a4, b4, []byte{1}); err != nil {
		t.Errorf("coverage of everything: %v", err)
	}
}

func FuzzUDP(f *testing.F) {
	b, _ := transport.UDP{SrcPort: 1, DstPort: 2}.AppendPacket(nil, a4, b4, []byte("payload"))
	f.Add(b)
	b, _ = transport.UDPLite{SrcPort: 1, DstPort: 2, Coverage: 9}.AppendPacket(nil, a6, b6, []byte("payload"))
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		u, rest, err := transport.DecodeUDP(b)
		if err != nil {
			if len(b) >= 8 {
				t.Fatal(err)
			}
			return
		}
		if got, err := u.AppendBinary(nil); err != nil || !bytes.Equal(append(got, rest...), b) {
			t.Fatalf("append: %x, %v; want %x", got, err, b)
		}
		for _, r := range [][2]netip.Addr{{a4, b4}, {a6, b6}} {
			// What is built is what parses, whatever the input.
			whole, err := u.AppendPacket(nil, r[0], r[1], rest)
			if err != nil {
				continue
			}
			if got, payload, err := transport.ParseUDP(whole, r[0], r[1]); err != nil || !bytes.Equal(payload, rest) || got.SrcPort != u.SrcPort {
				t.Fatalf("%x: %v, %x, %v", whole, got, payload, err)
			}
			_, _, _ = transport.ParseUDP(b, r[0], r[1])
			_, _, _ = transport.ParseUDPLite(b, r[0], r[1])
		}
	})
}
