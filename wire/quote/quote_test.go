package quote_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"unsafe"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

var (
	src4 = netip.MustParseAddr("192.0.2.1")
	dst4 = netip.MustParseAddr("198.51.100.7")
	src6 = netip.MustParseAddr("2001:db8::1")
	dst6 = netip.MustParseAddr("2001:db8::7")
)

// fields are all fields by name, in the order of their bits.
var fields = []struct {
	bit  quote.Fields
	name string // in Quote; empty where the bit stands for no field
}{
	{quote.TOS, "TOS"},
	{quote.FlowLabel, "FlowLabel"},
	{quote.TotalLen, "TotalLen"},
	{quote.ID, "ID"},
	{quote.Flags, "DF"},
	{quote.Flags, "MF"},
	{quote.FragOffset, "FragOffset"},
	{quote.TTL, "TTL"},
	{quote.Proto, "Proto"},
	{quote.HeaderChecksum, "HeaderChecksum"},
	{quote.Src, "Src"},
	{quote.Dst, "Dst"},
	{quote.Header, ""},
	{quote.SrcPort, "SrcPort"},
	{quote.DstPort, "DstPort"},
	{quote.UDPLen, "UDPLen"},
	{quote.TCPSeq, "TCPSeq"},
	{quote.TCPAck, "TCPAck"},
	{quote.TCPFlags, "TCPFlags"},
	{quote.ICMPType, "ICMPType"},
	{quote.ICMPCode, "ICMPCode"},
	{quote.ICMPID, "ICMPID"},
	{quote.ICMPSeq, "ICMPSeq"},
	{quote.Checksum, "Checksum"},
}

// only returns q with no other fields than those present.
func only(q quote.Quote, present quote.Fields) quote.Quote {
	v := reflect.ValueOf(&q).Elem()
	for _, f := range fields {
		if f.name != "" && present&f.bit == 0 {
			v.FieldByName(f.name).SetZero()
		}
	}
	q.Present = present
	return q
}

// bare prints as its fields.
type bare quote.Quote

// plain returns q without what depends on where the quote ends.
func plain(q quote.Quote) quote.Quote {
	q.Options, q.Payload, q.HeaderLen, q.Sum = nil, nil, 0, 0
	return q
}

// A datagram is what a quote is cut from, and which octet completes a field.
type datagram struct {
	name  string
	hex   string
	whole quote.Quote // without Present and slices
	at    map[quote.Fields]int
	fixed int // where the fixed header ends
	upper int // where the upper layer begins
}

var fixed4 = map[quote.Fields]int{
	quote.TOS: 2, quote.TotalLen: 4, quote.ID: 6, quote.Flags: 7, quote.FragOffset: 8, quote.TTL: 9,
	quote.Proto: 10, quote.HeaderChecksum: 12, quote.Src: 16, quote.Dst: 20,
}

var fixed6 = map[quote.Fields]int{
	quote.TOS: 2, quote.FlowLabel: 4, quote.TotalLen: 6, quote.Proto: 7, quote.TTL: 8, quote.Src: 24, quote.Dst: 40,
}

// with returns m with more bounds, each counted from an octet, where the header
// ends.
func with(m map[quote.Fields]int, from int, more map[quote.Fields]int) map[quote.Fields]int {
	r := map[quote.Fields]int{}
	for f, n := range m {
		r[f] = n
	}
	r[quote.Header] = from
	for f, n := range more {
		r[f] = from + n
	}
	return r
}

var (
	udpAt = map[quote.Fields]int{quote.SrcPort: 2, quote.DstPort: 4, quote.UDPLen: 6, quote.Checksum: 8}
	tcpAt = map[quote.Fields]int{
		quote.SrcPort: 2, quote.DstPort: 4, quote.TCPSeq: 8, quote.TCPAck: 12,
		quote.TCPFlags: 14, quote.Checksum: 18,
	}
	echoAt = map[quote.Fields]int{quote.ICMPType: 1, quote.ICMPCode: 2, quote.Checksum: 4, quote.ICMPID: 6, quote.ICMPSeq: 8}
	probAt = map[quote.Fields]int{quote.ICMPType: 1, quote.ICMPCode: 2, quote.Checksum: 4, quote.ICMPID: 6, quote.ICMPSeq: 7}
)

