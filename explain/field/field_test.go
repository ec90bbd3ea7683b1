package field_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/explain/field"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

var (
	a4 = netip.MustParseAddr("192.0.2.1")
	b4 = netip.MustParseAddr("198.51.100.7")
	a6 = netip.MustParseAddr("2001:db8::1")
	b6 = netip.MustParseAddr("2001:db8::7")
)

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// lines are the fields of a page, a line each.
func lines(p *field.Page) string {
	var b strings.Builder
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "%d+%d %s %s %q %q\n", f.Octet, f.Len, f.Name, f.Raw, f.Value, f.Meaning)
	}
	return b.String()
}

// TestSheet: fields that are there, cut, and missing.
func TestSheet(t *testing.T) {
	p := field.New(language.English)
	s := p.Sheet("layer.icmp4", 100, []byte{1, 2, 3, 4, 5, 6})
	if s.Get(0, 4) != 0x01020304 || s.Get(4, 2) != 0x0506 || s.Get(5, 2) != 0 || s.Get(6, 1) != 0 {
		t.Errorf("%x %x", s.Get(0, 4), s.Get(4, 2))
	}
	s.Num(0, 2, "f.id", "m")
	s.Num(4, 4, "f.seq", "m")
	s.Num(6, 1, "f.code", "m")
	if a := s.Addr(0, 4, "f.gateway"); a != netip.AddrFrom4([4]byte{1, 2, 3, 4}) {
		t.Error(a)
	}
	if a := s.Addr(3, 4, "f.gateway"); a.IsValid() {
		t.Error(a)
	}
	s.Tail(4, "f.data")
	s.Tail(6, "f.data")
	const want = `100+2 identifier 0102 "258" "m"
104+2 sequence number 0506 "" "cut short by the capture or the quote"
100+4 gateway 01020304 "1.2.3.4" ""
103+3 gateway 040506 "" "cut short by the capture or the quote"
104+2 data 0506 "" "2 octets"
`
	if got := lines(p); got != want {
		t.Errorf("got\n%s", got)
	}
	if p.Fields[0].Layer != "ICMPv4" {
		t.Error(p.Fields[0].Layer)
	}
	long := field.New(language.French)
	long.Sheet("layer.quote", 0, make([]byte, 32)).Tail(0, "f.data")
	long.Sheet("layer.quote", 0, make([]byte, 33)).Tail(0, "f.data")
	z := strings.Repeat("00", 32)
	if long.Fields[0].Raw != z || long.Fields[1].Raw != z+"…" || long.Fields[1].Layer != "citation" {
		t.Errorf("%+v", long.Fields)
	}
}

// TestLayout: each way to read a field, and the zeros that are none.
func TestLayout(t *testing.T) {
	p := field.New(language.English)
	b := []byte{12, 0, 0, 0, 20, 3, 0, 1}
	if end := p.Sheet("layer.icmp4", 0, b).Layout(field.Columns4(icmp4.TypeParameterProblem, 0)); end != 8 {
		t.Errorf("ends at %d", end)
	}
	p.Sheet("layer.icmp4", 0, b).Layout(field.Columns4(icmp4.TypeParameterProblem, icmp4.CodeMissingOption))
	p.Sheet("layer.icmp4", 0, b).Layout(field.Columns4(icmp4.TypeDestUnreachable, icmp4.CodeFragNeeded))
	p.Sheet("layer.icmp6", 0, b).Layout(field.Columns6(icmp6.TypeDestUnreachable))
	if end := p.Sheet("layer.icmp4", 0, b).Layout(field.Columns4(253, 0)); end != 4 {
		t.Errorf("without columns: ends at %d", end)
	}
	const want = `4+1 pointer 14 "20" ""
5+1 length of the quote (RFC 4884) 03 "3" "12 octets are quote, the extension follows"
6+2 unused 0001 "" "must be zero, and is not"
4+1 missing option 14 "20" ""
5+1 length of the quote (RFC 4884) 03 "3" "12 octets are quote, the extension follows"
6+2 unused 0001 "" "must be zero, and is not"
4+1 unused 14 "" "must be zero, and is not"
5+1 length of the quote (RFC 4884) 03 "3" "12 octets are quote, the extension follows"
6+2 next-hop MTU 0001 "1" "1 octet"
4+1 length of the quote (RFC 4884) 14 "20" "160 octets are quote, the extension follows"
5+3 unused 030001 "" "must be zero, and is not"
`
	if got := lines(p); got != want {
		t.Errorf("got\n%s", got)
	}
	var at []int
	for _, f := range p.Faults {
		at = append(at, f.Octet)
	}
	if fmt.Sprint(at) != "[6 6 4 5]" {
		t.Errorf("faults at %v", at)
	}
}

// TestTimes: clocks and masks at their limits.
func TestTimes(t *testing.T) {
	p := field.New(language.English)
	for _, tt := range []struct {
		v        uint32
		want     string
		standard bool
	}{
		{0, "00:00:00.000 universal time", true},
		{86_399_999, "23:59:59.999 universal time", true},
		{86_400_000, "more than a day has: not a time since midnight", false},
		{1<<31 - 1, "more than a day has: not a time since midnight", false},
		{1 << 31, "not in the standard form (top bit set)", false},
	} {
		if got := p.Clock(icmp4.Timestamp(tt.v)); got != tt.want || field.Standard(icmp4.Timestamp(tt.v)) != tt.standard {
			t.Errorf("%d: %s", tt.v, got)
		}
	}
	if a, b := p.MaskText(0xffffff00), p.MaskText(0xff00ff00); a != "/24" || b != "not contiguous: no mask of a prefix" {
		t.Error(a, b)
	}
	if a, b := field.Hex(0xab, 4), field.Hex(0x12345, 4); a != "0x00ab" || b != "0x12345" {
		t.Error(a, b)
	}
	if s := field.OptionName(130); s == "" {
		t.Error(s)
	}
}

