package reassembly_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// Time runs from the first fragment that arrives, to the nanosecond, and only
// the first fragment of the datagram gives something to quote.
func TestTimeout(t *testing.T) {
	conform.Row(t, "H-10")
	conform.Row(t, "E-17")
	for _, timeout := range []time.Duration{0, 30 * time.Second} {
		wait := timeout
		if wait == 0 {
			wait = 60 * time.Second
		}
		for _, v6 := range []bool{false, true} {
			piece := func(off int) []byte {
				if v6 {
					return frag6(t, ip.Header6{HopLimit: 3}, ip.Fragment6{ID: 9}, nil, off, 16, true)
				}
				return frag4(t, ip.Header4{ID: 9, TTL: 3, Options: []byte{1, 1, 1, 0}}, off, 16, true)
			}
			for _, offs := range [][]int{{0}, {16}, {16, 0}, {0, 16}, {16, 32}, {16, 0, 32}} {
				r := open(t, reassembly.Config{Timeout: timeout})
				hasFirst := false
				for i, off := range offs {
					add(r, start.Add(time.Duration(i)*10*time.Second), piece(off))
					hasFirst = hasFirst || off == 0
				}
				end := start.Add(wait)
				if !r.Deadline().Equal(end) {
					t.Errorf("%v: deadline %v, want %v", offs, r.Deadline(), end)
				}
				if e, ok := r.Expire(end.Add(-1)); ok {
					t.Errorf("%v: expired too early: %+v", offs, e)
				}
				e, ok := r.Expire(end)
				src, dst := src4, dst4
				if v6 {
					src, dst = src6, dst6
				}
				if !ok || e.Src != src || e.Dst != dst || e.Proto != ip.ProtoUDP || e.ID != 9 {
					t.Errorf("%v: expired %v, %+v", offs, ok, e)
				}
				if hasFirst && !bytes.Equal(e.First, piece(0)) || !hasFirst && e.First != nil {
					t.Errorf("%v: the first fragment is %x", offs, e.First)
				}
				audit(t, r)
				if _, ok := r.Expire(end); ok || r.Len() != 0 || r.Held() != 0 || !r.Deadline().IsZero() {
					t.Errorf("%v: something is left", offs)
				}
			}
		}
	}
}

// The oldest come first, and each comes once.
func TestExpireOrder(t *testing.T) {
	r := open(t, reassembly.Config{})
	for i := range 5 {
		r.Add4(start.Add(time.Duration(i)*time.Second), frag4(t, ip.Header4{ID: uint16(i)}, 8, 8, true))
	}
	// Another fragment makes a datagram no younger.
	r.Add4(start.Add(10*time.Second), frag4(t, ip.Header4{ID: 0}, 16, 8, true))
	for i := range 5 {
		now := start.Add(60*time.Second + time.Duration(i)*time.Second)
		if !r.Deadline().Equal(now) {
			t.Errorf("deadline %v, want %v", r.Deadline(), now)
		}
		if e, ok := r.Expire(now); !ok || e.ID != uint32(i) {
			t.Errorf("expired %v, %d; want %d", ok, e.ID, i)
		}
		if e, ok := r.Expire(now); ok {
			t.Errorf("%d expired too early", e.ID)
		}
		audit(t, r)
	}
}

// RFC 5722: what was given up says nothing when its time is out, and its
// fragments are dropped until then and no longer.
func TestGivenUp(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{ID: 1}, 0, 16, true))
	kept(t, r, frag4(t, ip.Header4{ID: 2}, 0, 16, true))
	dropped(t, r, frag4(t, ip.Header4{ID: 1}, 8, 16, true), mib.FragmentOverlap)
	if r.Len() != 1 || r.Held() != 3*reassembly.BlockSize {
		t.Errorf("%d incomplete, %d octets; want the other one alone", r.Len(), r.Held())
	}
	dropped(t, r, frag4(t, ip.Header4{ID: 1}, 32, 8, true), mib.FragmentLate)
	dropped(t, r, frag4(t, ip.Header4{ID: 1}, 32, 7, true), mib.FragmentLate)
	if !r.Deadline().Equal(start.Add(time.Minute)) {
		t.Errorf("deadline %v", r.Deadline())
	}
	e, ok := r.Expire(start.Add(time.Minute))
	if !ok || e.ID != 2 {
		t.Errorf("expired %v, %d; want 2 alone", ok, e.ID)
	}
	if _, ok := r.Expire(start.Add(time.Minute)); ok {
		t.Error("what was given up has expired")
	}
	audit(t, r)
	kept(t, r, frag4(t, ip.Header4{ID: 1}, 0, 16, true))
}

