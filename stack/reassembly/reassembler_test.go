package reassembly_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// wholes are datagrams to be cut: with and without options and extension
// headers, of every size that matters.
func wholes(tb testing.TB) map[string][]byte {
	tb.Helper()
	all := map[string][]byte{}
	options := []byte{7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, // record route, not copied
		0x94, 4, 0, 0} // router alert, copied
	for _, n := range []int{0, 1, 7, 8, 9, 1480, 1481, 4000, 16384, 16385, 65515 - 16} {
		for _, o := range [][]byte{nil, options} {
			h := ip.Header4{ID: uint16(n), TTL: 64, Proto: ip.ProtoICMP, Src: src4, Dst: dst4, TOS: 0xb8, Reserved: n == 8, Options: o}
			b, err := h.AppendPacket(nil, pattern(n))
			if err != nil {
				tb.Fatal(err)
			}
			all[fmt.Sprintf("IPv4 %d octets, %d of options", n, len(o))] = b
		}
	}
	// Hop-by-hop options, then a routing header: both before the fragment header.
	ext := append([]byte{byte(ip.ProtoRouting), 0, 1, 4, 0, 0, 0, 0}, byte(ip.ProtoUDP), 2, 253, 0, 0, 0, 0, 0)
	ext = append(ext, make([]byte, 16)...)
	for _, n := range []int{0, 1, 8, 1440, 1441, 5000, 65535 - 32} {
		for _, e := range [][]byte{nil, ext} {
			h := ip.Header6{TrafficClass: 0xb9, FlowLabel: 0x12345, NextHeader: ip.ProtoUDP, HopLimit: 64, Src: src6, Dst: dst6}
			if e != nil {
				h.NextHeader = ip.ProtoHopByHop
			}
			b, err := h.AppendPacket(nil, append(bytes.Clone(e), pattern(n)...))
			if err != nil {
				tb.Fatal(err)
			}
			all[fmt.Sprintf("IPv6 %d octets, %d of extensions", n, len(e))] = b
		}
	}
	return all
}

// What was cut comes together again, octet for octet, in whatever order.
func TestPutTogether(t *testing.T) {
	conform.Row(t, "H-10")
	orders := map[string]func(all [][]byte){
		"in order": func([][]byte) {},
		"reversed": func(all [][]byte) { slices.Reverse(all) },
		"shuffled": func(all [][]byte) {
			rng := rand.New(rand.NewPCG(1, 2))
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		},
		"odd ones first": func(all [][]byte) {
			var odd, even [][]byte
			for i, b := range all {
				if i%2 == 1 {
					odd = append(odd, b)
				} else {
					even = append(even, b)
				}
			}
			copy(all, append(odd, even...))
		},
	}
	for name, whole := range wholes(t) {
		for _, mtu := range []int{1280, 1500, 1492, 9000} {
			for order, arrange := range orders {
				all := pieces(t, whole, mtu)
				if len(all) == 1 {
					continue
				}
				r := open(t, reassembly.Config{})
				arrange(all)
				t.Run(fmt.Sprintf("%s, MTU %d, %s", name, mtu, order), func(t *testing.T) {
					for _, b := range all[:len(all)-1] {
						kept(t, r, b)
					}
					if r.Len() != 1 {
						t.Errorf("%d incomplete, want 1", r.Len())
					}
					complete(t, r, all[len(all)-1], whole)
					if r.Len() != 0 || r.Held() != 0 || !r.Deadline().IsZero() {
						t.Errorf("complete, and %d left, %d octets, deadline %v", r.Len(), r.Held(), r.Deadline())
					}
				})
			}
		}
	}
}

// The smallest links: 48 octets of payload in each fragment.
func TestSmallestLink(t *testing.T) {
	conform.Row(t, "H-10")
	h := ip.Header4{Src: src4, Dst: dst4, Proto: ip.ProtoUDP}
	whole, _ := h.AppendPacket(nil, pattern(65515))
	for _, reversed := range []bool{false, true} {
		all := pieces(t, whole, 68)
		if len(all) != 1365 {
			t.Fatalf("%d fragments", len(all))
		}
		if reversed {
			slices.Reverse(all)
		}
		r := open(t, reassembly.Config{})
		for _, b := range all[:len(all)-1] {
			if got := r.Add4(start, b); got.Status != reassembly.Incomplete {
				t.Fatalf("reversed %v: %v, %v", reversed, got.Status, got.Drop)
			}
		}
		// In order, a fragment continues the block of the one before.
		if blocks := r.Held() / reassembly.BlockSize; !reversed && blocks != 128+4+1 {
			t.Errorf("%d blocks held, want 133", blocks)
		}
		complete(t, r, all[len(all)-1], whole)
	}
}