var datagrams = []datagram{
	{
		name: "IPv4 UDP", hex: udp4, fixed: 20, upper: 20, at: with(fixed4, 20, udpAt),
		whole: quote.Quote{
			Version: 4, TotalLen: 68, ID: 0x4567, DF: true, TTL: 1, Proto: ip.ProtoUDP,
			HeaderChecksum: 0xabcd, Src: src4, Dst: dst4,
			SrcPort: 40000, DstPort: 33434, UDPLen: 48, Checksum: 0xbeef,
		},
	}, {
		name: "IPv4 echo", hex: icmp4, fixed: 20, upper: 20, at: with(fixed4, 20, echoAt),
		whole: quote.Quote{
			Version: 4, TOS: 0x10, TotalLen: 28, ID: 0x1234, TTL: 2, Proto: ip.ProtoICMP, Src: src4, Dst: dst4,
			ICMPType: 8, Checksum: 0xf7f5, ICMPID: 7, ICMPSeq: 3,
		},
	}, {
		name: "IPv4 extended echo", fixed: 20, upper: 20, at: with(fixed4, 20, probAt),
		hex: "4500002012340000" + "02010000" + "c0000201c6336407" + "2a01f7f500070301" + "20000000",
		whole: quote.Quote{
			Version: 4, TotalLen: 32, ID: 0x1234, TTL: 2, Proto: ip.ProtoICMP, Src: src4, Dst: dst4,
			ICMPType: 42, ICMPCode: 1, Checksum: 0xf7f5, ICMPID: 7, ICMPSeq: 3,
		},
	}, {
		name: "IPv4 TCP", hex: tcp4, fixed: 20, upper: 20, at: with(fixed4, 20, tcpAt),
		whole: quote.Quote{
			Version: 4, TotalLen: 40, ID: 1, DF: true, TTL: 1, Proto: ip.ProtoTCP, Src: src4, Dst: dst4,
			SrcPort: 54321, DstPort: 80, TCPSeq: 0x12345678, TCPAck: 0x9abcdef0, TCPFlags: 2, Checksum: 0xcafe,
		},
	}, {
		name: "IPv4 options, first fragment", fixed: 20, upper: 28, at: with(fixed4, 28, udpAt),
		hex: "47ff05dcffff2000ff11ffffc0000201c6336407" + "0707040000000000" + "0001000200030004" + "ffff",
		whole: quote.Quote{
			Version: 4, TOS: 255, TotalLen: 1500, ID: 0xffff, MF: true, TTL: 255, Proto: ip.ProtoUDP,
			HeaderChecksum: 0xffff, Src: src4, Dst: dst4, SrcPort: 1, DstPort: 2, UDPLen: 3, Checksum: 4,
		},
	}, {
		name: "IPv4 later fragment", fixed: 20, upper: 20, at: with(fixed4, 20, nil),
		hex: "450005dc0007" + "3fff" + "4011" + "1234" + "c0000201c6336407" + "0001000200030004",
		whole: quote.Quote{
			Version: 4, TotalLen: 1500, ID: 7, MF: true, FragOffset: 65528, TTL: 64, Proto: ip.ProtoUDP,
			HeaderChecksum: 0x1234, Src: src4, Dst: dst4,
		},
	}, {
		name: "IPv6 UDP", hex: udp6, fixed: 40, upper: 40, at: with(fixed6, 40, udpAt),
		whole: quote.Quote{
			Version: 6, TOS: 0xab, FlowLabel: 0xcdef1, TotalLen: 56, TTL: 1, Proto: ip.ProtoUDP,
			Src: src6, Dst: dst6, SrcPort: 40000, DstPort: 33434, UDPLen: 16, Checksum: 0xbeef,
		},
	}, {
		name: "IPv6 echo", fixed: 40, upper: 40, at: with(fixed6, 40, echoAt),
		hex: "6000000000083a40" + "20010db8000000000000000000000001" + "20010db8000000000000000000000007" + "8000123400070003",
		whole: quote.Quote{
			Version: 6, TotalLen: 48, TTL: 64, Proto: ip.ProtoICMPv6, Src: src6, Dst: dst6,
			ICMPType: 128, Checksum: 0x1234, ICMPID: 7, ICMPSeq: 3,
		},
	}, {
		name: "IPv6 extended echo", fixed: 40, upper: 40, at: with(fixed6, 40, probAt),
		hex: "60000000000c3a40" + "20010db8000000000000000000000001" + "20010db8000000000000000000000007" + "a000123400070301" + "20000000",
		whole: quote.Quote{
			Version: 6, TotalLen: 52, TTL: 64, Proto: ip.ProtoICMPv6, Src: src6, Dst: dst6,
			ICMPType: 160, Checksum: 0x1234, ICMPID: 7, ICMPSeq: 3,
		},
	}, {
		name: "IPv6 chain", hex: chain6, fixed: 40, upper: 96,
		at: with(with(fixed6, 88, map[quote.Fields]int{quote.Proto: 1, quote.Flags: 4, quote.FragOffset: 4, quote.ID: 8}), 96, udpAt),
		whole: quote.Quote{
			Version: 6, TotalLen: 104, TTL: 64, Proto: ip.ProtoUDP, Src: src6, Dst: dst6,
			MF: true, ID: 0x12345678, SrcPort: 40000, DstPort: 33434, UDPLen: 16, Checksum: 0xbeef,
		},
	}, {
		name: "IPv6 later fragment of destination options", fixed: 40, upper: 48,
		at:  with(with(fixed6, 40, map[quote.Fields]int{quote.Proto: 4, quote.Flags: 4, quote.FragOffset: 4, quote.ID: 8}), 48, nil),
		hex: "6000000000102c40" + "20010db8000000000000000000000001" + "20010db8000000000000000000000007" + "3c00fffe00000009" + "1100000000000000",
		whole: quote.Quote{
			Version: 6, TotalLen: 56, TTL: 64, Proto: ip.ProtoDestOpts, Src: src6, Dst: dst6,
			FragOffset: 65528, ID: 9,
		},
	},
}

