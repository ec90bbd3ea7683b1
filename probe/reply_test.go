package probe_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/transport"
)

// each runs a test for both families.
func each(t *testing.T, f func(t *testing.T, v6 bool)) {
	for _, v6 := range []bool{false, true} {
		t.Run(fmt.Sprintf("v6=%v", v6), func(t *testing.T) { f(t, v6) })
	}
}

// TestDiscover: a probe for the path MTU must not be cut either.
func TestDiscover(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		q := ask(probe.Echo, v6, 56)
		q.Discover = true
		if x := sent(t, p, noon, q); !x.DF || !x.Discover {
			t.Errorf("%+v", x.Transmit)
		}
	})
}

func TestEcho(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		q := ask(probe.Echo, v6, 56)
		q.Tag, q.Target, q.TTL, q.TOS, q.DF = 77, 3, 9, 16, true
		x := sent(t, p, noon, q)
		if x.Src != q.Src || x.Dst != q.Dst || x.TTL != 9 || x.TOS != 16 || !x.DF || x.Target != 3 || len(x.payload) != 64 || x.Group || x.Discover {
			t.Errorf("%+v", x.Transmit)
		}
		if queued, flying := p.InFlight(); queued != 0 || flying != 1 {
			t.Errorf("%d queued, %d flying", queued, flying)
		}
		a := x.echoed()
		a.Options = []byte{1, 1, 1, 0}
		receive(t, p, noon.Add(83421*time.Microsecond), a, probe.Credited)
		e := one(t, p, probe.Reply)
		if e.RTT != 83421*time.Microsecond || e.From != q.Dst || e.Tag != 77 || e.Target != 3 || e.Seq != 1 || e.TTL != 60 || e.TOS != 4 ||
			e.Size != 64 || e.Probe != probe.Echo || !e.Reached || e.Handle != x.Handle || !bytes.Equal(e.Options, a.Options) ||
			!e.Time.Equal(noon.Add(83421*time.Microsecond)) || e.Stamp != probe.Program {
			t.Errorf("%+v", e)
		}
		if e.Truncated || e.Altered || e.Reordered || e.Guessed || e.Claim.Present {
			t.Errorf("%+v", e)
		}
		if c := p.Counters(); c.Sent != 1 || c.Replies != 1 || c.Errors+c.Late+c.Duplicates+c.Timeouts+c.Unsent+c.Advice+c.Lost != 0 {
			t.Errorf("%+v", c)
		}
		if queued, flying := p.InFlight(); queued != 0 || flying != 0 {
			t.Errorf("%d queued, %d flying", queued, flying)
		}
	})
}

// TestFlippedReply flips each bit of an echo reply in turn, checksum mended: it
// is credited only where the bit is in the data behind the cookie, and then it is
// reported, with its place (P-01, P-03).
func TestFlippedReply(t *testing.T) {
	conform.Row(t, "P-01")
	conform.Row(t, "P-03")
	each(t, func(t *testing.T, v6 bool) {
		for bit := range 64 * 8 {
			at := bit / 8
			if at == 2 || at == 3 {
				continue
			}
			p := newProber(t, probe.Config{})
			x := sent(t, p, noon, ask(probe.Echo, v6, 56))
			a := x.echoed()
			a.Payload[at] ^= 1 << (bit % 8)
			reseal(&a)
			v := p.Receive(noon.Add(ms), &a)
			if at < 16 {
				if v == probe.Credited || len(events(p)) != 0 || p.Counters().Arrivals[v] != 1 {
					t.Fatalf("bit %d: %v", bit, v)
				}
				continue
			}
			if v != probe.Credited {
				t.Fatalf("bit %d: %v", bit, v)
			}
			e := one(t, p, probe.Reply)
			if !e.Altered || e.AlteredAt != at-8 || e.Want != x.payload[at] || e.Got != a.Payload[at] || e.Truncated {
				t.Fatalf("bit %d: %+v", bit, e)
			}
		}
	})
}

