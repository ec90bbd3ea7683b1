package probe_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/probe/claim"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
	"github.com/sonde-net/sonde/wire/ip"
	"github.com/sonde-net/sonde/wire/option"
	"github.com/sonde-net/sonde/wire/quote"
	"github.com/sonde-net/sonde/wire/transport"
)

// sizes are those of the kinds in the tests of errors.
func sizeOf(k probe.Kind) int {
	switch k {
	case probe.Echo, probe.UDP, probe.UDPLite:
		return 24
	}
	return 0
}

// everyKind runs a test for each kind in each family that has it.
func everyKind(t *testing.T, f func(t *testing.T, k probe.Kind, v6 bool)) {
	for k := range probe.ExtEcho + 1 {
		for _, v6 := range []bool{false, true} {
			if v6 && (k == probe.Timestamp || k == probe.Mask || k == probe.Info) {
				continue
			}
			t.Run(fmt.Sprintf("%v/v6=%v", k, v6), func(t *testing.T) { f(t, k, v6) })
		}
	}
}

// TestFlippedQuote flips each bit of what an error quotes in turn. The error is
// credited only when the bit is one that may change on the way, or that those
// who quote are known to change (P-01).
func TestFlippedQuote(t *testing.T) {
	conform.Row(t, "P-01")
	everyKind(t, func(t *testing.T, k probe.Kind, v6 bool) {
		p := newProber(t, probe.Config{IPID: true})
		p0 := newProber(t, probe.Config{})
		x := sent(t, p, noon, ask(k, v6, sizeOf(k)))
		x0 := sent(t, p0, noon, ask(k, v6, sizeOf(k)))
		d := x.datagram(t)
		if !bytes.Equal(x.payload, x0.payload) {
			t.Fatal("the same prober, and another probe")
		}
		header, cookie := 20, 8
		if v6 {
			header = 40
		}
		switch k {
		case probe.Timestamp:
			cookie = 4 // the originate timestamp
		case probe.Mask, probe.Info, probe.ExtEcho, probe.TCP:
			cookie = 0
		}
		for bit := range len(d) * 8 {
			at := bit / 8
			mask := byte(1) << (bit % 8)
			b := bytes.Clone(d)
			b[at] ^= mask
			credited := at >= header+8+cookie // data that is not looked at
			ipid := false
			switch {
			case !v6 && at < 20:
				ipid = at == 4 || at == 5
				credited = at == 1 || at == 2 || at == 3 || at == 6 && mask >= 0x20 || at == 8 || at == 10 || at == 11
				if at == 2 || at == 3 {
					continue // a length that clips the rest is another matter
				}
			case v6 && at < 40:
				credited = at == 0 && mask < 0x10 || at == 1 || at == 2 || at == 3 || at == 7
				if at == 4 || at == 5 {
					continue
				}
			case k == probe.TCP:
				// Header length, window, urgent pointer, options: nothing to tell by.
				tcp := at - header
				credited = tcp == 12 || tcp == 14 || tcp == 15 || tcp >= 18
			case k == probe.ExtEcho:
				credited = at == header+7 // the bits beside the sequence number
			case k == probe.UDPLite:
				credited = credited || at == header+4 || at == header+5 // coverage, which the checksum covers
			}
			a := x.exceeded(t, b)
			if v := p.Receive(noon.Add(ms), &a); (v == probe.Credited) != credited {
				t.Errorf("bit %#02x of octet %d: %v, want credited %v", mask, at, v, credited)
			}
			if v := p0.Receive(noon.Add(ms), &a); (v == probe.Credited) != (credited || ipid) {
				t.Errorf("bit %#02x of octet %d, without IP identification: %v", mask, at, v)
			}
			if v := bytes.Equal(a.Payload, b); v {
				t.Fatal("no error")
			}
		}
	})
}