// whole checks that the fields of a quote cover it.
func whole(t *testing.T, b []byte) *field.Page {
	t.Helper()
	q, err := quote.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	p := field.New(language.English)
	p.Sheet("layer.quote", 0, b).Quoted(q)
	at := 0
	for _, f := range p.Fields {
		if f.Octet != at {
			t.Errorf("field %s at %d, want %d", f.Name, f.Octet, at)
		}
		at += f.Len
	}
	if at != len(b) {
		t.Errorf("the fields end at %d of %d", at, len(b))
	}
	return p
}

// TestQuoted: datagrams of all sorts, cut at every octet, are covered.
func TestQuoted(t *testing.T) {
	v4 := func(proto ip.Proto, options []byte, more ...byte) []byte {
		h := ip.Header4{TTL: 9, Proto: proto, Src: a4, Dst: b4, DF: true, Options: options, TotalLen: uint16(20 + len(options) + len(more))}
		return append(must(h.AppendBinary(nil)), more...)
	}
	v6 := func(next ip.Proto, more ...byte) []byte {
		h := ip.Header6{HopLimit: 9, NextHeader: next, Src: a6, Dst: b6, PayloadLen: uint16(len(more))}
		return append(must(h.AppendBinary(nil)), more...)
	}
	tcp := []byte{0x9c, 0x40, 1, 0xbb, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0, 0x50, 2, 0x10, 0, 0, 0, 0, 0, 'x'}
	hop := append([]byte{6, 0, 5, 2, 0, 0, 1, 0}, tcp...)
	routed := append([]byte{6, 0, 3, 1, 0, 0, 0, 0}, tcp...)
	first := append([]byte{6, 0, 0, 1, 0, 0, 0, 7}, tcp...)
	later := append([]byte{6, 0, 0, 9, 0, 0, 0, 7}, tcp...)
	for _, tt := range []struct {
		name string
		b    []byte
		want []string
	}{
		{"udp", v4(ip.ProtoUDP, nil, 0x9c, 0x40, 0, 53, 0, 8, 0, 0), []string{"header checksum|right", "destination port|", "length|"}},
		{"tcp", v4(ip.ProtoTCP, nil, tcp...), []string{"sequence number|", "data offset, flags|SYN", "urgent pointer|", "payload|1 octet"}},
		{"sctp", v4(ip.ProtoSCTP, nil, tcp[:8]...), []string{"verification tag|"}},
		{"icmp", v4(ip.ProtoICMP, nil, 8, 0, 0, 0, 0, 1, 0, 2), []string{"type|Echo request", "payload|"}},
		{"gre", v4(ip.ProtoGRE, nil, 1, 2, 3), []string{"payload|3 octets"}},
		{"options", v4(ip.ProtoUDP, []byte{1, 7, 3, 4, 0, 0, 0, 0}, 1, 2, 3, 4, 5, 6, 7, 8), []string{"option|No Operation"}},
		{"broken options", v4(ip.ProtoUDP, []byte{7, 99, 0, 0}, 1, 2, 3, 4, 5, 6, 7, 8), []string{"option|4 octets"}},
		{"ipv6", v6(ip.ProtoTCP, tcp...), []string{"hop limit|", "data offset, flags|SYN"}},
		{"hop-by-hop", v6(ip.ProtoHopByHop, hop...), []string{"extension header: option|Router Alert", "extension header: option|PadN", "source port|"}},
		{"routing", v6(ip.ProtoRouting, routed...), []string{"routing header: routing type|", "routing header: segments left|", "source port|"}},
		{"first fragment", v6(ip.ProtoFragment, first...), []string{"fragment header: offset, flag|fragment at octet 0; MF: more fragments follow", "source port|"}},
		{"later fragment", v6(ip.ProtoFragment, later...), []string{"fragment header: offset, flag|fragment at octet 8; MF: more fragments follow", "payload|21 octets"}},
		{"authentication", v6(ip.ProtoAH, append([]byte{6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}, tcp...)...), []string{"extension header: length|12 octets", "source port|"}},
		{"icmpv6", v6(ip.ProtoICMPv6, 128, 0, 0, 0, 0, 1, 0, 2), []string{"type|Echo request"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, f := range whole(t, tt.b).Fields {
				got += f.Name + "|" + f.Meaning + "\n"
			}
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("want %s:\n%s", w, got)
				}
			}
			for n := 1; n < len(tt.b); n++ {
				whole(t, tt.b[:n])
			}
		})
	}
	wrong := v4(ip.ProtoUDP, nil, 1, 2, 3, 4, 5, 6, 7, 8)
	right := fmt.Sprintf("0x%02x%02x", wrong[10], wrong[11])
	wrong[10] ^= 0xff
	if got := lines(whole(t, wrong)); !strings.Contains(got, "wrong: "+right+" would be right") {
		t.Errorf("want %s:\n%s", right, got)
	}
}
