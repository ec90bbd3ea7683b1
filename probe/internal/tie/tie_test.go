package tie_test

import (
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/probe/event"
	"github.com/sonde-net/sonde/probe/internal/tie"
	"github.com/sonde-net/sonde/probe/question"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

var us, them, out = addr("10.0.0.1"), addr("192.0.2.9"), addr("198.51.100.7")

// base is a probe of a kind, and the quote of it as it was sent, to the last octet.
func base(k question.Kind) (tie.Sent, quote.Quote) {
	s := tie.Sent{
		Kind: k, TOS: 4, Src: us, Dst: them, SrcPort: 40000, DstPort: 33434, ID: 0x1230, Seq: 7, TCPSeq: 0x01020304, Sum: 0x5555, IPID: 0x5a42,
		Size: 24, Cookie: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, Octets: 8, IPIDSet: true, SecretPort: true, SecretID: true,
	}
	q := quote.Quote{
		Version: 4, Src: us, Dst: them, Proto: k.Proto(them), TOS: 4, ID: 0x5a42, Checksum: 0x5555,
		Present: quote.Addrs | quote.Proto | quote.TOS | quote.ID | quote.Checksum,
	}
	switch k {
	case question.TCP:
		q.SrcPort, q.DstPort, q.TCPSeq, q.TCPFlags = 40000, 33434, 0x01020304, uint8(transport.SYN)
		q.Present |= quote.Ports | quote.TCPSeq | quote.TCPAck | quote.TCPFlags
	case question.Echo, question.Timestamp:
		q.ICMPType, q.ICMPID, q.ICMPSeq = 8, 0x1230, 7
		q.Present |= quote.ICMPType | quote.ICMPCode | quote.ICMPID | quote.ICMPSeq
		q.Payload = []byte{8, 0, 0x55, 0x55, 0x12, 0x30, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8}
	default:
		q.SrcPort, q.DstPort, q.UDPLen = 40000, 33434, 32
		q.Present |= quote.Ports | quote.UDPLen
		q.Payload = []byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}
	}
	return s, q
}

