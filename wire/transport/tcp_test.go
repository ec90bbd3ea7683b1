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

var tcp = wiretest.Codec[transport.TCP]{
	Parse: func(b []byte) (transport.TCP, error) {
		t, _, err := transport.DecodeTCP(b)
		return t, err
	},
	Append: transport.TCP.AppendBinary,
	String: transport.TCP.String,
	Min:    transport.TCPLen,
}

func TestTCP(t *testing.T) {
	conform.Row(t, "W-21")
	wiretest.Run(t, tcp, []wiretest.Row[transport.TCP]{{
		Name: "every field",
		Value: transport.TCP{
			SrcPort: 0xd431, DstPort: 80, Seq: 0x01020304, Ack: 0x0a0b0c0d, Reserved: 5, Flags: transport.SYN | transport.ACK,
			Window: 0xfaf0, Checksum: 0x47aa, Urgent: 0x1234, Options: []byte{2, 4, 5, 0xb4},
		},
		Hex:  "d431 0050 01020304 0a0b0c0d 6512 faf0 47aa 1234 020405b4",
		Text: "TCP 54321 > 80 SYN,ACK, seq 16909060, ack 168496141, window 64240",
	}, {
		Name:  "zero",
		Value: transport.TCP{},
		Hex:   "0000 0000 00000000 00000000 5000 0000 0000 0000",
		Text:  "TCP 0 > 0 none, seq 0, ack 0, window 0",
	}, {
		Name: "every limit",
		Value: transport.TCP{
			SrcPort: 65535, DstPort: 65535, Seq: 0xffffffff, Ack: 0xffffffff, Reserved: 15, Flags: 255,
			Window: 65535, Checksum: 65535, Urgent: 65535, Options: bytes.Repeat([]byte{0xff}, 40),
		},
		Hex: "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff" +
			"ffffffff ffffffff ffffffff ffffffff ffffffff",
		Text: "TCP 65535 > 65535 FIN,SYN,RST,PSH,ACK,URG,ECE,CWR, seq 4294967295, ack 4294967295, window 65535",
	}})
	for _, r := range []struct {
		h     transport.TCP
		field string
	}{
		{transport.TCP{Options: make([]byte, 44)}, "Options"},
		{transport.TCP{Options: make([]byte, 5)}, "Options"},
		{transport.TCP{Reserved: 16}, "Reserved"},
	} {
		wiretest.Refused(t, tcp, r.h, r.field)
		b, err := r.h.AppendPacket([]byte{0x77}, a4, b4, []byte{1})
		wiretest.WantFieldError(t, "packet", b, err, r.field)
	}
	_, err := transport.TCP{Options: make([]byte, 44)}.AppendBinary(nil)
	wiretest.WantLimit(t, "options", err, 44, 40)
	_, err = transport.TCP{Reserved: 16}.AppendBinary(nil)
	wiretest.WantLimit(t, "reserved", err, 16, 15)
}

// The packets and their checksums have been computed apart from this code.
func TestTCPPacket(t *testing.T) {
	for _, r := range []struct {
		src, dst netip.Addr
		checksum uint16
	}{{a4, b4, 0x47aa}, {a6, b6, 0xd86c}} {
		h := transport.TCP{
			SrcPort: 0xd431, DstPort: 80, Seq: 0x01020304, Ack: 0x0a0b0c0d, Flags: transport.SYN | transport.ACK,
			Window: 0xfaf0, Checksum: 9, Urgent: 0x1234, Options: []byte{2, 4, 5, 0xb4},
		}
		b, err := h.AppendPacket([]byte{1, 2, 3}, r.src, r.dst, []byte("hi"))
		want := octets(t, fmt.Sprintf("010203 d431 0050 01020304 0a0b0c0d 6012 faf0 %04x 1234 020405b4 6869", r.checksum))
		if err != nil || !bytes.Equal(b, want) {
			t.Fatalf("%x, %v; want %x", b, err, want)
		}
		b = b[3:]
		got, payload, err := transport.ParseTCP(b, r.src, r.dst)
		if err != nil || got.Checksum != r.checksum || string(payload) != "hi" || cap(got.Options) != 4 || got.HeaderLen() != 24 {
			t.Errorf("%v, %q, %v", got, payload, err)
		}
		for i := range len(b) * 8 {
			bad := bytes.Clone(b)
			bad[i/8] ^= 0x80 >> (i % 8)
			if _, _, err := transport.ParseTCP(bad, r.src, r.dst); err == nil {
				t.Errorf("bit %d changed, and it parses", i)
			}
		}
		_, _, err = transport.ParseTCP(b, r.src, r.dst.Next())
		wiretest.WantParseError(t, "another destination", err, 16, wire.Checksum)
	}
}

func TestDecodeTCPFaults(t *testing.T) {
	conform.Row(t, "W-20")
	whole := octets(t, "d431 0050 01020304 0a0b0c0d 6012 faf0 47aa 1234 020405b4")
	for n := range whole {
		_, _, err := transport.DecodeTCP(whole[:n])
		wiretest.WantParseError(t, fmt.Sprintf("%d octets", n), err, n, wire.Short)
	}
	for _, offset := range []byte{0, 4} {
		b := bytes.Clone(whole)
		b[12] = offset << 4
		_, _, err := transport.DecodeTCP(b)
		wiretest.WantParseError(t, "data offset", err, 12, wire.Length)
		_, _, err = transport.ParseTCP(b, a4, b4)
		wiretest.WantParseError(t, "data offset", err, 12, wire.Length)
	}
	for n := range 10 {
		seq, err := transport.ParseSeq(whole[:n])
		if n < 8 {
			wiretest.WantParseError(t, fmt.Sprintf("sequence number in %d octets", n), err, n, wire.Short)
		} else if seq != 0x01020304 || err != nil {
			t.Errorf("sequence number in %d octets: %#x, %v", n, seq, err)
		}
	}
}

func TestTCPFlags(t *testing.T) {
	for i, want := range []string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"} {
		if got := transport.TCPFlags(1 << i).String(); got != want {
			t.Errorf("bit %d: %q, want %q", i, got, want)
		}
	}
	if s := (transport.RST | transport.ACK).String(); s != "RST,ACK" {
		t.Errorf("%q", s)
	}
}

func FuzzTCP(f *testing.F) {
	b, _ := transport.TCP{SrcPort: 1, DstPort: 2, Flags: transport.SYN, Options: []byte{2, 4, 5, 0xb4}}.AppendPacket(nil, a4, b4, []byte("payload"))
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, rest, err := transport.DecodeTCP(b)
		if err != nil {
			pe, _ := err.(*wire.ParseError)
			if pe == nil || pe.Offset < 0 || pe.Offset > len(b) {
				t.Fatalf("error %v", err)
			}
			return
		}
		if got, err := h.AppendBinary(nil); err != nil || !bytes.Equal(append(got, rest...), b) {
			t.Fatalf("append: %x, %v; want %x", got, err, b)
		}
		whole, err := h.AppendPacket(nil, a6, b6, rest)
		if err != nil {
			return
		}
		if got, payload, err := transport.ParseTCP(whole, a6, b6); err != nil || !bytes.Equal(payload, rest) || got.Seq != h.Seq {
			t.Fatalf("%x: %v, %x, %v", whole, got, payload, err)
		}
		_ = h.String()
	})
}