// TestCutQuote cuts what an error quotes: with eight octets behind the header
// all kinds are told, with fewer none.
func TestCutQuote(t *testing.T) {
	conform.Row(t, "P-01")
	everyKind(t, func(t *testing.T, k probe.Kind, v6 bool) {
		p := newProber(t, probe.Config{IPID: true})
		x := sent(t, p, noon, ask(k, v6, sizeOf(k)))
		d := x.datagram(t)
		header := 20
		if v6 {
			header = 40
		}
		for n := range len(d) + 1 {
			least := header + 8
			if k == probe.ExtEcho {
				least-- // its sequence number is one octet
			}
			a := x.exceeded(t, d[:n])
			v := p.Receive(noon.Add(ms), &a)
			if (v == probe.Credited) != (n >= least) {
				t.Errorf("%d octets: %v", n, v)
			}
			if n > header && n < least && v != probe.ShortQuote && v != probe.Unrelated {
				t.Errorf("%d octets: %v", n, v)
			}
		}
	})
}

func TestError(t *testing.T) {
	everyKind(t, func(t *testing.T, k probe.Kind, v6 bool) {
		p := newProber(t, probe.Config{})
		q := ask(k, v6, sizeOf(k))
		q.Tag, q.TOS = 9, 0x48
		x := sent(t, p, noon, q)
		a := x.exceeded(t, x.datagram(t))
		receive(t, p, noon.Add(4*ms), a, probe.Credited)
		e := one(t, p, probe.Error)
		c := e.Claim
		if e.From != a.From || e.RTT != 4*ms || e.Tag != 9 || e.Reached || !c.Present || c.V6 != v6 || c.QuoteTTL != 1 ||
			c.QuoteTOS != 0x48 || c.QuoteLen != len(x.datagram(t)) || c.Type != a.Payload[0] || c.Code != 0 {
			t.Errorf("%+v", e)
		}
		if p.Counters().Errors != 1 {
			t.Errorf("%+v", p.Counters())
		}
		a.To = addr("10.0.0.77")
		a.Verified = true
		if v6 {
			a.To = router6
		}
		receive(t, p, noon.Add(4*ms), a, probe.WrongTarget)
		// The same once more, and what the target itself says afterwards.
		a = x.exceeded(t, x.datagram(t))
		receive(t, p, noon.Add(5*ms), a, probe.Credited)
		one(t, p, probe.Duplicate)
	})
}

// TestClaims reads all that the errors say.
func TestClaims(t *testing.T) {
	p := newProber(t, probe.Config{})
	ext := []byte{0x20, 0, 0xdf, 0xff}
	for _, c := range []struct {
		m    func(q []byte) icmp4.Message
		want probe.Claim
		kind probe.EventKind
	}{
		{func(q []byte) icmp4.Message { return icmp4.DestUnreachable{Code: 1, Quote: q} }, probe.Claim{Type: 3, Code: 1}, probe.Error},
		{func(q []byte) icmp4.Message { return icmp4.DestUnreachable{Code: 3, Quote: q} }, probe.Claim{Type: 3, Code: 3}, probe.Error},
		{func(q []byte) icmp4.Message { return icmp4.DestUnreachable{Code: 4, MTU: 1400, Quote: q} }, probe.Claim{Type: 3, Code: 4, MTU: 1400}, probe.Error},
		{func(q []byte) icmp4.Message { return icmp4.ParameterProblem{Pointer: 21, Quote: q} }, probe.Claim{Type: 12, Pointer: 21}, probe.Error},
		{func(q []byte) icmp4.Message { return icmp4.TimeExceeded{Quote: q, Ext: ext} }, probe.Claim{Type: 11, Ext: ext}, probe.Error},
		{func(q []byte) icmp4.Message { return icmp4.SourceQuench{Quote: q} }, probe.Claim{Type: 4}, probe.Advice},
		{func(q []byte) icmp4.Message { return icmp4.Redirect{Code: 1, Gateway: router4, Quote: q} }, probe.Claim{Type: 5, Code: 1, Gateway: router4}, probe.Advice},
	} {
		x := sent(t, p, noon, ask(probe.Echo, false, 56))
		receive(t, p, noon.Add(ms), x.error4(t, c.m(x.datagram(t))), probe.Credited)
		e := one(t, p, c.kind)
		got := e.Claim
		if !bytes.Equal(got.Ext, c.want.Ext) || got.QuoteLen != 84 {
			t.Errorf("%+v", got)
		}
		if got.Type != c.want.Type || got.Code != c.want.Code || got.MTU != c.want.MTU || got.Pointer != c.want.Pointer || got.Gateway != c.want.Gateway {
			t.Errorf("%+v, want %+v", got, c.want)
		}
		_, flying := p.InFlight()
		if want := c.kind == probe.Advice; (flying == 1) != want {
			t.Errorf("%v: %d in flight", c.kind, flying)
		}
		// The reply is one in any case, and the first.
		receive(t, p, noon.Add(2*ms), x.echoed(), probe.Credited)
		one(t, p, probe.Reply)
		// An error behind a reply is too much.
		receive(t, p, noon.Add(3*ms), x.exceeded(t, x.datagram(t)), probe.Credited)
		one(t, p, probe.Duplicate)
	}
	if c := p.Counters(); c.Advice != 2 || c.Errors != 5 || c.Replies != 7 || c.Duplicates != 7 {
		t.Errorf("%+v", c)
	}
}

