package probe_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/probe"
	"github.com/sonde-net/sonde/wire/checksum"
	"github.com/sonde-net/sonde/wire/icmp4"
)

// Where what stands in a quoted datagram of IPv4 and IPv6: source, destination,
// the message.
type layout struct{ src, dst, message, addr int }

func layoutOf(v6 bool) layout {
	if v6 {
		return layout{8, 24, 40, 16}
	}
	return layout{12, 16, 20, 4}
}

// TestRewritten: an error that quotes a probe under another header than was sent is
// told of, and credited to nothing.
func TestRewritten(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		at := layoutOf(v6)
		other := []byte{198, 51, 100, 7}
		if v6 {
			other = addr("2001:db8:7::7").AsSlice()
		}
		who, _ := netip.AddrFromSlice(other)
		for _, kind := range []probe.Kind{probe.Echo, probe.UDP, probe.UDPLite} {
			for name, x := range map[string]struct {
				change func(d []byte)
				want   probe.Shown
			}{
				"source":      {func(d []byte) { copy(d[at.src:], other) }, probe.Shown{Src: who}},
				"destination": {func(d []byte) { copy(d[at.dst:], other) }, probe.Shown{Dst: who}},
				"checksum": {func(d []byte) {
					i := at.message + 2
					if kind != probe.Echo {
						i = at.message + 6
					}
					d[i] ^= 0x55
				}, probe.Shown{Checksum: true}},
				"type of service too": {func(d []byte) {
					copy(d[at.src:], other)
					d[1] ^= 0x20
				}, probe.Shown{Src: who, TOS: true}},
				"first": {func(d []byte) { // source port or type
					if kind != probe.Echo {
						binary.BigEndian.PutUint16(d[at.message:], 1234)
					}
				}, probe.Shown{SrcPort: 1234}},
				"second": {func(d []byte) { // destination port, or identifier and not
					if kind != probe.Echo {
						binary.BigEndian.PutUint16(d[at.message+2:], 4321)
					}
				}, probe.Shown{DstPort: 4321}},
				"identifier": {func(d []byte) {
					if kind == probe.Echo {
						d[at.message+4] ^= 0x80
					}
				}, probe.Shown{ID: true}},
				"IP identification": {func(d []byte) {
					if !v6 {
						d[5]++
					}
				}, probe.Shown{IPID: true}},
			} {
				if echo := kind == probe.Echo; echo && (name == "first" || name == "second") || !echo && name == "identifier" || v6 && name == "IP identification" {
					continue
				}
				for _, on := range []bool{true, false} {
					p := newProber(t, probe.Config{Rewritten: on, IPID: true})
					sent(t, p, noon, ask(kind, v6, 24)) // another one is under way
					y := sent(t, p, noon, ask(kind, v6, 24))
					d := y.datagram(t)
					x.change(d)
					a := y.exceeded(t, d)
					if v := p.Receive(noon.Add(3*ms), &a); v == probe.Credited {
						t.Fatalf("%v, %s: %v", kind, name, v)
					}
					if !on {
						if all := events(p); len(all) > 0 || p.Counters().Rewritten != 0 {
							t.Fatalf("%v, %s: not asked for, and %+v", kind, name, all)
						}
						continue
					}
					e := one(t, p, probe.Rewritten)
					// Whoever has changed these here has forgotten the checksum.
					x.want.Unfit = x.want != probe.Shown{IPID: true} && (kind != probe.Echo || v6 || !x.want.Src.IsValid() && !x.want.Dst.IsValid())
					if e.Handle != y.Handle || e.RTT != 3*ms || e.From != a.From || !e.Claim.Present || e.Claim.V6 != v6 || e.Shown == nil || *e.Shown != x.want {
						t.Fatalf("%v, %s: %+v, %+v", kind, name, e, e.Shown)
					}
					if p.Counters().Rewritten != 1 || p.Counters().Errors != 0 {
						t.Fatalf("%+v", p.Counters())
					}
					// The probe waits as before.
					receive(t, p, noon.Add(4*ms), y.exceeded(t, y.datagram(t)), probe.Credited)
					one(t, p, probe.Error)
				}
			}
		}
	})
}