// TestForgedReply is what a stranger may send who has not seen the probe.
func TestForgedReply(t *testing.T) {
	conform.Row(t, "P-01")
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		id, mask := p.Identifiers()
		x := sent(t, p, noon, ask(probe.Echo, v6, 56))
		other := netip.MustParseAddr("192.0.2.10")
		if v6 {
			other = router6
		}
		put := func(at int, v uint16) func(a *probe.Arrival) {
			return func(a *probe.Arrival) { binary.BigEndian.PutUint16(a.Payload[at:], v) }
		}
		for _, c := range []struct {
			name   string
			want   probe.Verdict
			change func(a *probe.Arrival)
		}{
			{"identifier of another program", probe.Unrelated, put(4, id+^mask+1)},
			{"the one before ours", probe.Unrelated, put(4, id-1)},
			{"the next of our identifiers", probe.NotInFlight, put(4, id+1)},
			{"the last of our identifiers", probe.NotInFlight, put(4, id|^mask)},
			{"sequence number", probe.NotInFlight, put(6, 2)},
			{"sequence number before", probe.NotInFlight, put(6, 0)},
			{"source", probe.NotInFlight, func(a *probe.Arrival) { a.From = other }},
			{"unspecified source", probe.WrongTarget, func(a *probe.Arrival) { a.From = netip.IPv6Unspecified() }},
			{"source of a group", probe.WrongTarget, func(a *probe.Arrival) { a.From = addr("ff02::1") }},
			{"no source", probe.Malformed, func(a *probe.Arrival) { a.From = netip.Addr{} }},
			{"destination", probe.WrongTarget, func(a *probe.Arrival) { a.To = other }},
			{"code", probe.WrongCode, func(a *probe.Arrival) { a.Payload[1] = 1 }},
			{"first octet of the cookie", probe.WrongCookie, func(a *probe.Arrival) { a.Payload[8]++ }},
			{"last octet of the cookie", probe.WrongCookie, func(a *probe.Arrival) { a.Payload[15]++ }},
			{"all but the last octet of the cookie", probe.WrongCookie, func(a *probe.Arrival) { a.Payload = a.Payload[:15] }},
			{"no data", probe.WrongCookie, func(a *probe.Arrival) { a.Payload = a.Payload[:8] }},
			{"cut header", probe.Malformed, func(a *probe.Arrival) { a.Payload = a.Payload[:7] }},
			{"request", probe.Unrelated, func(a *probe.Arrival) { a.Payload[0] = x.payload[0] }},
			{"reply of another kind", probe.Unrelated, func(a *probe.Arrival) { a.Payload[0] = 200 }},
			{"another protocol", probe.Unrelated, func(a *probe.Arrival) { a.Proto = ip.ProtoGRE }},
		} {
			a := x.echoed()
			c.change(&a)
			if len(a.Payload) >= 8 && a.From.IsValid() && a.From.Is4() == a.To.Is4() {
				reseal(&a)
			}
			t.Log(c.name)
			if c.name == "unspecified source" && !v6 {
				a.From = netip.IPv4Unspecified()
			}
			if c.name == "source of a group" && !v6 {
				a.From = addr("224.0.0.1")
			}
			receive(t, p, noon.Add(ms), a, c.want)
		}
		a := x.echoed()
		a.Payload[20] ^= 1
		receive(t, p, noon.Add(ms), a, probe.BadChecksum)
		a = x.echoed()
		a.Proto = ip.ProtoICMP + ip.ProtoICMPv6 - a.Proto
		receive(t, p, noon.Add(ms), a, probe.Unrelated)
		if all := events(p); len(all) != 0 {
			t.Fatalf("credited: %v", all)
		}
		// The genuine one still is.
		receive(t, p, noon.Add(2*ms), x.echoed(), probe.Credited)
		if e := one(t, p, probe.Reply); e.RTT != 2*ms {
			t.Errorf("%+v", e)
		}
	})
}

