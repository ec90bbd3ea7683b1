package reassembly_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// A later fragment's header does not count: that of the first is the whole's.
func TestFirstHeaderCounts(t *testing.T) {
	conform.Row(t, "H-10")
	for _, firstLast := range []bool{false, true} {
		r := open(t, reassembly.Config{})
		first := ip.Header4{ID: 1, TTL: 9, TOS: 0x10, DF: true, Options: []byte{1, 1, 1, 1}}
		later := ip.Header4{ID: 1, TTL: 200, TOS: 0xe0}
		a, b := frag4(t, first, 0, 16, true), frag4(t, later, 16, 5, false)
		first.Src, first.Dst, first.Proto = src4, dst4, ip.ProtoUDP
		whole, _ := first.AppendPacket(nil, pattern(21))
		if firstLast {
			a, b = b, a
		}
		kept(t, r, a)
		complete(t, r, b, whole)

		first6 := ip.Header6{HopLimit: 9, TrafficClass: 0x10, FlowLabel: 1}
		later6 := ip.Header6{HopLimit: 200, TrafficClass: 0xe0, FlowLabel: 2}
		a = frag6(t, first6, ip.Fragment6{ID: 1, Next: ip.ProtoICMPv6, Reserved: 7, Reserved2: 3}, nil, 0, 16, true)
		b = frag6(t, later6, ip.Fragment6{ID: 1, Next: ip.ProtoTCP}, nil, 16, 5, false)
		first6.Src, first6.Dst, first6.NextHeader = src6, dst6, ip.ProtoICMPv6
		whole, _ = first6.AppendPacket(nil, pattern(21))
		if firstLast {
			a, b = b, a
		}
		kept(t, r, a)
		complete(t, r, b, whole)
	}
}

// The longest datagrams come together; one octet more is the ping of death.
func TestLongest(t *testing.T) {
	conform.Row(t, "H-10")
	four := make([]byte, 4)
	ext := []byte{byte(ip.ProtoFragment), 0, 1, 4, 0, 0, 0, 0}
	hop := ip.Header6{NextHeader: ip.ProtoDestOpts}
	for _, c := range []struct {
		name  string
		first func(n int) []byte
		later func(off, n int) []byte
		max   int // octets of payload
	}{
		{
			"IPv4", func(n int) []byte { return frag4(t, ip.Header4{}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{}, off, n, false) }, 65515,
		},
		{
			"IPv4 with options in the first", func(n int) []byte { return frag4(t, ip.Header4{Options: four}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{}, off, n, false) }, 65511,
		},
		{
			"IPv4 with options in the last", func(n int) []byte { return frag4(t, ip.Header4{}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{Options: four}, off, n, false) }, 65511,
		},
		{
			"IPv6", func(n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, n, true) },
			func(off, n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, off, n, false) }, 65535,
		},
		{
			"IPv6 with extensions in the first", func(n int) []byte { return frag6(t, hop, ip.Fragment6{}, ext, 0, n, true) },
			func(off, n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, off, n, false) }, 65527,
		},
		{
			"IPv6 with extensions in the last", func(n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, n, true) },
			func(off, n int) []byte { return frag6(t, hop, ip.Fragment6{}, ext, off, n, false) }, 65527,
		},
	} {
		for _, firstLast := range []bool{false, true} {
			const cut = 65000 / 8 * 8
			for more, want := range map[int]mib.Drop{0: mib.None, 1: mib.FragmentOversize} {
				r := open(t, reassembly.Config{})
				all := [][]byte{c.first(32000), nil, c.later(cut, c.max+more-cut)}
				if c.first(8)[0]>>4 == 4 {
					all[1] = frag4(t, ip.Header4{}, 32000, cut-32000, true)
				} else {
					all[1] = frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 32000, cut-32000, true)
				}
				if firstLast {
					slices.Reverse(all)
				}
				var got reassembly.Result
				for _, d := range all {
					if got = add(r, start, d); got.Status == reassembly.Dropped {
						break
					}
				}
				audit(t, r)
				if got.Drop != want || (want == mib.None) != (got.Status == reassembly.Complete) {
					t.Errorf("%s, %d octets, first last %v: %v, %v; want %v", c.name, c.max+more, firstLast, got.Status, got.Drop, want)
				}
				if want == mib.None && (len(got.Datagram) < c.max || !bytes.HasSuffix(got.Datagram, pattern(c.max))) {
					t.Errorf("%s: the octets are not those that were sent", c.name)
				}
			}
		}
	}
}