// What is no fragment is whole already.
func TestNoFragment(t *testing.T) {
	r := open(t, reassembly.Config{})
	d := frag4(t, ip.Header4{ID: 7}, 0, 10, false)
	complete(t, r, append(bytes.Clone(d), 1, 2, 3), d) // with padding of the link
	complete(t, r, frag4(t, ip.Header4{}, 0, 0, false), frag4(t, ip.Header4{}, 0, 0, false))
	if r.Len() != 0 || r.Held() != 0 {
		t.Error("something is held")
	}
}

// RFC 6946: a fragment that is the whole datagram is taken by itself, and those
// of the same identification stay as they are.
func TestAtomic(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	f := ip.Fragment6{ID: 9}
	kept(t, r, frag6(t, ip.Header6{}, f, nil, 8, 8, true))
	h := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6, HopLimit: 3, TrafficClass: 0xff, FlowLabel: 5}
	for _, n := range []int{0, 1, 100} {
		whole, _ := h.AppendPacket(nil, pattern(n))
		complete(t, r, frag6(t, h, f, nil, 0, n, false), whole)
		complete(t, r, append(frag6(t, h, f, nil, 0, n, false), 1, 2, 3), whole)
	}
	if r.Len() != 1 {
		t.Errorf("%d incomplete, want the other one", r.Len())
	}
	kept(t, r, frag6(t, ip.Header6{}, f, nil, 0, 8, true))
}

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

// What tells datagrams apart, and what does not.
func TestKey(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{ID: 1}, 0, 8, true))
	for i, h := range []ip.Header4{
		{ID: 2}, {ID: 1, Src: host(1)}, {ID: 1, Dst: host(1)}, {ID: 1, Proto: ip.ProtoICMP}, {ID: 1, Src: dst4, Dst: src4},
	} {
		kept(t, r, frag4(t, h, 8, 8, false))
		if r.Len() != i+2 {
			t.Fatalf("%v: %d incomplete, want %d", h, r.Len(), i+2)
		}
	}
	h := ip.Header4{ID: 1, Src: src4, Dst: dst4, Proto: ip.ProtoUDP}
	whole, _ := h.AppendPacket(nil, pattern(16))
	complete(t, r, frag4(t, ip.Header4{ID: 1}, 8, 8, false), whole)

	r = open(t, reassembly.Config{})
	kept(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1}, nil, 0, 8, true))
	kept(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1 << 16}, nil, 8, 8, false))
	kept(t, r, frag6(t, ip.Header6{Src: dst6}, ip.Fragment6{ID: 1}, nil, 8, 8, false))
	kept(t, r, frag6(t, ip.Header6{Dst: src6}, ip.Fragment6{ID: 1}, nil, 8, 8, false))
	if r.Len() != 4 {
		t.Fatalf("%d incomplete, want 4", r.Len())
	}
	// The next header of a later fragment is not part of the key.
	h6 := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6}
	whole, _ = h6.AppendPacket(nil, pattern(16))
	complete(t, r, frag6(t, ip.Header6{}, ip.Fragment6{ID: 1, Next: ip.ProtoTCP}, nil, 8, 8, false), whole)
}

// step is one fragment and what is to come of it.
type step struct {
	off, n int
	more   bool
	want   mib.Drop // None: kept
}

const ready mib.Drop = 255 // complete