// TestPortUnreachable is the reply to datagrams, and to nothing else.
func TestPortUnreachable(t *testing.T) {
	everyKind(t, func(t *testing.T, k probe.Kind, v6 bool) {
		p := newProber(t, probe.Config{})
		for _, target := range []bool{true, false} {
			x := sent(t, p, noon, ask(k, v6, sizeOf(k)))
			var a probe.Arrival
			if v6 {
				a = x.error6(t, icmp6.DestUnreachable{Code: icmp6.CodePortUnreachable, Quote: x.datagram(t)})
			} else {
				a = x.error4(t, icmp4.DestUnreachable{Code: icmp4.CodePortUnreachable, Quote: x.datagram(t)})
			}
			if target {
				a.From = x.Dst
				reseal(&a)
			}
			receive(t, p, noon.Add(ms), a, probe.Credited)
			want := probe.Error
			if target && (k == probe.UDP || k == probe.UDPLite) {
				want = probe.Reply
			}
			if e := one(t, p, want); e.Reached != target || !e.Claim.Present {
				t.Errorf("%+v", e)
			}
		}
	})
}

func TestForgedError(t *testing.T) {
	conform.Row(t, "P-01")
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.UDP, false, 24))
	d := x.datagram(t)
	a := x.exceeded(t, d)
	a.Payload[9]++
	receive(t, p, noon, a, probe.BadChecksum)
	receive(t, p, noon, x.exceeded(t, nil), probe.Malformed)
	receive(t, p, noon, x.exceeded(t, d[:19]), probe.ShortQuote)
	// A fragment that is not the first has no ports.
	b := bytes.Clone(d)
	b[7] = 1
	receive(t, p, noon, x.exceeded(t, b), probe.ShortQuote)
	// Protocols that are not ours.
	b = bytes.Clone(d)
	b[9] = byte(ip.ProtoGRE)
	receive(t, p, noon, x.exceeded(t, b), probe.Unrelated)
	b[9] = byte(ip.ProtoICMPv6)
	receive(t, p, noon, x.exceeded(t, b), probe.Unrelated)
	b[9] = byte(ip.ProtoICMP) // the port is a type that nobody asks with
	receive(t, p, noon, x.exceeded(t, b), probe.Unrelated)
	// A port that is not ours, and another of ours.
	b = bytes.Clone(d)
	b[20], b[21] = 0, 53
	receive(t, p, noon, x.exceeded(t, b), probe.Unrelated)
	b[20], b[21] = d[20], d[21]^1
	receive(t, p, noon, x.exceeded(t, b), probe.NotInFlight)
	// Another source, another length.
	b = bytes.Clone(d)
	b[15]++
	receive(t, p, noon, x.exceeded(t, b), probe.WrongQuote)
	b = bytes.Clone(d)
	b[25]++
	receive(t, p, noon, x.exceeded(t, b), probe.WrongQuote)
	a = x.exceeded(t, d)
	a.From = netip.IPv4Unspecified()
	receive(t, p, noon, a, probe.WrongTarget)
	a.From = addr("224.0.0.1")
	receive(t, p, noon, a, probe.WrongTarget)
	a.From = us6
	receive(t, p, noon, a, probe.Malformed)
	if all := events(p); len(all) != 0 {
		t.Fatalf("credited: %v", all)
	}
	receive(t, p, noon, x.exceeded(t, d), probe.Credited)

	y := sent(t, p, noon, ask(probe.Echo, true, 24))
	a = y.exceeded(t, y.datagram(t))
	a.To = netip.Addr{} // so its checksum cannot be verified
	receive(t, p, noon, a, probe.BadChecksum)
	b = bytes.Clone(y.datagram(t))
	b[6] = byte(ip.ProtoICMP)
	receive(t, p, noon, y.exceeded(t, b), probe.Unrelated)
}