// TestEveryCut parses every beginning of every datagram: each field appears
// with the octet that completes it, with its value, and not before.
func TestEveryCut(t *testing.T) {
	conform.Row(t, "W-16")
	conform.Row(t, "W-20")
	for _, d := range datagrams {
		t.Run(d.name, func(t *testing.T) {
			b := wiretest.Octets(t, d.hex)
			for n := 1; n <= len(b); n++ {
				q, err := quote.Parse(b[:n])
				if err != nil {
					t.Fatalf("%d octets: %v", n, err)
				}
				var present quote.Fields
				for f, at := range d.at {
					if n >= at {
						present |= f
					}
				}
				if got, want := plain(q), only(d.whole, present); !reflect.DeepEqual(got, want) {
					t.Errorf("%d octets:\n got %+v\nwant %+v", n, bare(got), bare(want))
				}
				part(t, fmt.Sprintf("%d octets: options", n), q.Options, b, d.fixed, min(n, d.upper))
				part(t, fmt.Sprintf("%d octets: payload", n), q.Payload, b, d.upper, n)
				if n >= d.upper && q.HeaderLen != uint32(d.upper) {
					t.Errorf("%d octets: header of %d octets, want %d", n, q.HeaderLen, d.upper)
				}
			}
		})
	}
}

// part checks that got is b[from:to], in place, and empty where that is.
func part(t *testing.T, what string, got, b []byte, from, to int) {
	t.Helper()
	switch {
	case len(got) != max(0, to-from):
		t.Errorf("%s: %d octets, want %d", what, len(got), max(0, to-from))
	case len(got) > 0 && &got[0] != &b[from]:
		t.Errorf("%s: not where it stands in the quote", what)
	case len(got) != cap(got):
		t.Errorf("%s: capacity for %d octets beyond", what, cap(got)-len(got))
	}
}