// TestBits is what each field is worth, by kind: all of them with half of the cookie,
// and all but one.
func TestBits(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   question.Kind
		change func(s *tie.Sent, q *quote.Quote)
		want   int
	}{
		{"all", question.UDP, nil, 16 + 14 + 16 + 32},
		{"identification", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.ID++ }, 14 + 16 + 32},
		{"longer identification", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.ID += 1 << 16 }, 16 + 14 + 16 + 32},
		{"no identification", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Present &^= quote.ID }, 14 + 16 + 32},
		{"identification of the system's", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.IPIDSet = false }, 14 + 16 + 32},
		{"port of the user's", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.SecretPort = false }, 16 + 16 + 32},
		{"another port, mended", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort--; q.Checksum++ }, 16 + 16 + 32},
		{"another port, forgotten", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort-- }, 16 + 15 + 32},
		{"another checksum", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Checksum ^= 1 }, 16 + 14 + 32},
		{"the other zero", question.UDP, func(s *tie.Sent, q *quote.Quote) { s.Sum, q.Checksum = 0xffff, 0 }, 16 + 14 + 16 + 32},
		{"no checksum", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Present &^= quote.Checksum }, 16 + 14 + 32},
		{"another length", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.UDPLen++ }, 0},
		{"no length", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.UDPLen = 0; q.Present &^= quote.UDPLen }, 16 + 14 + 16 + 32},
		{"no ports", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Present &^= quote.DstPort }, 0},
		{"another cookie", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Payload[11]++ }, 0},
		{"other data", question.UDP, func(s *tie.Sent, q *quote.Quote) { s.Octets = 3; q.Payload[11]++ }, 16 + 14 + 24},
		{"a part of the cookie", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Payload = q.Payload[:9] }, 16 + 14 + 16 + 8},
		{"no data", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Payload = q.Payload[:8] }, 16 + 14 + 16},
		{"nothing secret", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Payload = nil; q.Checksum ^= 1 }, 0},
		{"too little under the checksum", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.Octets = 1 }, 16 + 14 + 8},
		{"enough under the checksum", question.UDP, func(s *tie.Sent, q *quote.Quote) { s.Octets = 2; q.Payload = q.Payload[:9] }, 16 + 14 + 16},
		{"all of the cookie", question.UDP, func(s *tie.Sent, q *quote.Quote) { q.Payload = append(q.Payload, s.Cookie[4:]...) }, 16 + 14 + 64},
		{"a cookie of five octets", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.Octets = 5 }, 16 + 14 + 40},
		{"all of the cookie, chosen checksum", question.UDP, func(s *tie.Sent, q *quote.Quote) {
			q.Payload, s.ChosenSum = append(q.Payload, s.Cookie[4:]...), true
		}, 16 + 14 + 64},
		// The port and the checksum are of one block: who knows one knows the other.
		{"chosen checksum", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.ChosenSum = true }, 16 + 14 + 32},
		{"chosen checksum, port of the user's", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.ChosenSum, s.SecretPort = true, false }, 16 + 14 + 32},
		{"chosen checksum, another port", question.UDP, func(s *tie.Sent, q *quote.Quote) { s.ChosenSum = true; q.SrcPort--; q.Checksum++ }, 16 + 14 + 32},
		{"chosen checksum, no data", question.UDP, func(s *tie.Sent, q *quote.Quote) { s.ChosenSum = true; q.Payload = q.Payload[:8] }, 0},
		{"chosen checksum of echo", question.Echo, func(s *tie.Sent, _ *quote.Quote) { s.ChosenSum = true }, 16 + 12 + 14 + 32},
		{"known checksum", question.UDP, func(s *tie.Sent, _ *quote.Quote) { s.ChosenSum, s.WellKnownSum = true, true }, 16 + 14 + 32},
		{"UDP-Lite", question.UDPLite, nil, 16 + 14 + 16 + 32},
		{"TCP", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort, q.Checksum, q.ID = 1, 1, 1 }, 32},
		{"TCP number", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPSeq++ }, 0},
		{"TCP without number", question.TCP, func(s *tie.Sent, q *quote.Quote) { s.TCPSeq, q.TCPSeq = 0, 0; q.Present &^= quote.TCPSeq }, 0},
		{"TCP that acknowledges", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPAck = 1 }, 0},
		{"TCP, eight octets", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.Present &^= quote.TCPAck | quote.TCPFlags; q.TCPFlags = 0 }, 32},
		{"TCP, no SYN", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPFlags |= 1 }, 0},
		{"echo", question.Echo, nil, 16 + 12 + 16 + 32},
		{"echo, identifier mended", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPID++; q.Checksum-- }, 16 + 16 + 32},
		{"echo, identifier of the kernel's", question.Echo, func(s *tie.Sent, _ *quote.Quote) { s.SecretID = false }, 16 + 16 + 32},
		{"echo, addresses are not under the checksum", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.Src = out }, 16 + 12 + 16 + 32},
		{"UDP, addresses are", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Src = out }, 16 + 14 + 15 + 32},
		{"echo, number", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPSeq++ }, 0},
		{"echo, type", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPType = 128 }, 0},
		{"echo, code", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPCode = 1 }, 0},
		{"echo, cut", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.Present &^= quote.ICMPSeq }, 0},
		{"echo of IPv6", question.Echo, func(s *tie.Sent, q *quote.Quote) {
			s.Src, s.Dst, s.IPIDSet = addr("2001:db8::1"), addr("2001:db8:9::9"), false
			q.Src, q.Dst, q.ICMPType, q.Version = addr("2001:db8::2"), s.Dst, 128, 6
			q.Checksum-- // the address is under it
		}, 12 + 16 + 32},
		{"timestamp", question.Timestamp, nil, 0},
	} {
		s, q := base(c.kind)
		n := min(len(q.Payload), 12)
		q.Payload = q.Payload[:n:n]
		if c.change != nil {
			c.change(&s, &q)
		}
		if got := s.Bits(&q); got != c.want {
			t.Errorf("%s: %d bits, want %d", c.name, got, c.want)
		}
	}
}