// TestErrorQueue takes an error that others have read.
func TestErrorQueue(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.Echo, false, 56))
	c := claim.Claim{
		From: router4, Type: 11, Quote: quote.Quote{
			Version: 4, Src: us4, Dst: them4, Proto: ip.ProtoICMP, ICMPType: 8,
			ICMPID: uint16(x.payload[4])<<8 | uint16(x.payload[5]), ICMPSeq: 1, Payload: x.payload,
			Present: quote.Addrs | quote.Proto | quote.ICMPType | quote.ICMPCode | quote.ICMPID | quote.ICMPSeq,
		},
	}
	a := probe.Arrival{From: router4, To: us4, Err: &c}
	receive(t, p, noon.Add(ms), a, probe.Credited)
	if e := one(t, p, probe.Error); e.Claim.Type != 11 || e.RTT != ms {
		t.Errorf("%+v", e)
	}
	c.Quote.ICMPSeq = 2
	receive(t, p, noon.Add(ms), a, probe.NotInFlight)
}

func TestKnows(t *testing.T) {
	p := newProber(t, probe.Config{})
	x := sent(t, p, noon, ask(probe.UDP, false, 24))
	q, err := quote.Parse(x.datagram(t))
	if err != nil || !p.Knows(&q) {
		t.Errorf("not known: %v %v", q, err)
	}
	q.SrcPort++
	if p.Knows(&q) {
		t.Error("another port is known")
	}
}