// TestVersions checks that Parse, Parse4 and Parse6 agree on who reads what.
func TestVersions(t *testing.T) {
	b4, b6 := wiretest.Octets(t, udp4), wiretest.Octets(t, udp6)
	q4, err4 := quote.Parse4(b4)
	p4, _ := quote.Parse(b4)
	q6, err6 := quote.Parse6(b6)
	p6, _ := quote.Parse(b6)
	if err4 != nil || err6 != nil || !reflect.DeepEqual(q4, p4) || !reflect.DeepEqual(q6, p6) {
		t.Errorf("Parse4: %+v, %v\nParse6: %+v, %v", q4, err4, q6, err6)
	}
}

func TestRefused(t *testing.T) {
	conform.Row(t, "W-20")
	parse := map[string]func([]byte) (quote.Quote, error){"Parse": quote.Parse, "Parse4": quote.Parse4, "Parse6": quote.Parse6}
	for _, r := range []struct {
		by     string
		hex    string
		reason wire.Reason
	}{
		{"Parse", "", wire.Truncated},
		{"Parse4", "", wire.Truncated},
		{"Parse6", "", wire.Truncated},
		{"Parse", "00", wire.Version},
		{"Parse", "55", wire.Version},
		{"Parse", "75", wire.Version},
		{"Parse", "f5", wire.Version},
		{"Parse", "40", wire.Length},
		{"Parse", "44" + udp4[2:], wire.Length},
		{"Parse4", "44", wire.Length},
		{"Parse4", udp6, wire.Version},
		{"Parse6", udp4, wire.Version},
		{"Parse6", "5f", wire.Version},
	} {
		q, err := parse[r.by](wiretest.Octets(t, r.hex))
		var pe *wire.ParseError
		if !errors.As(err, &pe) || *pe != (wire.ParseError{Type: "quote.Quote", Reason: r.reason}) {
			t.Errorf("%s of %.10q: error %v, want octet 0: %v", r.by, r.hex, err, r.reason)
		}
		if !reflect.DeepEqual(q, quote.Quote{}) {
			t.Errorf("%s of %.10q: %+v with an error", r.by, r.hex, q)
		}
	}
	if q, err := quote.Parse([]byte{0x45}); err != nil || q.HeaderLen != 20 || q.Version != 4 || q.Present != 0 {
		t.Errorf("one octet of IPv4: %+v, %v", q, err)
	}
	if q, err := quote.Parse([]byte{0x60}); err != nil || q.HeaderLen != 40 || q.Version != 6 || q.Present != 0 {
		t.Errorf("one octet of IPv6: %+v, %v", q, err)
	}
}

func TestHas(t *testing.T) {
	q := quote.Quote{Present: quote.SrcPort | quote.Src | quote.Dst}
	if q.Has(quote.Ports) || !q.Has(quote.SrcPort) || q.Has(quote.DstPort) || !q.Has(quote.Addrs) || !q.Has(0) {
		t.Error("Has takes some fields for all of them")
	}
	var seen quote.Fields
	for i, f := range fields {
		if f.bit&seen != 0 && fields[i-1].bit != f.bit {
			t.Errorf("%s: its bit is taken", f.name)
		}
		seen |= f.bit
	}
	if seen != quote.Checksum<<1-1 {
		t.Errorf("fields %x, want all up to Checksum", seen)
	}
}