// TestVerified takes what has been verified by others as it is.
func TestVerified(t *testing.T) {
	for _, k := range []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite, probe.TCP} {
		each(t, func(t *testing.T, v6 bool) {
			for _, verified := range []bool{false, true} {
				p := newProber(t, probe.Config{})
				x := sent(t, p, noon, ask(k, v6, 0))
				a := replyTo(t, x, nil)
				at := map[probe.Kind]int{probe.Echo: 2, probe.UDP: 6, probe.UDPLite: 6, probe.TCP: 16}[k]
				a.Payload[at] ^= 0x10
				a.Verified = verified
				want := probe.BadChecksum
				if verified {
					want = probe.Credited
				}
				receive(t, p, noon, a, want)
			}
		})
	}
}

// replyTo is the reply of a system: an echo, a datagram with data, a SYN with
// ACK.
func replyTo(tb testing.TB, x packet, data []byte) probe.Arrival {
	tb.Helper()
	a := probe.Arrival{From: x.Dst, To: x.Src, Proto: x.Proto, TTL: 60}
	var err error
	switch x.Proto {
	case ip.ProtoUDP:
		u, _, _ := transport.DecodeUDP(x.payload)
		a.Payload, err = transport.UDP{SrcPort: u.DstPort, DstPort: u.SrcPort}.AppendPacket(nil, a.From, a.To, data)
	case ip.ProtoUDPLite:
		u, _, _ := transport.DecodeUDPLite(x.payload)
		a.Payload, err = transport.UDPLite{SrcPort: u.DstPort, DstPort: u.SrcPort}.AppendPacket(nil, a.From, a.To, data)
	case ip.ProtoTCP:
		return segment(tb, x, nil)
	default:
		return x.echoed()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// segment is a SYN with ACK that answers the SYN, changed.
func segment(tb testing.TB, x packet, change func(s *transport.TCP)) probe.Arrival {
	tb.Helper()
	syn, _, err := transport.DecodeTCP(x.payload)
	if err != nil {
		tb.Fatal(err)
	}
	s := transport.TCP{SrcPort: syn.DstPort, DstPort: syn.SrcPort, Seq: 5, Ack: syn.Seq + 1, Flags: transport.SYN | transport.ACK}
	if change != nil {
		change(&s)
	}
	b, err := s.AppendPacket(nil, x.Dst, x.Src, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return probe.Arrival{From: x.Dst, To: x.Src, Proto: ip.ProtoTCP, TTL: 60, Payload: b}
}

func TestTruncated(t *testing.T) {
	conform.Row(t, "P-03")
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		for _, c := range []struct {
			size, data         int
			truncated, altered bool
			at                 int
			want               probe.Verdict
		}{
			{56, 55, true, false, 0, probe.Credited},
			{56, 8, true, false, 0, probe.Credited},
			{56, 7, false, false, 0, probe.WrongCookie},
			{56, 57, false, true, 56, probe.Credited},
			{8, 8, false, false, 0, probe.Credited},
			{5, 5, false, false, 0, probe.Credited},
			{5, 4, false, false, 0, probe.WrongCookie},
			{5, 6, false, true, 5, probe.Credited},
			{0, 0, false, false, 0, probe.Credited},
			{0, 1, false, true, 0, probe.Credited},
		} {
			x := sent(t, p, noon, ask(probe.Echo, v6, c.size))
			a := x.echoed()
			a.Payload = append(a.Payload, 0xee)[:8+c.data]
			reseal(&a)
			receive(t, p, noon, a, c.want)
			if c.want != probe.Credited {
				continue
			}
			e := one(t, p, probe.Reply)
			if e.Truncated != c.truncated || e.Altered != c.altered || e.AlteredAt != c.at || c.altered && e.Got != 0xee || e.Size != 8+c.data {
				t.Errorf("%d of %d: %+v", c.data, c.size, e)
			}
		}
	})
}

func TestPattern(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.Echo, false, 300))
	for i, b := range x.payload[16:] {
		if b != byte(i+8) {
			t.Fatalf("octet %d is %d", i, b)
		}
	}
	p = newProber(t, probe.Config{Pattern: []byte{0xde, 0xad, 0xbe}})
	x = sent(t, p, noon, ask(probe.Echo, false, 20))
	if got := x.payload[16:]; !bytes.Equal(got, []byte{0xbe, 0xde, 0xad, 0xbe, 0xde, 0xad, 0xbe, 0xde, 0xad, 0xbe, 0xde, 0xad}) {
		t.Errorf("%x", got)
	}
}