// TestNotRewritten: what does not show enough of a probe in flight is nothing.
func TestNotRewritten(t *testing.T) {
	conform.Row(t, "P-01")
	at := layoutOf(false)
	for name, change := range map[string]func(p *probe.Prober, y packet, d []byte) probe.Arrival{
		"another cookie": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[20+8+7] ^= 1
			return y.exceeded(t, d)
		},
		"another protocol": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[9] = 17
			return y.exceeded(t, d)
		},
		"another type": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[20] = 13
			return y.exceeded(t, d)
		},
		"another code": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[21] = 1
			return y.exceeded(t, d)
		},
		"another sequence number": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[27] ^= 1
			return y.exceeded(t, d)
		},
		"no address": func(_ *probe.Prober, y packet, d []byte) probe.Arrival { return y.exceeded(t, d[:19]) },
		"over": func(p *probe.Prober, y packet, d []byte) probe.Arrival {
			receive(t, p, noon, y.echoed(), probe.Credited)
			one(t, p, probe.Reply)
			return y.exceeded(t, d)
		},
		"to another": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			a := y.exceeded(t, d)
			a.To = addr("10.0.0.77")
			return a
		},
	} {
		p := newProber(t, probe.Config{Rewritten: true, IPID: true})
		y := sent(t, p, noon, ask(probe.Echo, false, 24))
		d := y.datagram(t)
		d[at.src]++
		a := change(p, y, d)
		if v := p.Receive(noon, &a); v == probe.Credited {
			t.Errorf("%s: %v", name, v)
		}
		if all := events(p); len(all) > 0 || p.Counters().Rewritten != 0 {
			t.Errorf("%s: %+v", name, all)
		}
	}
	// A header that agrees, and a code that does not.
	p := newProber(t, probe.Config{Rewritten: true})
	y := sent(t, p, noon, ask(probe.Echo, false, 24))
	d := y.datagram(t)
	d[21] = 1
	receive(t, p, noon, y.exceeded(t, d), probe.WrongQuote)
	if all := events(p); len(all) > 0 {
		t.Errorf("%+v", all)
	}
}

// translator is what somebody on the way changes. Zeros stay as they were.
type translator struct {
	src, dst     string
	sport, dport uint16
	id, ipid     uint16 // xor
	forgets      bool   // the checksum
	garbles      bool   // likewise, as if it were random
}

// apply rewrites a whole datagram of IPv4; the checksum is computed anew.
func (x translator) apply(k probe.Kind, d []byte) []byte {
	put := func(i int, s string) {
		if s != "" {
			copy(d[i:], addr(s).AsSlice())
		}
	}
	put(12, x.src)
	put(16, x.dst)
	d[4] ^= byte(x.ipid >> 8)
	d[5] ^= byte(x.ipid)
	m := d[20:]
	at := map[probe.Kind]int{probe.Echo: 2, probe.UDP: 6, probe.UDPLite: 6, probe.TCP: 16}[k]
	if k == probe.Echo {
		binary.BigEndian.PutUint16(m[4:], binary.BigEndian.Uint16(m[4:])^x.id)
	} else {
		if x.sport != 0 {
			binary.BigEndian.PutUint16(m, x.sport)
		}
		if x.dport != 0 {
			binary.BigEndian.PutUint16(m[2:], x.dport)
		}
	}
	switch {
	case x.garbles:
		m[at] ^= 0x5a
		m[at+1] ^= 0xa5
	case !x.forgets:
		m[at], m[at+1] = 0, 0
		sum := checksum.Sum(m, 0)
		if k != probe.Echo {
			src, _ := netip.AddrFromSlice(d[12:16])
			dst, _ := netip.AddrFromSlice(d[16:20])
			sum = checksum.Combine(sum, checksum.Pseudo4(src, dst, d[9], uint16(len(m))))
		}
		binary.BigEndian.PutUint16(m[at:], ^sum)
	}
	return d
}

