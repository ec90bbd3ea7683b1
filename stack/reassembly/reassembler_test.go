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