// TestQueries asks the other queries of ICMP (P-11).
func TestQueries(t *testing.T) {
	conform.Row(t, "P-11")
	p := newProber(t, probe.Config{})
	octets := func(m icmp4.Message) []byte {
		b, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	arrive := func(x packet, m []byte, want probe.Verdict) {
		t.Helper()
		receive(t, p, noon.Add(7*ms), probe.Arrival{From: x.Dst, To: x.Src, Proto: x.Proto, Payload: m}, want)
	}

	x := sent(t, p, noon, ask(probe.Timestamp, false, 0))
	req, err := icmp4.ParseTimestampMessage(x.payload)
	if err != nil || req.Reply || req.Originate != icmp4.TimestampOf(noon) || req.Receive != 0 || req.Transmit != 0 || req.Seq != 1 {
		t.Fatalf("%v %v", req, err)
	}
	rep := icmp4.TimestampMessage{Reply: true, ID: req.ID, Seq: 1, Originate: req.Originate + 1, Receive: 5, Transmit: 6}
	arrive(x, octets(rep), probe.WrongCookie)
	rep.Originate = req.Originate
	arrive(x, octets(icmp4.AddressMask{Reply: true, ID: req.ID, Seq: 1}), probe.NotInFlight)
	short := octets(icmp4.Raw{Type: 14, Body: octets(rep)[4:19]})
	arrive(x, short, probe.Malformed)
	arrive(x, octets(rep), probe.Credited)
	e := one(t, p, probe.Reply)
	if e.Answer.Originate != req.Originate || e.Answer.Receive != 5 || e.Answer.Transmit != 6 || !e.Answer.SentAt.Equal(noon) || e.RTT != 7*ms || e.Size != 20 {
		t.Errorf("%+v", e)
	}

	x = sent(t, p, noon, ask(probe.Mask, false, 0))
	mask, err := icmp4.ParseAddressMask(x.payload)
	if err != nil || mask.Reply || mask.Mask != 0 || mask.Seq != 2 {
		t.Fatalf("%v %v", mask, err)
	}
	arrive(x, octets(icmp4.Raw{Type: 18, Body: []byte{byte(mask.ID >> 8), byte(mask.ID), 0, 2, 0xff}}), probe.Malformed)
	arrive(x, octets(icmp4.AddressMask{Reply: true, ID: mask.ID, Seq: 2, Mask: 0xffffff00}), probe.Credited)
	if e := one(t, p, probe.Reply); e.Answer.Mask != 0xffffff00 || e.Probe != probe.Mask {
		t.Errorf("%+v", e)
	}

	x = sent(t, p, noon, ask(probe.Info, false, 0))
	info, err := icmp4.ParseInfo(x.payload)
	if err != nil || info.Reply || info.Seq != 3 {
		t.Fatalf("%v %v", info, err)
	}
	arrive(x, octets(icmp4.Info{Reply: true, ID: info.ID, Seq: 3, Code: 1}), probe.WrongCode)
	arrive(x, octets(icmp4.Info{Reply: true, ID: info.ID, Seq: 3}), probe.Credited)
	if e := one(t, p, probe.Reply); e.Probe != probe.Info || e.Size != 8 {
		t.Errorf("%+v", e)
	}
}

func TestExtendedEcho(t *testing.T) {
	conform.Row(t, "P-11")
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		q := ask(probe.ExtEcho, v6, 0)
		q.Ext, q.Local = []byte{0x20, 0, 0xdf, 0xff}, true
		x := sent(t, p, noon, q)
		if want := []byte{x.payload[4], x.payload[5], 1, 1, 0x20, 0, 0xdf, 0xff}; !bytes.Equal(x.payload[4:], want) {
			t.Errorf("%x", x.payload)
		}
		id := binary.BigEndian.Uint16(x.payload[4:])
		var m []byte
		var err error
		if v6 {
			m, err = icmp6.ExtendedEchoReply{Code: 2, ID: id, Seq: 1, State: 3, Active: true, IPv4: true}.Append(nil, x.Dst, x.Src)
		} else {
			m, err = icmp4.ExtendedEchoReply{Code: 2, ID: id, Seq: 1, State: 3, Active: true, IPv4: true}.AppendBinary(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		a := probe.Arrival{From: x.Dst, To: x.Src, Proto: x.Proto, Payload: m}
		receive(t, p, noon.Add(ms), a, probe.Credited)
		e := one(t, p, probe.Reply)
		if (e.Answer != probe.Answer{Code: 2, State: 3, Active: true, IPv4: true}) || e.Seq != 1 {
			t.Errorf("%+v", e.Answer)
		}
		m[6], m[7] = 2, 1
		reseal(&a)
		receive(t, p, noon.Add(ms), a, probe.NotInFlight)
		// Without an extension, and remote.
		x = sent(t, p, noon, ask(probe.ExtEcho, v6, 0))
		if len(x.payload) != 8 || x.payload[6] != 2 || x.payload[7] != 0 {
			t.Errorf("%x", x.payload)
		}
		m[7] = 1
		reseal(&a)
		receive(t, p, noon.Add(ms), a, probe.Credited)
		if e := one(t, p, probe.Reply); (e.Answer != probe.Answer{Code: 2, IPv6: true}) || e.Seq != 2 {
			t.Errorf("%+v", e.Answer)
		}
	})
}

func TestTCP(t *testing.T) {
	conform.Row(t, "P-01")
	each(t, func(t *testing.T, v6 bool) {
		p := newProber(t, probe.Config{})
		x := sent(t, p, noon, ask(probe.TCP, v6, 0))
		syn, _, err := transport.ParseTCP(x.payload, x.Src, x.Dst)
		if err != nil || syn.Flags != transport.SYN || syn.DstPort != 443 || syn.Ack != 0 || len(syn.Options) != 4 {
			t.Fatalf("%v %v", syn, err)
		}
		if first, last := p.Ports(); syn.SrcPort < first || syn.SrcPort > last {
			t.Errorf("port %d, of %d to %d", syn.SrcPort, first, last)
		}
		for _, c := range []struct {
			name   string
			want   probe.Verdict
			change func(s *transport.TCP)
		}{
			{"acknowledgment of the SYN itself", probe.NotInFlight, func(s *transport.TCP) { s.Ack-- }},
			{"acknowledgment of more", probe.NotInFlight, func(s *transport.TCP) { s.Ack++ }},
			{"another port of ours", probe.NotInFlight, func(s *transport.TCP) { s.DstPort++ }},
			{"another port of theirs", probe.NotInFlight, func(s *transport.TCP) { s.SrcPort++ }},
			{"RST without ACK", probe.WrongCode, func(s *transport.TCP) { s.Flags = transport.RST }},
			{"SYN alone", probe.WrongCode, func(s *transport.TCP) { s.Flags = transport.SYN }},
			{"ACK alone", probe.WrongCode, func(s *transport.TCP) { s.Flags = transport.ACK }},
			{"a port of others", probe.Unrelated, func(s *transport.TCP) { s.DstPort, s.Ack = 22, 9 }},
		} {
			t.Log(c.name)
			receive(t, p, noon, segment(t, x, c.change), c.want)
		}
		a := segment(t, x, nil)
		a.From = us4
		if v6 {
			a.From = us6
		}
		receive(t, p, noon, a, probe.NotInFlight)
		a = segment(t, x, nil)
		a.Payload = a.Payload[:19]
		receive(t, p, noon, a, probe.Malformed)
		a = segment(t, x, nil)
		a.To = netip.Addr{} // not known, so the checksum cannot be verified
		receive(t, p, noon, a, probe.BadChecksum)
		a.Verified = true
		receive(t, p, noon.Add(3*ms), a, probe.Credited)
		if e := one(t, p, probe.Reply); e.RTT != 3*ms || e.Answer.Flags != transport.SYN|transport.ACK || e.SrcPort != syn.SrcPort || e.DstPort != 443 {
			t.Errorf("%+v", e)
		}
		y := sent(t, p, noon, ask(probe.TCP, v6, 0))
		a = segment(t, y, func(s *transport.TCP) { s.Flags = transport.RST | transport.ACK })
		a.To = router4
		if v6 {
			a.To = router6
		}
		a.Verified = true
		receive(t, p, noon, a, probe.WrongTarget)
		receive(t, p, noon, segment(t, y, func(s *transport.TCP) { s.Flags = transport.RST | transport.ACK }), probe.Credited)
		if e := one(t, p, probe.Reply); e.Answer.Flags != transport.RST|transport.ACK {
			t.Errorf("%+v", e)
		}
		other, _, _ := transport.DecodeTCP(y.payload)
		if other.SrcPort == syn.SrcPort || other.Seq == syn.Seq {
			t.Error("two probes of one port or number")
		}
	})
}

func TestAnyone(t *testing.T) {
	p := newProber(t, probe.Config{})
	q := ask(probe.Echo, false, 56)
	q.Dst, q.Anyone = addr("10.0.0.255"), true
	x := sent(t, p, noon, q)
	if !x.Group {
		t.Error("not to a group")
	}
	a := x.echoed()
	a.From = addr("10.0.0.7")
	receive(t, p, noon.Add(ms), a, probe.Credited)
	if e := one(t, p, probe.Reply); e.From != a.From {
		t.Errorf("%+v", e)
	}
	a.From = addr("10.0.0.8")
	receive(t, p, noon.Add(ms), a, probe.Credited)
	if e := one(t, p, probe.Duplicate); e.From != a.From {
		t.Errorf("%+v", e)
	}
	a.Payload[9]++
	reseal(&a)
	receive(t, p, noon.Add(ms), a, probe.WrongCookie)
	// One that is not for anyone is answered by its target alone.
	y := sent(t, p, noon, ask(probe.Echo, false, 56))
	a = y.echoed()
	a.From = addr("10.0.0.8")
	receive(t, p, noon.Add(ms), a, probe.NotInFlight)

	// UDP, and an error that quotes the broadcast address.
	q = ask(probe.UDP, false, 20)
	q.Dst, q.Anyone = addr("10.0.0.255"), true
	z := sent(t, p, noon, q)
	r := replyTo(t, z, []byte("here"))
	r.From, r.Verified = addr("10.0.0.9"), true
	receive(t, p, noon.Add(ms), r, probe.Credited)
	if e := one(t, p, probe.Reply); e.From != r.From {
		t.Errorf("%+v", e)
	}
	z = sent(t, p, noon, q)
	receive(t, p, noon.Add(ms), z.exceeded(t, z.datagram(t)), probe.Credited)
	one(t, p, probe.Error)
	z = sent(t, p, noon, q)
	receive(t, p, noon.Add(ms), z.error4(t, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: z.datagram(t)}), probe.Credited)
	one(t, p, probe.Reply)
}