// TestSourceRoute follows a datagram from stop to stop.
func TestSourceRoute(t *testing.T) {
	for _, c := range []struct {
		k      probe.Kind
		option ip.OptionType
	}{{probe.Echo, ip.OptLSRR}, {probe.Echo, ip.OptSSRR}, {probe.UDP, ip.OptLSRR}, {probe.UDP, ip.OptSSRR}} {
		k := c.k
		p := newProber(t, probe.Config{})
		options, err := option.AppendSourceRoute(nil, c.option, addr("10.0.2.2"), them4)
		if err != nil {
			t.Fatal(err)
		}
		q := ask(k, false, 24)
		q.Dst, q.Peer, q.Options = addr("10.0.1.1"), them4, ip.PadOptions(options)
		x := sent(t, p, noon, q)
		if k == probe.UDP {
			if _, _, err := transport.ParseUDP(x.payload, us4, them4); err != nil {
				t.Errorf("the checksum is not for the last stop: %v", err)
			}
		}
		first := x.datagram(t)
		q.Options[0] = 0 // handed over is copied
		// As the second stop sees it, and as the last one does.
		second, last := bytes.Clone(first), bytes.Clone(first)
		copy(second[16:], []byte{10, 0, 2, 2})
		second[22] = 8
		copy(last[16:], them4.AsSlice())
		last[22] = 12
		for i, d := range [][]byte{first, second, last} {
			a := x.exceeded(t, d)
			if v := p.Receive(noon.Add(ms), &a); v != probe.Credited {
				t.Errorf("%v, stop %d: %v", k, i, v)
			}
		}
		without := bytes.Clone(last[:20])
		without[0] = 0x45
		receive(t, p, noon, x.exceeded(t, append(without, last[32:]...)), probe.WrongQuote)
		other := bytes.Clone(second)
		other[30]++ // another last stop
		receive(t, p, noon, x.exceeded(t, other), probe.NotInFlight)
		events(p)
		if k == probe.Echo {
			a := x.echoed()
			receive(t, p, noon.Add(ms), a, probe.NotInFlight) // from the first stop
			a.From = them4
			receive(t, p, noon.Add(ms), a, probe.Credited)
			one(t, p, probe.Reply)
		}
		// A probe without a route is not quoted with one.
		y := sent(t, p, noon, ask(k, false, 24))
		d := y.datagram(t)
		routed := append(append([]byte{0x48}, d[1:20]...), first[20:32]...)
		copy(routed[16:], them4.AsSlice())
		routed[22] = 12
		routed = append(routed, d[20:]...)
		routed[2], routed[3] = byte(len(routed)>>8), byte(len(routed))
		receive(t, p, noon, y.exceeded(t, routed), probe.WrongQuote)
	}
}

// TestRecordRoute has options that are no route to go by.
func TestRecordRoute(t *testing.T) {
	p := newProber(t, probe.Config{})
	options, err := option.AppendRecordRoute(nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	q := ask(probe.Echo, false, 24)
	q.Options = ip.PadOptions(options)
	x := sent(t, p, noon, q)
	receive(t, p, noon, x.exceeded(t, x.datagram(t)), probe.Credited)
	d := x.datagram(t)
	d[19]++ // another destination
	receive(t, p, noon, x.exceeded(t, d), probe.NotInFlight)
	// A route that cannot be read is none.
	d = x.datagram(t)
	d[20], d[21] = byte(ip.OptLSRR), 5
	receive(t, p, noon, x.exceeded(t, d), probe.Credited)
	d[21] = 2
	receive(t, p, noon, x.exceeded(t, d), probe.Credited)
}

// TestParis holds the checksum of echoes to one value, whatever else they say.
func TestParis(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		for _, want := range []uint16{1, 0x1234, 0xfffe} {
			for _, size := range []int{2, 3, 4, 9, 10, 11, 56, 57} {
				p := newProber(t, probe.Config{})
				for range 50 {
					q := ask(probe.Echo, v6, size)
					q.Checksum = want
					x := sent(t, p, noon, q)
					if got := uint16(x.payload[2])<<8 | uint16(x.payload[3]); got != want {
						t.Fatalf("%d octets: checksum %#04x, want %#04x", size, got, want)
					}
					initial := uint16(0)
					if v6 {
						initial = checksum.Pseudo6(x.Src, x.Dst, uint8(x.Proto), uint32(len(x.payload)))
					}
					if checksum.Sum(x.payload, initial) != 0xffff {
						t.Fatalf("%d octets: the checksum does not hold", size)
					}
					receive(t, p, noon, x.exceeded(t, x.datagram(t)), probe.Credited)
					receive(t, p, noon, x.echoed(), probe.Credited)
					for _, e := range events(p) {
						if e.Kind == probe.Reply && (e.Altered || e.Truncated) {
							t.Fatalf("%d octets: %+v", size, e)
						}
					}
				}
			}
		}
	})
}