// Only given-up datagrams are left: there is nothing to hand out, and they go.
func TestAllGivenUp(t *testing.T) {
	r := open(t, reassembly.Config{})
	for id := range uint16(3) {
		kept(t, r, frag4(t, ip.Header4{ID: id}, 0, 16, true))
		dropped(t, r, frag4(t, ip.Header4{ID: id}, 8, 16, true), mib.FragmentOverlap)
	}
	if _, ok := r.Expire(start.Add(time.Minute - 1)); ok || r.Deadline().IsZero() {
		t.Error("forgotten too early")
	}
	if _, ok := r.Expire(start.Add(time.Minute)); ok || !r.Deadline().IsZero() {
		t.Error("given up, and handed out or kept")
	}
	audit(t, r)
}

// What is to be quoted is the first fragment as it arrived, whatever came
// behind it, and no more than an error can quote.
func TestFirstOctets(t *testing.T) {
	conform.Row(t, "H-10")
	big := make([]byte, 8*200)
	for i := 0; i < len(big); i += 8 {
		copy(big[i:], []byte{byte(ip.ProtoDestOpts), 0, 1, 4, 0, 0, 0, 0})
	}
	big[0], big[1] = byte(ip.ProtoFragment), 199 // one header of 1,600 octets
	for _, c := range []struct {
		name  string
		first []byte
		later []byte
	}{
		{"8 octets", frag4(t, ip.Header4{}, 0, 8, true), frag4(t, ip.Header4{}, 8, 8, true)},
		{"a block less 8", frag4(t, ip.Header4{}, 0, 504, true), frag4(t, ip.Header4{}, 504, 504, true)},
		{"a block", frag4(t, ip.Header4{}, 0, 512, true), frag4(t, ip.Header4{}, 512, 8, true)},
		{"a block and 8", frag4(t, ip.Header4{}, 0, 520, true), frag4(t, ip.Header4{}, 520, 8, true)},
		{"1,276 in all", frag4(t, ip.Header4{}, 0, 1256, true), frag4(t, ip.Header4{}, 1256, 8, true)},
		{"1,284 in all", frag4(t, ip.Header4{}, 0, 1264, true), frag4(t, ip.Header4{}, 1264, 8, true)},
		{"IPv4 longest", frag4(t, ip.Header4{}, 0, 65512, true), nil},
		{"IPv6 1,280 in all", frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, 1232, true), frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 1232, 8, true)},
		{"IPv6 longest", frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, 65520, true), nil},
		{"IPv6 long header", frag6(t, ip.Header6{NextHeader: ip.ProtoDestOpts}, ip.Fragment6{}, big, 0, 64, true), nil},
	} {
		for _, laterFirst := range []bool{false, true} {
			r := open(t, reassembly.Config{})
			all := [][]byte{c.first, c.later}
			if c.later == nil {
				all = all[:1]
			} else if laterFirst {
				all[0], all[1] = all[1], all[0]
			}
			for _, d := range all {
				kept(t, r, d)
			}
			e, ok := r.Expire(start.Add(time.Minute))
			if want := c.first[:min(len(c.first), reassembly.MaxFirst)]; !ok || !bytes.Equal(e.First, want) {
				t.Errorf("%s, later first %v: %d octets %x, want %d", c.name, laterFirst, len(e.First), head(e.First), len(want))
			}
			audit(t, r)
		}
	}
}

// The protocol of IPv6 is what the first fragment says, and a guess without it.
func TestExpiredProto(t *testing.T) {
	piece := func(p ip.Proto, off int) []byte {
		return frag6(t, ip.Header6{}, ip.Fragment6{Next: p}, nil, off, 8, true)
	}
	for _, c := range []struct {
		all  [][]byte
		want ip.Proto
	}{
		{[][]byte{piece(ip.ProtoTCP, 8), piece(ip.ProtoUDP, 16)}, ip.ProtoUDP},
		{[][]byte{piece(ip.ProtoTCP, 0), piece(ip.ProtoUDP, 16)}, ip.ProtoTCP},
		{[][]byte{piece(ip.ProtoUDP, 16), piece(ip.ProtoTCP, 0), piece(ip.ProtoUDP, 8)}, ip.ProtoTCP},
	} {
		r := open(t, reassembly.Config{})
		for _, d := range c.all {
			kept(t, r, d)
		}
		if e, _ := r.Expire(start.Add(time.Minute)); e.Proto != c.want {
			t.Errorf("%v, want %v", e.Proto, c.want)
		}
	}
}