// TestTied is how much a quote has to show, by protocol: first of eight octets
// behind the header, as most had it once, then of more.
func TestTied(t *testing.T) {
	conform.Row(t, "P-01")
	const out, server = "198.51.100.7", "203.0.113.80"
	both := translator{src: out, sport: 1024}
	asked := translator{src: out, id: 0x8001}
	type row struct {
		name    string
		kind    probe.Kind
		with    translator
		no      bool // Config.IPID
		sum     int  // Probe.Checksum; 1: one of the prober's ports
		size    int  // 0: 32
		octets  int  // that are quoted of the message; 0: 8
		want    bool
		unfit   bool
		forging func(m []byte)
	}
	for _, c := range []row{
		{name: "source", kind: probe.UDP, with: translator{src: out}, want: true},
		{name: "source, no identification", kind: probe.UDP, with: translator{src: out}, no: true, want: true},
		{name: "source and port", kind: probe.UDP, with: both, want: true},
		{name: "source and port, no identification", kind: probe.UDP, with: both, no: true},
		{name: "source, port and identification", kind: probe.UDP, with: translator{src: out, sport: 1024, ipid: 1}},
		{name: "source and identification", kind: probe.UDP, with: translator{src: out, ipid: 1}, want: true},
		{name: "destination", kind: probe.UDP, with: translator{dst: server, dport: 53}, want: true},
		{name: "all", kind: probe.UDP, with: translator{src: out, sport: 1024, dst: server, dport: 53}, want: true},
		{name: "forgotten", kind: probe.UDP, with: translator{src: out, sport: 1024, forgets: true}, want: true, unfit: true},
		{name: "garbled", kind: probe.UDP, with: translator{src: out, garbles: true}},
		{name: "garbled alone", kind: probe.UDP, with: translator{garbles: true}},
		{name: "garbled, and an octet of the cookie", kind: probe.UDP, with: translator{garbles: true}, octets: 9, want: true, unfit: true},
		{name: "garbled, and three octets of the cookie", kind: probe.UDP, with: translator{src: out, sport: 9, garbles: true, ipid: 1}, octets: 11},
		{name: "garbled, and four octets of the cookie", kind: probe.UDP, with: translator{src: out, sport: 9, garbles: true, ipid: 1}, octets: 12, want: true, unfit: true},
		{name: "two octets of the cookie", kind: probe.UDP, with: both, no: true, octets: 10, want: true},
		{name: "one octet of the cookie", kind: probe.UDP, with: both, no: true, octets: 9},
		{name: "a cookie of two octets", kind: probe.UDP, with: both, size: 2, want: true},
		{name: "all of a cookie of two octets", kind: probe.UDP, with: both, size: 2, no: true, octets: 10},
		{name: "all of a cookie of three octets", kind: probe.UDP, with: translator{src: out, sport: 9, ipid: 1}, size: 3, octets: 11},
		{name: "all of a cookie of four octets", kind: probe.UDP, with: both, size: 4, no: true, octets: 12, want: true},
		{name: "all of a cookie of two octets, echo", kind: probe.Echo, with: translator{id: 0x8001}, size: 2, no: true, octets: 10},
		{name: "a cookie of one octet", kind: probe.UDP, with: both, size: 1},
		{name: "no cookie", kind: probe.UDP, with: translator{src: out}, size: -1},
		{name: "a wrong cookie", kind: probe.UDP, with: both, octets: 9, forging: func(m []byte) { m[8] ^= 1 }},
		{name: "another length", kind: probe.UDP, with: both, forging: func(m []byte) { m[5]++ }},
		{name: "UDP-Lite", kind: probe.UDPLite, with: both, want: true},
		{name: "half of the ports", kind: probe.UDP, with: translator{src: out}, octets: 3},

		{name: "TCP", kind: probe.TCP, with: translator{src: out, sport: 1024, dst: server, dport: 53, ipid: 1}, no: true, want: true},
		{name: "TCP, forgotten", kind: probe.TCP, with: translator{src: out, sport: 1024, forgets: true}, octets: 20, want: true, unfit: true},
		{name: "TCP, all of it", kind: probe.TCP, with: both, octets: 24, want: true},
		{name: "another number", kind: probe.TCP, with: both, forging: func(m []byte) { m[7] ^= 1 }},
		{name: "no number", kind: probe.TCP, with: translator{src: out}, octets: 7},
		{name: "no SYN", kind: probe.TCP, with: both, octets: 16, forging: func(m []byte) { m[13] |= 0x10 }},
		{name: "acknowledges", kind: probe.TCP, with: both, octets: 12, forging: func(m []byte) { m[11] = 1 }},

		{name: "echo", kind: probe.Echo, with: translator{src: out}, want: true},
		{name: "echo, no identification", kind: probe.Echo, with: translator{src: out}, no: true},
		{name: "echo, no identification, an octet", kind: probe.Echo, with: translator{src: out}, no: true, octets: 9, want: true},
		{name: "echo, identifier", kind: probe.Echo, with: asked, want: true},
		{name: "echo, identifier forgotten", kind: probe.Echo, with: translator{id: 0x8001, forgets: true}, want: true, unfit: true},
		{name: "echo, identifier and identification", kind: probe.Echo, with: translator{id: 0x8001, ipid: 1}},
		{name: "echo of a flow", kind: probe.Echo, with: asked, sum: 1, want: true},
		{name: "echo of a flow, identifier forgotten", kind: probe.Echo, with: translator{id: 0x8001, forgets: true}, sum: 1},
		{name: "echo of a chosen checksum", kind: probe.Echo, with: translator{src: out}, sum: 7},
		{name: "echo of a chosen checksum, an octet", kind: probe.Echo, with: translator{src: out}, sum: 7, octets: 9, want: true},
		{name: "half of a sequence number", kind: probe.Echo, with: asked, octets: 7},
	} {
		p := newProber(t, probe.Config{Rewritten: true, IPID: !c.no})
		q := ask(c.kind, false, max(c.size, 0))
		if c.size == 0 {
			q.Size = 32
		}
		if c.kind == probe.TCP {
			q.Size = 0
		}
		switch c.sum {
		case 0:
		case 1:
			q.Checksum = p.Port(3)
		default:
			q.Checksum = uint16(c.sum)
		}
		sent(t, p, noon, q)
		y := sent(t, p, noon, q)
		sent(t, p, noon, q)
		was := y.datagram(t)
		d := c.with.apply(c.kind, bytes.Clone(was))
		if c.octets == 0 {
			c.octets = 8
		}
		if c.forging != nil {
			c.forging(d[20:])
		}
		a := y.exceeded(t, d[:20+c.octets])
		if v := p.Receive(noon.Add(ms), &a); v == probe.Credited {
			t.Errorf("%s: %v", c.name, v)
		}
		all := events(p)
		if !c.want {
			if len(all) > 0 {
				t.Errorf("%s: %+v", c.name, all)
			}
			continue
		}
		if len(all) != 1 || all[0].Kind != probe.Rewritten || all[0].Handle != y.Handle {
			t.Errorf("%s: %+v", c.name, all)
			continue
		}
		want := probe.Shown{SrcPort: c.with.sport, DstPort: c.with.dport, ID: c.with.id != 0, IPID: c.with.ipid != 0 && !c.no, Unfit: c.unfit}
		if c.with.src != "" {
			want.Src = addr(c.with.src)
		}
		if c.with.dst != "" {
			want.Dst = addr(c.with.dst)
		}
		at := map[probe.Kind]int{probe.Echo: 2, probe.UDP: 6, probe.UDPLite: 6, probe.TCP: 16}[c.kind] + 20
		want.Checksum = c.octets > at-20 && !bytes.Equal(d[at:at+2], was[at:at+2])
		if *all[0].Shown != want {
			t.Errorf("%s: %+v, want %+v", c.name, *all[0].Shown, want)
		}
	}
}

