package probe_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/probe"
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

// TestRewritten: an error that quotes a probe by its cookie, under another header
// than was sent, is told of, and credited to nothing.
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

// TestNotRewritten: what does not show all of the cookie of a probe in flight is
// nothing.
func TestNotRewritten(t *testing.T) {
	at := layoutOf(false)
	begin := func(kind probe.Kind, size int) (*probe.Prober, packet, []byte) {
		p := newProber(t, probe.Config{Rewritten: true})
		y := sent(t, p, noon, ask(kind, false, size))
		d := y.datagram(t)
		d[at.src]++
		return p, y, d
	}
	for name, change := range map[string]func(p *probe.Prober, y packet, d []byte) probe.Arrival{
		"one octet of the cookie missing": func(_ *probe.Prober, y packet, d []byte) probe.Arrival { return y.exceeded(t, d[:20+8+7]) },
		"another cookie": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[20+8+7] ^= 1
			return y.exceeded(t, d)
		},
		"another protocol": func(_ *probe.Prober, y packet, d []byte) probe.Arrival {
			d[9] = 17
			return y.exceeded(t, d)
		},
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
		p, y, d := begin(probe.Echo, 24)
		a := change(p, y, d)
		if v := p.Receive(noon, &a); v == probe.Credited {
			t.Errorf("%s: %v", name, v)
		}
		if all := events(p); len(all) > 0 {
			t.Errorf("%s: %+v", name, all)
		}
	}
	// The whole cookie, and not an octet more.
	p, y, d := begin(probe.Echo, 24)
	receive(t, p, noon, y.exceeded(t, d[:20+8+8]), probe.WrongQuote)
	one(t, p, probe.Rewritten)
	// Less data than the cookie is long.
	p, y, d = begin(probe.Echo, 7)
	receive(t, p, noon, y.exceeded(t, append(d, 0)), probe.WrongQuote)
	if all := events(p); len(all) > 0 {
		t.Errorf("%+v", all)
	}
	// A header that agrees, and a code that does not.
	p, y, d = begin(probe.Echo, 24)
	d[at.src]--
	d[21] = 1
	receive(t, p, noon, y.exceeded(t, d), probe.WrongQuote)
	if all := events(p); len(all) > 0 {
		t.Errorf("%+v", all)
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