// Faults of fragments beside others, and how they end.
func TestFaults(t *testing.T) {
	conform.Row(t, "H-10")
	const (
		keep     = mib.None
		dup      = mib.FragmentDuplicate
		overlap  = mib.FragmentOverlap
		atEnd    = mib.FragmentEnd
		late     = mib.FragmentLate
		empty    = mib.FragmentEmpty
		length   = mib.FragmentLength
		oversize = mib.FragmentOversize
	)
	for _, r := range []struct {
		name  string
		steps []step
	}{
		{"teardrop", []step{{0, 40, true, keep}, {24, 8, false, atEnd}, {40, 8, false, late}}},
		{"teardrop, the last first", []step{{24, 8, false, keep}, {0, 40, true, atEnd}}},
		{"overlap at the end", []step{{0, 16, true, keep}, {8, 16, true, overlap}, {16, 8, false, late}}},
		{"overlap at the beginning", []step{{8, 16, true, keep}, {0, 16, true, overlap}, {0, 8, true, late}}},
		{"inside another", []step{{0, 32, true, keep}, {8, 8, true, overlap}}},
		{"beginning of another", []step{{0, 32, true, keep}, {0, 8, true, overlap}}},
		{"end of another", []step{{0, 32, true, keep}, {24, 8, true, overlap}}},
		{"around another", []step{{8, 8, true, keep}, {0, 32, true, overlap}}},
		{"around two", []step{{0, 8, true, keep}, {8, 8, true, keep}, {0, 16, true, overlap}}},
		{"around two with a gap", []step{{0, 8, true, keep}, {16, 8, true, keep}, {0, 24, true, overlap}}},
		{"half of two", []step{{0, 16, true, keep}, {16, 16, true, keep}, {8, 16, true, overlap}}},
		{"one unit of a long one", []step{{0, 8192, true, keep}, {4096, 8, true, overlap}}},
		{"over a page", []step{{16376, 16, true, keep}, {16384, 8, true, overlap}}},
		{"over a word", []step{{504, 16, true, keep}, {512, 8, true, overlap}}},
		{"the last unit of a word", []step{{504, 8, true, keep}, {0, 512, true, overlap}}},
		{"the last unit of a page", []step{{16376, 8, true, keep}, {0, 16384, true, overlap}}},
		{"the last overlaps", []step{{0, 16, true, keep}, {8, 9, false, overlap}}},
		{"the last where another was", []step{{8, 8, true, keep}, {8, 8, false, overlap}}},
		{"the last, shorter", []step{{8, 8, false, keep}, {8, 7, false, atEnd}}},

		{"again", []step{{0, 8, true, keep}, {0, 8, true, dup}, {8, 8, false, ready}}},
		{"again, before another", []step{{0, 8, true, keep}, {8, 8, true, keep}, {0, 8, true, dup}, {16, 1, false, ready}}},
		{"again, after another", []step{{0, 8, true, keep}, {8, 8, true, keep}, {8, 8, true, dup}, {16, 1, false, ready}}},
		{"again, between others", []step{{0, 8, true, keep}, {8, 8, true, keep}, {16, 8, true, keep}, {8, 8, true, dup}, {24, 8, false, ready}}},
		{"the last again", []step{{8, 3, false, keep}, {8, 3, false, dup}, {0, 8, true, ready}}},
		{"over words, again", []step{{496, 1040, true, keep}, {496, 1040, true, dup}, {0, 496, true, keep}, {1536, 1, false, ready}}},
		{"over pages, again", []step{{8, 16400, true, keep}, {8, 16400, true, dup}, {0, 8, true, keep}, {16408, 8, false, ready}}},
		{"to the end of a word, again", []step{{448, 64, true, keep}, {448, 64, true, dup}, {512, 8, true, keep}, {448, 64, true, dup}}},
		{"to the end of a page, again", []step{{16376, 8, true, keep}, {16376, 8, true, dup}, {16384, 8, true, keep}, {16376, 8, true, dup}}},
		{"to the end of all, again", []step{{65504, 8, false, keep}, {65504, 8, false, dup}}},
		{"starts like another, and goes on", []step{{0, 8, true, keep}, {8, 8, true, keep}, {0, 16, true, overlap}}},
		{"ends like another, and began before", []step{{8, 8, true, keep}, {0, 8, true, keep}, {0, 16, true, overlap}}},

		{"two ends", []step{{16, 8, false, keep}, {24, 8, false, atEnd}, {0, 16, true, late}}},
		{"two ends, the second before", []step{{16, 8, false, keep}, {0, 8, true, keep}, {8, 4, false, atEnd}}},
		{"more behind the end", []step{{16, 8, false, keep}, {24, 8, true, atEnd}}},
		{"more over the end", []step{{16, 8, false, keep}, {8, 24, true, atEnd}}},
		{"more up to the end", []step{{16, 8, false, keep}, {8, 16, true, atEnd}}},
		{"up to the last", []step{{16, 8, false, keep}, {8, 8, true, keep}, {0, 8, true, ready}}},
		{"the end before what was there", []step{{24, 8, true, keep}, {8, 8, false, atEnd}}},
		{"the end one octet before what was there", []step{{24, 8, true, keep}, {16, 15, false, atEnd}}},
		{"the end one octet short", []step{{0, 16, true, keep}, {16, 7, false, ready}}},

		{"empty", []step{{8, 0, true, empty}, {8, 0, false, empty}}},
		{"empty, then on", []step{{0, 8, true, keep}, {8, 0, false, empty}, {8, 1, false, ready}}},
		{"no multiple of 8", []step{{0, 9, true, length}, {0, 15, true, length}, {0, 7, true, length}}},
		{"no multiple of 8, then on", []step{{0, 8, true, keep}, {8, 12, true, length}, {8, 1, false, ready}}},
		{"ping of death", []step{{0, 8, true, keep}, {65528, 8, false, oversize}, {8, 8, true, late}}},
		{"ping of death at once", []step{{65528, 8, false, oversize}, {0, 8, true, keep}}},
	} {
		t.Run(r.name, func(t *testing.T) {
			for _, v6 := range []bool{false, true} {
				a := open(t, reassembly.Config{})
				for i, s := range r.steps {
					d := make([]byte, 0)
					whole := make([]byte, 0)
					if v6 {
						d = frag6(t, ip.Header6{}, ip.Fragment6{ID: 1}, nil, s.off, s.n, s.more)
						h := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6}
						whole, _ = h.AppendPacket(nil, pattern(end(r.steps)))
					} else {
						d = frag4(t, ip.Header4{ID: 1}, s.off, s.n, s.more)
						h := ip.Header4{ID: 1, Src: src4, Dst: dst4, Proto: ip.ProtoUDP}
						whole, _ = h.AppendPacket(nil, pattern(end(r.steps)))
					}
					t.Logf("v6 %v, step %d: %v", v6, i, s)
					switch s.want {
					case mib.None:
						kept(t, a, d)
					case ready:
						complete(t, a, d, whole)
					default:
						dropped(t, a, d, s.want)
					}
				}
			}
		})
	}
}

