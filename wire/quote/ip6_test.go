package quote_test

import (
	"encoding/binary"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/quote"
)

// datagram6 is an IPv6 header with this payload behind it.
func datagram6(t *testing.T, next ip.Proto, payload string) []byte {
	t.Helper()
	p := wiretest.Octets(t, payload)
	b := append(wiretest.Octets(t, udp6)[:40], p...)
	binary.BigEndian.PutUint16(b[4:], uint16(len(p)))
	b[6] = byte(next)
	return b
}

// TestChainCuts follows the length of the header as the chain of udp6 comes to
// light octet by octet.
func TestChainCuts(t *testing.T) {
	conform.Row(t, "W-16")
	b := wiretest.Octets(t, chain6)
	for n := 40; n <= len(b); n++ {
		want := uint32(96)
		for _, step := range []struct{ from, to, header uint32 }{
			{40, 40, 40}, // hop-by-hop options follow
			{41, 48, 48},
			{49, 56, 56}, // destination options
			{57, 64, 64}, // routing
			{65, 65, 72}, // authentication: its length is missing
			{66, 88, 88},
		} {
			if uint32(n) >= step.from && uint32(n) <= step.to {
				want = step.header
			}
		}
		q := parse(t, b[:n])
		if q.HeaderLen != want {
			t.Errorf("%d octets: header of %d, want %d", n, q.HeaderLen, want)
		}
	}
}

func TestChain(t *testing.T) {
	const udp = "9c40829a0008beef"
	for _, r := range []struct {
		name    string
		next    ip.Proto
		payload string
		proto   ip.Proto
		header  uint32
		rest    int  // octets of payload
		ports   bool // read
	}{
		{"none", ip.ProtoUDP, udp, ip.ProtoUDP, 40, 8, true},
		{"hop-by-hop of 16", ip.ProtoHopByHop, "1101000000000000" + "0000000000000000" + udp, ip.ProtoUDP, 56, 8, true},
		{"routing of 24", ip.ProtoRouting, "1102000000000000" + "0000000000000000" + "0000000000000000" + udp, ip.ProtoUDP, 64, 8, true},
		{"destination options", ip.ProtoDestOpts, "1100000000000000" + udp, ip.ProtoUDP, 48, 8, true},
		{"authentication of 12", ip.ProtoAH, "110100000000000000000000" + udp, ip.ProtoUDP, 52, 8, true},
		{"fragment, whose second octet is no length", ip.ProtoFragment, "11ff000000000000" + udp, ip.ProtoUDP, 48, 8, true},
		{"fragment with all but the offset", ip.ProtoFragment, "1100000700000000" + udp, ip.ProtoUDP, 48, 8, true},
		{"second fragment", ip.ProtoFragment, "1100000800000000" + udp, ip.ProtoUDP, 48, 8, false},
		{"two of a kind", ip.ProtoDestOpts, "3c00000000000000" + "1100000000000000" + udp, ip.ProtoUDP, 56, 8, true},
		{"ESP", ip.ProtoESP, udp, ip.ProtoESP, 40, 8, false},
		{"nothing", ip.ProtoNoNext, "", ip.ProtoNoNext, 40, 0, false},
		{"nothing behind options", ip.ProtoDestOpts, "3b00000000000000", ip.ProtoNoNext, 48, 0, false},
		{"mobility is an upper layer here", ip.ProtoMobility, "3b00000000000000", ip.ProtoMobility, 40, 8, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			q := parse(t, datagram6(t, r.next, r.payload))
			if !q.Has(quote.Proto|quote.Header) || q.Proto != r.proto || q.HeaderLen != r.header {
				t.Errorf("%v behind %d octets, fields %x", q.Proto, q.HeaderLen, q.Present)
			}
			if len(q.Options) != int(r.header)-40 || len(q.Payload) != r.rest {
				t.Errorf("%d octets of extension headers, %d of payload", len(q.Options), len(q.Payload))
			}
			if q.Has(quote.Ports) != r.ports {
				t.Errorf("ports there: %v, want %v", q.Has(quote.Ports), r.ports)
			}
			if q.Has(quote.ID) != (r.next == ip.ProtoFragment) {
				t.Errorf("identification there: %v", q.Has(quote.ID))
			}
		})
	}
}