// TestSame: all but what changes on the way has to be as it was, as far as it is
// there.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   question.Kind
		change func(s *tie.Sent, q *quote.Quote)
		want   bool
	}{
		{"UDP", question.UDP, nil, true},
		{"UDP-Lite", question.UDPLite, nil, true},
		{"TCP", question.TCP, nil, true},
		{"echo", question.Echo, nil, true},
		{"timestamp", question.Timestamp, func(s *tie.Sent, _ *quote.Quote) { s.Octets = 4 }, true},
		{"another originate", question.Timestamp, func(s *tie.Sent, q *quote.Quote) { s.Octets = 4; q.Payload[11]++ }, false},
		{"another time", question.Timestamp, func(s *tie.Sent, q *quote.Quote) { s.Octets = 4; q.Payload[12]++ }, true},
		{"type of service", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.TOS++ }, true},
		{"identification", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.ID++ }, false},
		{"no identification", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.ID++; q.Present &^= quote.ID }, true},
		{"identification of the system's", question.UDP, func(s *tie.Sent, q *quote.Quote) { q.ID++; s.IPIDSet = false }, true},
		{"checksum", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.Checksum++ }, false},
		{"no checksum", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.Checksum++; q.Present &^= quote.Checksum }, true},
		{"source port", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort++ }, false},
		{"destination port", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.DstPort++ }, false},
		{"number", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPSeq++ }, false},
		{"acknowledges", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPAck++ }, false},
		{"flags", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TCPFlags++ }, false},
		{"length", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.UDPLen++ }, false},
		{"no length", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.UDPLen++; q.Present &^= quote.UDPLen }, true},
		{"code", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPCode++ }, false},
		{"cookie", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.Payload[15]++ }, false},
		{"no cookie", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.Payload = q.Payload[:8] }, true},
	} {
		s, q := base(c.kind)
		if c.change != nil {
			c.change(&s, &q)
		}
		if got := s.Same(&q); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// TestShown is what is other, field by field.
func TestShown(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   question.Kind
		change func(s *tie.Sent, q *quote.Quote)
		want   event.Shown
	}{
		{"nothing", question.UDP, nil, event.Shown{}},
		{"source", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Src = out }, event.Shown{Src: out, Unfit: true}},
		{"source of echo", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.Src = out }, event.Shown{Src: out}},
		{"destination", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Dst = out }, event.Shown{Dst: out, Unfit: true}},
		{"ports, mended", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort++; q.DstPort++; q.Checksum -= 2 }, event.Shown{SrcPort: 40001, DstPort: 33435, Checksum: true}},
		{"no checksum", question.UDP, func(_ *tie.Sent, q *quote.Quote) { q.Checksum = 0 }, event.Shown{Checksum: true}},
		{"none in UDP-Lite", question.UDPLite, func(_ *tie.Sent, q *quote.Quote) { q.Checksum = 0 }, event.Shown{Checksum: true, Unfit: true}},
		{"a checksum that is not there", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.SrcPort++; q.Present &^= quote.Checksum }, event.Shown{SrcPort: 40001}},
		{"identifier", question.Echo, func(_ *tie.Sent, q *quote.Quote) { q.ICMPID++ }, event.Shown{ID: true, Unfit: true}},
		{"identification", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.ID++ }, event.Shown{IPID: true}},
		{"identification that is not there", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.ID++; q.Present &^= quote.ID }, event.Shown{}},
		{"identification of the system's", question.TCP, func(s *tie.Sent, q *quote.Quote) { q.ID++; s.IPIDSet = false }, event.Shown{}},
		{"type of service", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TOS = 0 }, event.Shown{TOS: true}},
		{"type of service that is not there", question.TCP, func(_ *tie.Sent, q *quote.Quote) { q.TOS = 0; q.Present &^= quote.TOS }, event.Shown{}},
	} {
		s, q := base(c.kind)
		if c.change != nil {
			c.change(&s, &q)
		}
		if got := s.Shown(&q); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestNoAllocs(t *testing.T) {
	for _, k := range []question.Kind{question.UDP, question.TCP, question.Echo} {
		s, q := base(k)
		q.Src = out
		n := 0
		wiretest.NoAllocs(t, k.String(), func() {
			n += s.Bits(&q)
			if x := s.Shown(&q); s.Same(&q) || x.Src != out {
				n++
			}
		})
		if n == 0 {
			t.Errorf("%v", k)
		}
	}
}

func BenchmarkBits(b *testing.B) {
	s, q := base(question.UDP)
	q.Src, q.SrcPort = out, 1024
	b.ReportAllocs()
	for b.Loop() {
		s.Bits(&q)
	}
}
