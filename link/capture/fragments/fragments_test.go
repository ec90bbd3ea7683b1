package fragments_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/internal/wiretest"
	"github.com/sonde-net/sonde/link/capture/fragments"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func newAssembler(t testing.TB, c reassembly.Config) *fragments.Assembler {
	t.Helper()
	a, err := fragments.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// datagram4 is an IPv4 datagram with n octets of payload.
func datagram4(t testing.TB, id uint16, n int) []byte {
	t.Helper()
	b, err := ip.Header4{
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2"), ID: id, TTL: 9, Proto: ip.ProtoICMP,
	}.AppendPacket(nil, bytes.Repeat([]byte{byte(id), 1, 2, 3}, n/4))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func datagram6(t testing.TB, n int) []byte {
	t.Helper()
	b, err := ip.Header6{
		Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("2001:db8::2"), HopLimit: 9, NextHeader: ip.ProtoICMPv6,
	}.AppendPacket(nil, bytes.Repeat([]byte{5, 1, 2, 3}, n/4))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pieces cuts a datagram.
func pieces(t testing.TB, d []byte, mtu int, id uint32) (all [][]byte) {
	t.Helper()
	f, err := ip.NewFragmenter4(d, mtu)
	if d[0]>>4 == 6 {
		f, err = ip.NewFragmenter6(d, mtu, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, ok := f.Next(nil)
		if !ok {
			return all
		}
		all = append(all, b)
	}
}

// TestAdd: fragments in any order, of several datagrams among each other.
func TestAdd(t *testing.T) {
	conform.Row(t, "A-01")
	whole := [][]byte{datagram4(t, 1, 2000), datagram4(t, 2, 2000), datagram6(t, 3000), datagram6(t, 3200)}
	a := newAssembler(t, reassembly.Config{})
	var all [4][][]byte
	for i, d := range whole {
		all[i] = pieces(t, d, 1280, uint32(i))
	}
	slices.Reverse(all[1])
	number := 0
	var got [4][]int
	for j := range 3 {
		for i := range all {
			if j >= len(all[i]) {
				continue
			}
			number++
			got[i] = append(got[i], number)
			w := a.Add(number, epoch, all[i][j])
			last := j == len(all[i])-1
			switch {
			case !last && (w.Status != reassembly.Incomplete || w.Datagram != nil || w.Packets != nil):
				t.Errorf("datagram %d, fragment %d: %+v", i, j, w)
			case last && (w.Status != reassembly.Complete || !bytes.Equal(w.Datagram, whole[i]) || !slices.Equal(w.Packets, got[i])):
				t.Errorf("datagram %d: %v, packets %v, want %v", i, w.Status, w.Packets, got[i])
			}
		}
	}
}

// TestNoFragment passes as it is, whatever it is, and costs nothing.
func TestNoFragment(t *testing.T) {
	a := newAssembler(t, reassembly.Config{})
	cut := pieces(t, datagram4(t, 1, 2000), 1280, 0)[0][:19]
	for _, d := range [][]byte{nil, {0x45}, {0x60}, {0x10, 1}, datagram4(t, 1, 100), datagram6(t, 100), datagram6(t, 100)[:39], cut} {
		w := a.Add(1, epoch, d)
		if w.Status != reassembly.Complete || !bytes.Equal(w.Datagram, d) || w.Packets != nil || w.Drop != mib.None {
			t.Errorf("%x: %+v", d, w)
		}
		wiretest.NoAllocs(t, "no fragment", func() { a.Add(1, epoch, d) })
	}
}

// TestDropped tells why, and what the rest was.
func TestDropped(t *testing.T) {
	p := pieces(t, datagram4(t, 1, 3000), 1280, 0)
	overlap := bytes.Clone(p[1])
	overlap[7]-- // 8 octets earlier
	ip.Seal4(overlap)
	a := newAssembler(t, reassembly.Config{})
	a.Add(1, epoch, p[0])
	if w := a.Add(2, epoch, p[0]); w.Status != reassembly.Dropped || w.Drop != mib.FragmentDuplicate || w.Packets != nil {
		t.Errorf("again: %+v", w)
	}
	if w := a.Add(3, epoch, p[1][:100]); w.Status != reassembly.Dropped || w.Drop != mib.Truncated || w.Packets != nil {
		t.Errorf("cut: %+v", w)
	}
	if w := a.Add(4, epoch, overlap); w.Drop != mib.FragmentOverlap || !slices.Equal(w.Packets, []int{1}) {
		t.Errorf("overlap: %+v", w)
	}
	if w := a.Add(5, epoch, p[1]); w.Drop != mib.FragmentLate || w.Packets != nil {
		t.Errorf("late: %+v", w)
	}
}

// TestAtomic: a fragment that is the whole datagram has nothing to do with others
// of its identification (RFC 6946).
func TestAtomic(t *testing.T) {
	p := pieces(t, datagram6(t, 2000), 1280, 7)
	atomic := bytes.Clone(p[0])
	atomic[ip.HeaderLen6+3] &^= 1 // no more fragments
	a := newAssembler(t, reassembly.Config{})
	a.Add(1, epoch, p[0])
	if w := a.Add(2, epoch, atomic); w.Status != reassembly.Complete || !slices.Equal(w.Packets, []int{2}) || len(w.Datagram) != len(atomic)-8 {
		t.Errorf("%v, %v", w.Status, w.Packets)
	}
	if w := a.Add(3, epoch, p[1]); w.Status != reassembly.Complete || !slices.Equal(w.Packets, []int{1, 3}) {
		t.Errorf("%v, %v", w.Status, w.Packets)
	}
}

// TestTime runs out by the capture's clock, which does not go back.
func TestTime(t *testing.T) {
	p := pieces(t, datagram4(t, 1, 2000), 1280, 0)
	six := pieces(t, datagram6(t, 2000), 1280, 7)
	for _, tt := range []struct {
		later time.Duration
		want  reassembly.Status
	}{
		{reassembly.DefaultTimeout - 1, reassembly.Complete},
		{-time.Hour, reassembly.Complete},
		{reassembly.DefaultTimeout, reassembly.Incomplete},
	} {
		for _, p := range [][][]byte{p, six} {
			a := newAssembler(t, reassembly.Config{})
			a.Add(1, epoch, p[0])
			if w := a.Add(2, epoch.Add(tt.later), p[1]); w.Status != tt.want {
				t.Errorf("%v later: %+v", tt.later, w)
			}
			// What was there before is forgotten with it.
			if tt.want == reassembly.Incomplete {
				if w := a.Add(3, epoch.Add(tt.later), p[0]); !slices.Equal(w.Packets, []int{2, 3}) {
					t.Errorf("%v later: %+v", tt.later, w)
				}
			}
		}
	}
}

// TestBound: fragments that never get company do not add up.
func TestBound(t *testing.T) {
	a := newAssembler(t, reassembly.Config{Memory: reassembly.MinMemory, Datagrams: 10})
	first := pieces(t, datagram4(t, 0, 2000), 1280, 0)
	for id := range 1000 {
		p := pieces(t, datagram4(t, uint16(id), 2000), 1280, 0)
		a.Add(id, epoch, p[0])
	}
	// The first is long forgotten: its other half begins anew.
	if w := a.Add(2000, epoch, first[1]); w.Status != reassembly.Incomplete {
		t.Errorf("%+v", w)
	}
	if w := a.Add(2001, epoch, first[0]); !slices.Equal(w.Packets, []int{2000, 2001}) {
		t.Errorf("%+v", w)
	}
	last := pieces(t, datagram4(t, 999, 2000), 1280, 0)
	if w := a.Add(2002, epoch, last[1]); !slices.Equal(w.Packets, []int{999, 2002}) {
		t.Errorf("%+v", w)
	}
	// The books of what was completed do not add up, either.
	for id := range 1000 {
		p := pieces(t, datagram4(t, uint16(5000+id), 2000), 1280, 0)
		a.Add(1, epoch, p[0])
		if w := a.Add(2, epoch, p[1]); !slices.Equal(w.Packets, []int{1, 2}) {
			t.Fatalf("%d: %v", id, w.Packets)
		}
	}
}

// TestWaiting: the books have what waits, no more than there may be, and nothing
// of what is over.
func TestWaiting(t *testing.T) {
	for _, tt := range []struct {
		c    reassembly.Config
		want int
	}{
		{reassembly.Config{Datagrams: 10}, 10},
		{reassembly.Config{}, reassembly.DefaultMemory / 4096},
		{reassembly.Config{Memory: 1 << 20}, 1 << 20 / 4096},
	} {
		tt.c.Share = -1
		a := newAssembler(t, tt.c)
		for id := range 3 * tt.want {
			a.Add(id, epoch, pieces(t, datagram4(t, uint16(id), 40), 36, 0)[0])
			if want := min(id+1, tt.want); a.Waiting() != want {
				t.Fatalf("%+v: %d wait after %d, want %d", tt.c, a.Waiting(), id+1, want)
			}
		}
		for id := 2 * tt.want; id < 3*tt.want; id++ {
			p := pieces(t, datagram4(t, uint16(id), 40), 36, 0)
			a.Add(7, epoch, p[1])
			if w := a.Add(8, epoch, p[2]); !slices.Equal(w.Packets, []int{id, 7, 8}) || a.Waiting() != 3*tt.want-1-id {
				t.Fatalf("%+v: %d: %v, %d wait", tt.c, id, w.Packets, a.Waiting())
			}
		}
		a.Add(1, epoch, pieces(t, datagram4(t, 1, 40), 36, 0)[0])
		a.Add(2, epoch.Add(reassembly.DefaultTimeout), pieces(t, datagram4(t, 2, 40), 36, 0)[0])
		if a.Waiting() != 1 {
			t.Errorf("%d wait when time is up", a.Waiting())
		}
	}
}

func TestNew(t *testing.T) {
	if _, err := fragments.New(reassembly.Config{Memory: 1}); err == nil {
		t.Error("no error")
	}
}

// FuzzAdd: any octets, in any order: it ends, and what is no fragment comes back.
func FuzzAdd(f *testing.F) {
	for _, p := range pieces(f, datagram4(f, 1, 2000), 1280, 0) {
		f.Add(p, byte(40))
	}
	for _, p := range pieces(f, datagram6(f, 2000), 1280, 1) {
		f.Add(p, byte(80))
	}
	f.Fuzz(func(t *testing.T, d []byte, n byte) {
		a := newAssembler(t, reassembly.Config{Memory: reassembly.MinMemory})
		for i, d := range [][]byte{d, d[:min(len(d), int(n))], d} {
			w := a.Add(i, epoch, d)
			if w.Status == reassembly.Complete && w.Packets == nil && !bytes.Equal(w.Datagram, d) {
				t.Fatalf("%+v", w)
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	d := datagram4(b, 1, 56)
	a := newAssembler(b, reassembly.Config{})
	b.SetBytes(int64(len(d)))
	b.ReportAllocs()
	for b.Loop() {
		a.Add(1, epoch, d)
	}
}