// RFC 3168 §5.3, every set of code points that fragments may have.
func TestECN(t *testing.T) {
	conform.Row(t, "H-10")
	for set := 1; set < 16; set++ {
		var points []uint8
		for p := range uint8(4) {
			if set>>p&1 != 0 {
				points = append(points, p)
			}
		}
		mixed := set&1 != 0 && set != 1
		for first := range points {
			for _, v6 := range []bool{false, true} {
				r := open(t, reassembly.Config{})
				var got reassembly.Result
				for i := range points {
					tos := 0x44<<1 | points[(i+first)%len(points)]
					if v6 {
						r.Add6(start, frag6(t, ip.Header6{TrafficClass: tos}, ip.Fragment6{}, nil, i*8, 8, true))
					} else {
						r.Add4(start, frag4(t, ip.Header4{TOS: tos}, i*8, 8, true))
					}
				}
				last := 0x44<<1 | points[first]
				if v6 {
					got = r.Add6(start, frag6(t, ip.Header6{TrafficClass: last}, ip.Fragment6{}, nil, len(points)*8, 8, false))
				} else {
					got = r.Add4(start, frag4(t, ip.Header4{TOS: last}, len(points)*8, 8, false))
				}
				audit(t, r)
				if r.Len() != 0 || r.Held() != 0 {
					t.Errorf("set %04b: %d incomplete", set, r.Len())
				}
				if mixed {
					if got.Status != reassembly.Dropped || got.Drop != mib.FragmentECN || got.Datagram != nil {
						t.Errorf("set %04b: %v, %v", set, got.Status, got.Drop)
					}
					continue
				}
				if got.Status != reassembly.Complete {
					t.Fatalf("set %04b: %v, %v", set, got.Status, got.Drop)
				}
				want := last
				if set&8 != 0 {
					want |= 3
				}
				tos := got.Datagram[1]
				if v6 {
					tos = got.Datagram[0]<<4 | got.Datagram[1]>>4
				} else if _, _, err := ip.Parse4(got.Datagram); err != nil {
					t.Errorf("set %04b: %v", set, err)
				}
				if tos != want {
					t.Errorf("set %04b, the first %02b: %02x, want %02x", set, points[first], tos, want)
				}
			}
		}
	}
}

// TestLargest: the size of the largest fragment as it came, wherever among the
// others it does, and of what is no fragment its own.
func TestLargest(t *testing.T) {
	for name, whole := range wholes(t) {
		for _, mtu := range []int{1280, 1283, 1500} {
			all := pieces(t, whole, mtu)
			if len(all) == 1 && whole[0]>>4 == 6 || len(all) > 20 {
				continue
			}
			want := 0
			for _, b := range all {
				want = max(want, len(b))
			}
			for range all {
				all = append(all[1:], all[0])
				r := open(t, reassembly.Config{})
				for i, b := range all {
					switch got := add(r, start, b); {
					case i < len(all)-1 && got.Largest != 0:
						t.Fatalf("%s, MTU %d: %d before it is complete", name, mtu, got.Largest)
					case i == len(all)-1 && got.Largest != want:
						t.Errorf("%s, MTU %d: %d, want %d", name, mtu, got.Largest, want)
					}
				}
			}
		}
	}
	// The header of a fragment that is the whole counts, too.
	b := frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, 100, false)
	if got := add(open(t, reassembly.Config{}), start, b); got.Status != reassembly.Complete || got.Largest != 148 {
		t.Errorf("%v, %d", got.Status, got.Largest)
	}
	// What cannot be put together has none.
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{TOS: 0}, 0, 800, true))
	if got := add(r, start, frag4(t, ip.Header4{TOS: 3}, 800, 8, false)); got.Status != reassembly.Dropped || got.Largest != 0 {
		t.Errorf("%v, %d", got.Status, got.Largest)
	}
}