func TestFlow(t *testing.T) {
	b := wiretest.Octets(t, udp4)
	for _, r := range []struct {
		n        int
		src, dst string
		ok       bool
	}{
		{19, "invalid AddrPort", "invalid AddrPort", false},
		{20, "192.0.2.1:0", "198.51.100.7:0", true},
		{23, "192.0.2.1:40000", "198.51.100.7:0", true},
		{24, "192.0.2.1:40000", "198.51.100.7:33434", true},
	} {
		q, err := quote.Parse(b[:r.n])
		src, dst, ok := q.Flow()
		if err != nil || src.String() != r.src || dst.String() != r.dst || ok != r.ok {
			t.Errorf("%d octets: %v > %v, %v, %v", r.n, src, dst, ok, err)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	conform.Row(t, "W-23")
	for _, d := range datagrams {
		b := wiretest.Octets(t, d.hex)
		wiretest.NoAllocs(t, d.name, func() {
			q, err := quote.Parse(b)
			if err != nil || !q.Has(quote.Addrs) {
				t.Fatal("no quote")
			}
		})
	}
}

func TestSumString(t *testing.T) {
	for s, want := range map[quote.Sum]string{quote.SumAbsent: "absent", quote.SumGood: "good", quote.SumBad: "bad", 7: "absent"} {
		if s.String() != want {
			t.Errorf("state %d: %q, want %q", s, s, want)
		}
	}
}

// FuzzParse checks what holds for any octets: no panic, slices inside the
// quote, the payload within the total length, and that a shorter cut of the
// same quote never shows a field that the longer one does not, or another
// value of it.
func FuzzParse(f *testing.F) {
	conform.Row(f, "W-20")
	for _, d := range datagrams {
		b := wiretest.Octets(f, d.hex)
		f.Add(b, uint16(len(b)))
		f.Add(b, uint16(len(b)/2))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		q, err := quote.Parse(b)
		if err != nil {
			if len(b) > 0 && (b[0]>>4 == 6 || b[0]>>4 == 4 && b[0]&15 >= 5) {
				t.Fatalf("refused: %v", err)
			}
			return
		}
		inside(t, "options", q.Options, b)
		inside(t, "payload", q.Payload, b)
		if q.Has(quote.TotalLen|quote.Header) && q.TotalLen >= q.HeaderLen && q.TotalLen > 40 &&
			len(q.Payload) > int(q.TotalLen-q.HeaderLen) {
			t.Fatalf("payload of %d octets, header of %d, in a datagram of %d", len(q.Payload), q.HeaderLen, q.TotalLen)
		}
		if len(q.Payload) > 0 && !q.Has(quote.Header) {
			t.Fatal("a payload without a header")
		}
		if !reflect.DeepEqual(plain(q), plain(only(q, q.Present))) {
			t.Fatalf("a field that is absent is not zero: %+v", bare(q))
		}
		_ = q.String()
		if len(b) == 0 || int(cut) > len(b) || cut == 0 {
			return
		}
		p, err := quote.Parse(b[:cut])
		if err != nil {
			t.Fatalf("cut to %d octets: %v", cut, err)
		}
		if !q.Has(p.Present) || !reflect.DeepEqual(plain(p), plain(only(q, p.Present))) {
			t.Fatalf("cut to %d octets:\n got %+v\nfrom %+v", cut, bare(p), bare(q))
		}
	})
}

func inside(t *testing.T, what string, part, b []byte) {
	t.Helper()
	if len(part) == 0 {
		return
	}
	from := uintptr(unsafe.Pointer(&part[0])) - uintptr(unsafe.Pointer(&b[0]))
	if from > uintptr(len(b)) || int(from)+cap(part) > len(b) {
		t.Fatalf("%s of %d octets, capacity %d, at %d of %d", what, len(part), cap(part), from, len(b))
	}
}

// TestParseInPlace: what a Quote held before leaves no trace.
func TestParseInPlace(t *testing.T) {
	whole, short := []byte{0x45, 1, 0, 40, 5, 6, 0x60, 3, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 1, 2}, []byte{0x45, 9}
	var q quote.Quote
	for _, b := range [][]byte{whole, short, whole} {
		want, err := quote.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Parse(b); err != nil || !reflect.DeepEqual(q, want) {
			t.Errorf("in place: %+v, %v; want %+v", q, err, want)
		}
	}
	if err := q.Parse(nil); err == nil || !reflect.DeepEqual(q, quote.Quote{}) {
		t.Errorf("nothing to read: %v, and left behind %+v", err, q)
	}
	wiretest.NoAllocs(t, "parse in place", func() { _ = q.Parse(whole) })
}