// TestTiedByOutsider: one who knows addresses, ports, identification and length of
// all probes, and not what is in them, is not believed whatever he says was
// translated.
func TestTiedByOutsider(t *testing.T) {
	conform.Row(t, "P-01")
	conform.Row(t, "P-02")
	for _, kind := range []probe.Kind{probe.UDP, probe.UDPLite, probe.Echo, probe.TCP} {
		p := newProber(t, probe.Config{Rewritten: true, IPID: true})
		q := ask(kind, false, 32)
		if kind == probe.TCP {
			q.Size = 0
		}
		y := sent(t, p, noon, q)
		was := y.datagram(t)
		at := map[probe.Kind]int{probe.Echo: 2, probe.UDP: 6, probe.UDPLite: 6, probe.TCP: 4}[kind] + 20
		told := 0
		for guess := range 1 << 16 {
			d := translator{src: "198.51.100.7", forgets: true}.apply(kind, bytes.Clone(was))
			if kind == probe.TCP {
				// The upper half he knows, too.
				binary.BigEndian.PutUint16(d[at+2:], uint16(guess))
			} else {
				binary.BigEndian.PutUint16(d[at:], uint16(guess))
			}
			a := y.exceeded(t, d[:28])
			if v := p.Receive(noon.Add(ms), &a); v == probe.Credited {
				t.Fatalf("%v: %#x is credited", kind, guess)
			}
			told += len(events(p))
		}
		// One is right; where addresses are under the checksum, it may have been forgotten.
		want := 1
		if kind == probe.UDP || kind == probe.UDPLite {
			want = 2
		}
		if told != want {
			t.Errorf("%v: %d guesses of 65,536 are told of", kind, told)
		}
	}
}

