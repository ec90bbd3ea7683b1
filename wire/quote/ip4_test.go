package quote_test

import (
	"encoding/binary"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// parse returns the quote that fills b.
func parse(t *testing.T, b []byte) quote.Quote {
	t.Helper()
	q, err := quote.Parse(b)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return q
}

// TestClip4 checks what the total length does to the payload: RFC 4884 padding
// is no payload, and a length that cannot be true clips nothing.
func TestClip4(t *testing.T) {
	conform.Row(t, "W-16")
	for _, r := range []struct {
		name    string
		total   uint16
		options bool
		want    int // octets of payload, out of 108 or, with options, 104
	}{
		{"longer than the quote", 1500, false, 108},
		{"one more than the quote", 129, false, 108},
		{"all of the quote", 128, false, 108},
		{"one less than the quote", 127, false, 107},
		{"eight octets and padding", 28, false, 8},
		{"one octet and padding", 21, false, 1},
		{"header and padding", 20, false, 0},
		{"less than the header", 19, false, 108},
		{"zero", 0, false, 108},
		{"less the header, as BSD has it", 8, false, 108},
		{"512 in the byte order of BSD", 2, false, 108},
		{"with options: eight octets", 32, true, 8},
		{"with options: header", 24, true, 0},
		{"with options: less than the header", 23, true, 104},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := make([]byte, 128)
			copy(b, wiretest.Octets(t, udp4))
			if r.options {
				b[0] = 0x46
			}
			binary.BigEndian.PutUint16(b[2:], r.total)
			q := parse(t, b)
			if len(q.Payload) != r.want {
				t.Errorf("payload of %d octets, want %d", len(q.Payload), r.want)
			}
			if !q.Has(quote.TotalLen) || q.TotalLen != uint32(r.total) {
				t.Errorf("total length %d, want %d", q.TotalLen, r.total)
			}
			if got, want := q.Has(quote.UDPLen|quote.Checksum), r.want >= 8; got != want {
				t.Errorf("UDP header there: %v, want %v", got, want)
			}
		})
	}
}

// TestLongHeader cuts a header with the most options.
func TestLongHeader(t *testing.T) {
	b := make([]byte, 70)
	copy(b, wiretest.Octets(t, udp4))
	b[0], b[2] = 0x4f, 0xff
	for n := 20; n <= len(b); n++ {
		q := parse(t, b[:n])
		if q.HeaderLen != 60 || q.Has(quote.Header) != (n >= 60) {
			t.Errorf("%d octets: header of %d, whole: %v", n, q.HeaderLen, q.Has(quote.Header))
		}
		if len(q.Options) != min(n, 60)-20 || len(q.Payload) != max(0, n-60) {
			t.Errorf("%d octets: %d of options, %d of payload", n, len(q.Options), len(q.Payload))
		}
		if (q.Sum == quote.SumAbsent) != (n < 60) {
			t.Errorf("%d octets: header checksum %v", n, q.Sum)
		}
	}
	b[0] = 0x45
	if q := parse(t, b); q.Options != nil {
		t.Errorf("options %x of a header without", q.Options)
	}
}

func TestHeaderChecksum(t *testing.T) {
	b := wiretest.Octets(t, udp4)
	header := func(change func(h []byte)) quote.Quote {
		h := append([]byte(nil), b...)
		h[10], h[11] = 0, 0
		binary.BigEndian.PutUint16(h[10:], checksum.Of(h[:20]))
		change(h)
		return parse(t, h)
	}
	right := header(func([]byte) {})
	for _, r := range []struct {
		name   string
		change func(h []byte)
		want   quote.Sum
		value  uint16
	}{
		{"as it was sent", func([]byte) {}, quote.SumGood, right.HeaderChecksum},
		{"TTL lowered since", func(h []byte) { h[8]-- }, quote.SumBad, right.HeaderChecksum},
		{"payload changed", func(h []byte) { h[20]++ }, quote.SumGood, right.HeaderChecksum},
		{"zero", func(h []byte) { h[10], h[11] = 0, 0 }, quote.SumAbsent, 0},
		{"zero and right", func(h []byte) {
			h[10], h[11] = 0, 0
			h[4], h[5] = 0, 0
			binary.BigEndian.PutUint16(h[4:], checksum.Of(h[:20]))
		}, quote.SumGood, 0},
		{"only the low octet set", func(h []byte) { h[10], h[11] = 0, 1 }, quote.SumBad, 1},
	} {
		q := header(r.change)
		if q.Sum != r.want || q.HeaderChecksum != r.value || !q.Has(quote.HeaderChecksum) {
			t.Errorf("%s: %v %#04x, want %v %#04x", r.name, q.Sum, q.HeaderChecksum, r.want, r.value)
		}
	}
	if q := parse(t, b[:19]); q.Sum != quote.SumAbsent {
		t.Errorf("of a header that is cut: %v", q.Sum)
	}
	withOptions := append([]byte{0x46}, b[1:]...)
	withOptions[10], withOptions[11] = 0, 0
	binary.BigEndian.PutUint16(withOptions[10:], checksum.Of(withOptions[:24]))
	if q := parse(t, withOptions); q.Sum != quote.SumGood {
		t.Errorf("over options: %v", q.Sum)
	}
}

// TestFlags4 walks through the bits of the fragment word, the reserved flag
// included, which is none of them.
func TestFlags4(t *testing.T) {
	b := wiretest.Octets(t, udp4)
	for _, r := range []struct {
		word   uint16
		df, mf bool
		offset uint16
	}{
		{0x0000, false, false, 0},
		{0x8000, false, false, 0},
		{0x4000, true, false, 0},
		{0x2000, false, true, 0},
		{0xe000, true, true, 0},
		{0x0001, false, false, 8},
		{0x1000, false, false, 32768},
		{0xffff, true, true, 65528},
		{0x0040, false, false, 512}, // DF in the byte order of BSD: as it stands
	} {
		binary.BigEndian.PutUint16(b[6:], r.word)
		for _, n := range []int{8, 28} {
			q := parse(t, b[:n])
			if q.DF != r.df || q.MF != r.mf || q.FragOffset != r.offset {
				t.Errorf("word %#04x in %d octets: df %v, mf %v, offset %d", r.word, n, q.DF, q.MF, q.FragOffset)
			}
		}
		if q := parse(t, b); q.Has(quote.SrcPort) != (r.offset == 0) || len(q.Payload) != 48 {
			t.Errorf("word %#04x: source port there: %v, %d octets of payload", r.word, q.Has(quote.SrcPort), len(q.Payload))
		}
	}
}

// TestOtherFamily checks that ICMPv6 in IPv4 and ICMPv4 in IPv6 are protocols
// like any other.
func TestOtherFamily(t *testing.T) {
	b4, b6 := wiretest.Octets(t, icmp4), wiretest.Octets(t, udp6)
	b4[9], b6[6] = byte(ip.ProtoICMPv6), byte(ip.ProtoICMP)
	for _, b := range [][]byte{b4, b6} {
		if q := parse(t, b); q.Has(quote.ICMPType) || q.Has(quote.Checksum) || !q.Has(quote.Proto|quote.Header) {
			t.Errorf("fields %x of %v", q.Present, q)
		}
	}
}
