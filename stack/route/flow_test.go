package route_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/route"
)

// udp returns the flow of a UDP datagram with eight octets of data.
func udp(seed uint64, src, dst uint16) route.Flow {
	b := make([]byte, 16)
	binary.BigEndian.PutUint16(b, src)
	binary.BigEndian.PutUint16(b[2:], dst)
	return route.Flow{
		Seed: seed, Src: netip.AddrFrom4([4]byte{10, 0, 0, 1}), Dst: netip.AddrFrom4([4]byte{192, 0, 2, 7}),
		Proto: 17, Transport: b,
	}
}

// sensitive returns the octets of the transport that the hash depends on.
func sensitive(f route.Flow) string {
	var s string
	h := f.Hash()
	for i := range f.Transport {
		f.Transport[i] ^= 0x20
		if f.Hash() != h {
			s += fmt.Sprint(i)
		}
		f.Transport[i] ^= 0x20
	}
	return s
}

func TestFlowTransport(t *testing.T) {
	conform.Row(t, "G-11")
	for _, row := range []struct {
		name  string
		proto uint8
		b     []byte
		want  string
	}{
		{"TCP", 6, make([]byte, 8), "0123"},
		{"UDP", 17, make([]byte, 8), "0123"},
		{"DCCP", 33, make([]byte, 8), "0123"},
		{"SCTP", 132, make([]byte, 8), "0123"},
		{"UDP-Lite", 136, make([]byte, 8), "0123"},
		{"ports alone", 17, make([]byte, 4), "0123"},
		{"less than ports", 17, make([]byte, 3), ""},
		{"another protocol", 50, make([]byte, 8), ""},

		// With another type the identifier may count or not; flipping octet 0
		// changes the hash in either case.
		{"echo reply", 1, []byte{0, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"unreachable", 1, []byte{3, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"redirect", 1, []byte{5, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"7", 1, []byte{7, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"echo", 1, []byte{8, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"router advertisement", 1, []byte{9, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"parameter problem", 1, []byte{12, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"timestamp", 1, []byte{13, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"address mask reply", 1, []byte{18, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"19", 1, []byte{19, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"41", 1, []byte{41, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"extended echo", 1, []byte{42, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"extended echo reply", 1, []byte{43, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"44", 1, []byte{44, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"echo without identifier", 1, []byte{8, 0, 1, 1, 2}, "0123"},
		{"echo of six octets", 1, []byte{8, 0, 1, 1, 2, 2}, "012345"},

		{"packet too big", 58, []byte{2, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"127", 58, []byte{127, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"ICMPv6 echo", 58, []byte{128, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"ICMPv6 echo reply", 58, []byte{129, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"130", 58, []byte{130, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"8 as ICMPv6", 58, []byte{8, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"ICMPv6 extended echo", 58, []byte{160, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"ICMPv6 extended echo reply", 58, []byte{161, 0, 1, 1, 2, 2, 3, 3}, "012345"},
		{"162", 58, []byte{162, 0, 1, 1, 2, 2, 3, 3}, "0123"},
		{"128 as ICMPv4", 1, []byte{128, 0, 1, 1, 2, 2, 3, 3}, "0123"},
	} {
		f := udp(1, 0, 0)
		f.Proto, f.Transport = row.proto, row.b
		if got := sensitive(f); got != row.want {
			t.Errorf("%s: the hash looks at octets %q, want %q", row.name, got, row.want)
		}
	}
}

func TestFlowFields(t *testing.T) {
	base4 := udp(1, 1000, 2000)
	base6 := base4
	base6.Src, base6.Dst = addr("2001:db8::1"), addr("2001:db8:1::2")
	for _, row := range []struct {
		name   string
		pair   bool // it is part of the pair's hash too
		change func(f *route.Flow)
	}{
		{"seed", true, func(f *route.Flow) { f.Seed++ }},
		{"source", true, func(f *route.Flow) { f.Src = f.Src.Next() }},
		{"destination", true, func(f *route.Flow) { f.Dst = f.Dst.Next() }},
		{"both, swapped", true, func(f *route.Flow) { f.Src, f.Dst = f.Dst, f.Src }},
		{"label", false, func(f *route.Flow) { f.Label++ }},
		{"protocol", false, func(f *route.Flow) { f.Proto = 6 }},
		{"fragment", false, func(f *route.Flow) { f.Transport = nil }},
		{"ports swapped", false, func(f *route.Flow) { f.Transport = []byte{7, 208, 3, 232} }},
	} {
		for _, f := range []route.Flow{base4, base6} {
			h, p := f.Hash(), f.PairHash()
			row.change(&f)
			if f.Hash() == h {
				t.Errorf("%s: the same hash", row.name)
			}
			if (f.PairHash() != p) != row.pair {
				t.Errorf("%s: pair hash %x, was %x", row.name, f.PairHash(), p)
			}
		}
	}
	// Each half of an IPv6 address counts.
	for _, s := range []string{"2001:db8::2", "2001:db8:0:1::1"} {
		f, g := base6, base6
		f.Src = addr(s)
		g.Dst = addr(s)
		if f.PairHash() == base6.PairHash() || g.PairHash() == base6.PairHash() {
			t.Errorf("%s: the same hash", s)
		}
	}
	// A mixed pair is IPv6, and the zero Flow is one too: no panic.
	f := base4
	f.Src = addr("2001:db8::1")
	if f.PairHash() == base4.PairHash() || (&route.Flow{}).Hash() == 0 {
		t.Error("a mixed pair hashes like IPv4, or the zero flow to zero")
	}
}

// Hashes that have been seen once stay what they are: a laboratory prints the
// same paths for the same seed with every release.
func TestFlowGolden(t *testing.T) {
	f4, f6 := udp(42, 1000, 2000), udp(42, 1000, 2000)
	f6.Src, f6.Dst, f6.Label = addr("2001:db8::1"), addr("2001:db8:1::2"), 0xabcde
	for _, row := range []struct{ got, want uint64 }{
		{f4.PairHash(), golden[0]},
		{f4.Hash(), golden[1]},
		{f6.PairHash(), golden[2]},
		{f6.Hash(), golden[3]},
	} {
		if row.got != row.want {
			t.Errorf("hash %#x, want %#x", row.got, row.want)
		}
	}
}

var golden = [4]uint64{0xff0701a0757e77a1, 0x89b4736a2d82506b, 0x6b27b61d1476a727, 0x82595726b3a3d475}

// chi returns the chi-square statistic of counts that should be equal.
func chi(counts []int) float64 {
	var sum, x float64
	for _, c := range counts {
		sum += float64(c)
	}
	mean := sum / float64(len(counts))
	for _, c := range counts {
		x += (float64(c) - mean) * (float64(c) - mean) / mean
	}
	return x
}

// Flows that differ in little spread evenly, and what one node has spread the
// next one spreads again: with seeds of their own the two choices are
// independent.
func TestFlowSpread(t *testing.T) {
	conform.Row(t, "G-11")
	const n, flows = 8, 16000
	hop := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: ways(n)})
	pair := installed(t, route.Route{Prefix: prefix("0.0.0.0/0"), Hops: ways(n), Choice: route.PerPair})
	for _, row := range []struct {
		name string
		r    *route.Route
		flow func(seed uint64, i int) route.Flow
	}{
		{"source port", hop, func(seed uint64, i int) route.Flow { return udp(seed, uint16(i), 53) }},
		{"destination port", hop, func(seed uint64, i int) route.Flow { return udp(seed, 53, uint16(i)) }},
		{"ICMP checksum", hop, func(seed uint64, i int) route.Flow {
			f := udp(seed, 0x0800, uint16(i))
			f.Proto = 1
			return f
		}},
		{"label", hop, func(seed uint64, i int) route.Flow {
			f := udp(seed, 1, 2)
			f.Label = uint32(i)
			return f
		}},
		{"destination", pair, func(seed uint64, i int) route.Flow {
			f := udp(seed, 1, 2)
			f.Dst = netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
			return f
		}},
		{"IPv6 source", pair, func(seed uint64, i int) route.Flow {
			f := udp(seed, 1, 2)
			f.Dst = netip.AddrFrom16([16]byte{0x20, 1, 14: byte(i >> 8), 15: byte(i)})
			f.Src = addr("2001:db8::1")
			return f
		}},
	} {
		for seed := range uint64(4) {
			one, two := make([]int, n), make([]int, n*n)
			for i := range flows {
				f, g := row.flow(seed, i), row.flow(seed+1, i)
				a, b := row.r.Pick(&f).Iface, row.r.Pick(&g).Iface
				one[a]++
				two[a*n+b]++
			}
			// 99.99 % of random spreads lie under these, of 7 and 63 degrees.
			if x := chi(one); x > 29.9 {
				t.Errorf("%s, seed %d: chi-square %.1f: %v", row.name, seed, x, one)
			}
			if x := chi(two); x > 113.5 {
				t.Errorf("%s, seeds %d and %d: chi-square %.1f: %v", row.name, seed, seed+1, x, two)
			}
		}
	}
}

func TestFlowNoAllocs(t *testing.T) {
	f := udp(1, 2, 3)
	wiretest.NoAllocs(t, "hash", func() { f.Hash() })
	f.Src, f.Dst = addr("2001:db8::1"), addr("2001:db8:1::2")
	wiretest.NoAllocs(t, "hash of IPv6", func() { f.Hash() })
}

func BenchmarkFlowHash(b *testing.B) {
	f4, f6 := udp(1, 2, 3), udp(1, 2, 3)
	f6.Src, f6.Dst = addr("2001:db8::1"), addr("2001:db8:1::2")
	for _, row := range []struct {
		name string
		f    *route.Flow
	}{{"ip=4", &f4}, {"ip=6", &f6}} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				row.f.Hash()
			}
		})
	}
}
