package reassembly_test

import (
	"testing"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

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
					var d, whole []byte
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

// The last unit of all, which only IPv6 reaches.
func TestLastUnit(t *testing.T) {
	r := open(t, reassembly.Config{})
	last := frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 65528, 7, false)
	kept(t, r, last)
	dropped(t, r, last, mib.FragmentDuplicate)
	dropped(t, r, frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 65520, 15, false), mib.FragmentOverlap)
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