// TestChainPastTheEnd has a header reach past the end of the quote: what
// follows it is known, and not there.
func TestChainPastTheEnd(t *testing.T) {
	q := parse(t, datagram6(t, ip.ProtoRouting, "1102000000000000"+"0000000000000000"+"00000000000000"))
	if q.Has(quote.Header) || !q.Has(quote.Proto) || q.Proto != ip.ProtoUDP || q.HeaderLen != 64 || len(q.Options) != 23 || len(q.Payload) != 0 {
		t.Errorf("%+v", bare(q))
	}
	q = parse(t, datagram6(t, ip.ProtoRouting, "3cff000000000000"))
	if q.Has(quote.Header) || q.Has(quote.Proto) || q.Proto != 0 || q.HeaderLen != 40+2048 || len(q.Options) != 8 {
		t.Errorf("%+v", bare(q))
	}
	// All the octets are there, and none of the header that should follow.
	q = parse(t, datagram6(t, ip.ProtoRouting, "3c00000000000000"))
	if q.Has(quote.Header) || q.Has(quote.Proto) || q.HeaderLen != 48 || len(q.Options) != 8 {
		t.Errorf("%+v", bare(q))
	}
}

// TestTwoFragments has a fragment header follow another.
func TestTwoFragments(t *testing.T) {
	const udp = "9c40829a0008beef"
	q := parse(t, datagram6(t, ip.ProtoFragment, "2c00000100000007"+"1100000000000008"+udp))
	if !q.MF || q.ID != 7 || q.FragOffset != 0 || q.HeaderLen != 56 || !q.Has(quote.Ports) {
		t.Errorf("%+v", bare(q))
	}
	q = parse(t, datagram6(t, ip.ProtoFragment, "2c00000000000007"+"1100000900000008"+udp))
	if q.MF || q.ID != 7 || q.FragOffset != 0 || q.HeaderLen != 56 || q.Has(quote.SrcPort) || len(q.Payload) != 8 {
		t.Errorf("%+v", bare(q))
	}
}

func TestClip6(t *testing.T) {
	for _, r := range []struct {
		name   string
		next   ip.Proto
		length uint16
		want   int // octets of payload, out of 88
	}{
		{"longer than the quote", ip.ProtoUDP, 1232, 88},
		{"one more than the quote", ip.ProtoUDP, 89, 88},
		{"all of the quote", ip.ProtoUDP, 88, 88},
		{"one less than the quote", ip.ProtoUDP, 87, 87},
		{"eight octets and padding", ip.ProtoUDP, 8, 8},
		{"nothing but padding", ip.ProtoUDP, 0, 0},
		{"hop-by-hop options and padding", ip.ProtoHopByHop, 16, 8},
		{"hop-by-hop options cut off", ip.ProtoHopByHop, 7, 0},
		{"jumbogram", ip.ProtoHopByHop, 0, 80},
		{"almost a jumbogram", ip.ProtoDestOpts, 0, 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := make([]byte, 128)
			copy(b, wiretest.Octets(t, udp6))
			binary.BigEndian.PutUint16(b[4:], r.length)
			b[6] = byte(r.next)
			copy(b[40:], []byte{byte(ip.ProtoUDP), 0, 0, 0})
			q := parse(t, b)
			if len(q.Payload) != r.want {
				t.Errorf("payload of %d octets, want %d", len(q.Payload), r.want)
			}
			if q.TotalLen != uint32(r.length)+40 {
				t.Errorf("total length %d", q.TotalLen)
			}
			if got, want := q.Has(quote.Ports), r.want >= 4; got != want {
				t.Errorf("ports there: %v, want %v", got, want)
			}
		})
	}
}

func TestSum6(t *testing.T) {
	if q := parse(t, wiretest.Octets(t, udp6)); q.Sum != quote.SumAbsent || q.Has(quote.HeaderChecksum) || q.DF {
		t.Errorf("%+v", bare(q))
	}
}

// TestLongChain walks a chain as long as a datagram, and one longer than any.
func TestLongChain(t *testing.T) {
	b := make([]byte, 40+1<<20)
	copy(b, wiretest.Octets(t, udp6))
	for i := 40; i < len(b); i += 8 {
		b[i] = byte(ip.ProtoDestOpts)
	}
	b[4], b[5], b[6] = 0xff, 0xff, byte(ip.ProtoDestOpts)
	if q := parse(t, b); q.HeaderLen != 40+65536 || len(q.Options) != 65535 || q.Has(quote.Proto) {
		t.Errorf("header of %d octets, %d of options, fields %x", q.HeaderLen, len(q.Options), q.Present)
	}
	b[4], b[5], b[6] = 0, 0, byte(ip.ProtoHopByHop)
	if q := parse(t, b); q.HeaderLen != uint32(len(b)) || len(q.Options) != len(b)-40 || q.Has(quote.Proto) {
		t.Errorf("header of %d octets, %d of options, fields %x", q.HeaderLen, len(q.Options), q.Present)
	}
}