// TestTiedTwice: of two probes that a quote may be of, it is of the one that was
// sent there; else of none.
func TestTiedTwice(t *testing.T) {
	// twins are two with one identifier, sequence number, checksum and identification.
	twins := func() (p *probe.Prober, all []packet) {
		for seed := uint64(1); ; seed++ {
			p, all = newProber(t, probe.Config{Rewritten: true, IPID: true, Seed: seed}), nil
			for target, dst := range []string{"192.0.2.9", "192.0.2.10"} {
				q := ask(probe.Echo, false, 32)
				q.Target, q.Checksum, q.Dst = target, p.Port(1), addr(dst)
				all = append(all, sent(t, p, noon, q))
			}
			if all[0].ID == all[1].ID {
				return p, all
			}
		}
	}
	p, all := twins()
	for dst, want := range map[string]int{"": 1, "203.0.113.80": 0} {
		for _, y := range all {
			d := translator{src: "198.51.100.7", dst: dst}.apply(probe.Echo, y.datagram(t))
			a := y.exceeded(t, d[:28])
			p.Receive(noon, &a)
			got := events(p)
			if len(got) != want || want == 1 && got[0].Handle != y.Handle {
				t.Errorf("%q: %+v", dst, got)
			}
		}
	}
}

// TestRemarked: an error about a probe that was seen with another type of service
// says so, where that is asked for, and is credited.
func TestRemarked(t *testing.T) {
	each(t, func(t *testing.T, v6 bool) {
		for _, on := range []bool{true, false} {
			for _, tos := range []uint8{0, 0x48} {
				p := newProber(t, probe.Config{Rewritten: on})
				q := ask(probe.UDP, v6, 24)
				q.TOS = 0x48
				y := sent(t, p, noon, q)
				z := y
				z.TOS = tos
				receive(t, p, noon, y.exceeded(t, z.datagram(t)), probe.Credited)
				e := one(t, p, probe.Error)
				if e.Claim.QuoteTOS != tos || (e.Shown != nil) != (on && tos == 0) {
					t.Errorf("%t, %#x: %+v", on, tos, e)
				}
				if e.Shown != nil && (*e.Shown != probe.Shown{TOS: true} || e.Shown.Translated()) {
					t.Errorf("%+v", e.Shown)
				}
			}
		}
	})
}

// TestIdentifications: all have the octet in common that a filter is told, and not
// otherwise.
func TestIdentifications(t *testing.T) {
	for _, c := range []probe.Config{{}, {IPID: true}, {Rewritten: true}, {IPID: true, Rewritten: true}} {
		for seed := range uint64(600) {
			c.Seed = seed + 1
			p := newProber(t, c)
			id, mask, ok := p.Identifications()
			if ok != (c.IPID && c.Rewritten) || ok && (mask != 0xff00 || id == 0 || id&^mask != 0) {
				t.Fatalf("%+v: %#x, %#x, %t", c, id, mask, ok)
			}
			seen := map[uint16]bool{}
			for range 20 {
				y := sent(t, p, noon, ask(probe.UDP, false, 24))
				if y.ID == 0 || ok && y.ID&mask != id {
					t.Fatalf("%+v: %#x of %#x", c, y.ID, id)
				}
				seen[y.ID] = true
			}
			if len(seen) < 13 {
				t.Fatalf("%+v: %v", c, seen)
			}
		}
	}
}

// TestRewrittenBound: among too many probes none is sought.
func TestRewrittenBound(t *testing.T) {
	for n, want := range map[int]int{4096: 1, 4097: 0} {
		p := newProber(t, probe.Config{Rewritten: true, InFlight: n})
		var last packet
		for range n {
			last = sent(t, p, noon, ask(probe.UDP, false, 24))
		}
		d := last.datagram(t)
		d[12]++
		a := last.exceeded(t, d)
		p.Receive(noon, &a)
		if all := events(p); len(all) != want {
			t.Errorf("%d probes: %+v", n, all)
		}
	}
}

// TestRewrittenAdvice: redirects and source quenches end no probe, and whoever takes
// a rewritten one for an answer would end it.
func TestRewrittenAdvice(t *testing.T) {
	conform.Row(t, "P-01")
	p := newProber(t, probe.Config{Rewritten: true, IPID: true})
	y := sent(t, p, noon, ask(probe.UDP, false, 24))
	d := translator{src: "198.51.100.7"}.apply(probe.UDP, y.datagram(t))
	for _, m := range []icmp4.Message{icmp4.SourceQuench{Quote: d}, icmp4.Redirect{Code: 1, Gateway: router4, Quote: d}} {
		receive(t, p, noon.Add(ms), y.error4(t, m), probe.NotInFlight)
		if all := events(p); len(all) > 0 || p.Counters().Rewritten != 0 {
			t.Errorf("%T: %+v", m, all)
		}
	}
	a := y.exceeded(t, d)
	p.Receive(noon.Add(ms), &a)
	one(t, p, probe.Rewritten)
}