// end is where the datagram of the steps ends.
func end(steps []step) (n int) {
	for _, s := range steps {
		if !s.more && (s.want == mib.None || s.want == ready) {
			n = max(n, s.off+s.n)
		}
	}
	return n
}

// The first of two fragments of one place stays, whatever the second says.
func TestFirstStays(t *testing.T) {
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{ID: 1}, 0, 8, true))
	forged := frag4(t, ip.Header4{ID: 1}, 0, 8, true)
	forged[25] ^= 0xff
	dropped(t, r, forged, mib.FragmentDuplicate)
	h := ip.Header4{ID: 1, Src: src4, Dst: dst4, Proto: ip.ProtoUDP}
	whole, _ := h.AppendPacket(nil, pattern(16))
	complete(t, r, frag4(t, ip.Header4{ID: 1}, 8, 8, false), whole)
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
		{"IPv4", func(n int) []byte { return frag4(t, ip.Header4{}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{}, off, n, false) }, 65515},
		{"IPv4 with options in the first", func(n int) []byte { return frag4(t, ip.Header4{Options: four}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{}, off, n, false) }, 65511},
		{"IPv4 with options in the last", func(n int) []byte { return frag4(t, ip.Header4{}, 0, n, true) },
			func(off, n int) []byte { return frag4(t, ip.Header4{Options: four}, off, n, false) }, 65511},
		{"IPv6", func(n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, n, true) },
			func(off, n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, off, n, false) }, 65535},
		{"IPv6 with extensions in the first", func(n int) []byte { return frag6(t, hop, ip.Fragment6{}, ext, 0, n, true) },
			func(off, n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, off, n, false) }, 65527},
		{"IPv6 with extensions in the last", func(n int) []byte { return frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, n, true) },
			func(off, n int) []byte { return frag6(t, hop, ip.Fragment6{}, ext, off, n, false) }, 65527},
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
						got = r.Add6(start, frag6(t, ip.Header6{TrafficClass: tos}, ip.Fragment6{}, nil, i*8, 8, true))
					} else {
						got = r.Add4(start, frag4(t, ip.Header4{TOS: tos}, i*8, 8, true))
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

// Octets that are no fragment are dropped with the reason that fits.
func TestMalformed(t *testing.T) {
	conform.Row(t, "H-10")
	four := frag4(t, ip.Header4{}, 8, 8, true)
	six := frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 8, 8, true)
	plain, _ := ip.Header6{NextHeader: ip.ProtoUDP, Src: src6, Dst: dst6}.AppendPacket(nil, pattern(20))
	change := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return b
	}
	ext := func(payload ...byte) []byte {
		b, _ := ip.Header6{NextHeader: ip.ProtoHopByHop, Src: src6, Dst: dst6}.AppendPacket(nil, payload)
		return b
	}
	long := bytes.Repeat([]byte{byte(ip.ProtoDestOpts), 0, 1, 4, 0, 0, 0, 0}, ip.MaxExtensions-1)
	long = append(long, byte(ip.ProtoFragment), 0, 1, 4, 0, 0, 0, 0)
	frag := []byte{17, 0, 0, 9, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}
	ah := []byte{byte(ip.ProtoFragment), 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2}
	dest := []byte{byte(ip.ProtoAH), 0, 1, 4, 0, 0, 0, 0}
	for _, c := range []struct {
		name string
		v6   bool
		d    []byte
		want mib.Drop // None: kept
	}{
		{"nothing", false, nil, mib.HeaderShort},
		{"half a header", false, four[:19], mib.HeaderShort},
		{"IPv6 as IPv4", false, six, mib.HeaderVersion},
		{"cut", false, four[:27], mib.Truncated},
		{"header length", false, change(four, 0, 0x44), mib.HeaderLength},
		{"total length", false, change(four, 3, 19), mib.HeaderLength},
		{"whole", false, four, mib.None},
		{"nothing", true, nil, mib.HeaderShort},
		{"half a header", true, six[:39], mib.HeaderShort},
		{"IPv4 as IPv6", true, change(six, 0, 0x45), mib.HeaderVersion},
		{"cut", true, six[:55], mib.Truncated},
		{"no fragment header", true, plain, mib.ExtensionFault},
		{"nothing behind the header", true, ext(), mib.ExtensionFault},
		{"half of an extension header", true, ext(44), mib.ExtensionFault},
		{"an extension header that is not there", true, ext(44, 1, 0, 0, 0, 0, 0, 0), mib.ExtensionFault},
		{"extension headers up to the end", true, ext(44, 0, 0, 0, 0, 0, 0, 0), mib.ExtensionFault},
		{"half a fragment header", true, ext(44, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7), mib.ExtensionFault},
		{"a fragment header alone", true, ext(44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 9, 0, 0, 0, 1), mib.FragmentEmpty},
		{"too many extension headers", true, ext(append(bytes.Clone(long), frag...)...), mib.ExtensionFault},
		{"as many as may be", true, ext(append(bytes.Clone(long[8:]), frag...)...), mib.None},
		{"authentication header", true, ext(slices.Concat(dest, ah, frag)...), mib.None},
		{"whole", true, six, mib.None},
	} {
		r := open(t, reassembly.Config{})
		got := r.Add4
		if c.v6 {
			got = r.Add6
		}
		res := got(start, c.d)
		audit(t, r)
		if res.Drop != c.want || (res.Status == reassembly.Dropped) != (c.want != mib.None) {
			t.Errorf("%s, v6 %v: %v, %v; want %v", c.name, c.v6, res.Status, res.Drop, c.want)
		}
		if c.want != mib.None && (r.Len() != 0 || r.Held() != 0) {
			t.Errorf("%s: something is held", c.name)
		}
	}
}

func TestStatus(t *testing.T) {
	for s, want := range map[reassembly.Status]string{
		reassembly.Incomplete: "incomplete", reassembly.Complete: "complete", reassembly.Dropped: "dropped", 3: "status 3",
	} {
		if got := s.String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
	}
}

// In the steady state a fragment costs no allocation, whatever comes of it.
func TestNoAllocs(t *testing.T) {
	conform.Row(t, "H-10")
	for name, whole := range wholes(t) {
		all := pieces(t, whole, 1280)
		if len(all) == 1 {
			continue
		}
		r := open(t, reassembly.Config{})
		now := start
		dup, other := bytes.Clone(all[0]), bytes.Clone(all[1])
		wiretest.NoAllocs(t, name, func() {
			now = now.Add(time.Second)
			add(r, now, dup)
			add(r, now, dup)
			for _, d := range all[1:] {
				add(r, now, d)
			}
			// And one that stays incomplete until its time is out.
			add(r, now, other)
			if _, ok := r.Expire(now.Add(time.Minute)); !ok {
				t.Fatal("nothing expired")
			}
		})
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, c := range []struct {
		name   string
		n, mtu int
		rev    bool
	}{
		{"fragments=2/order=in", 2000, 1500, false},
		{"fragments=45/order=in", 65515, 1500, false},
		{"fragments=45/order=reverse", 65515, 1500, true},
		{"fragments=8190/order=in", 65515, 28, false},
		{"fragments=8190/order=reverse", 65515, 28, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			whole, _ := ip.Header4{Src: src4, Dst: dst4, Proto: ip.ProtoUDP}.AppendPacket(nil, pattern(c.n))
			all := pieces(b, whole, c.mtu)
			if c.rev {
				slices.Reverse(all)
			}
			r := open(b, reassembly.Config{Memory: 16 << 20, Share: -1})
			b.SetBytes(int64(c.n))
			b.ReportAllocs()
			for b.Loop() {
				for _, d := range all {
					r.Add4(start, d)
				}
			}
			if r.Len() != 0 {
				b.Fatal("incomplete")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/fragment")
		})
	}
}
