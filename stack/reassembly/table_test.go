package reassembly_test

import (
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// A million sources with one fragment each, then as many datagrams of one source
// as it has identifications: the ceiling holds.
func TestBounded(t *testing.T) {
	conform.Row(t, "H-10")
	for _, c := range []struct {
		name string
		n    uint32
		next func(d []byte, i uint32)
	}{
		{"a million sources", 1_000_000, func(d []byte, i uint32) { ip.SetSrc4(d, host(i)) }},
		{"one source", 1 << 16, func(d []byte, i uint32) { d[4], d[5] = byte(i>>8), byte(i) }},
	} {
		r := open(t, reassembly.Config{})
		lost := 0
		d := frag4(t, ip.Header4{}, 0, 520, true)
		for i := range c.n {
			c.next(d, i)
			res := r.Add4(start, d)
			if res.Status != reassembly.Incomplete {
				t.Fatalf("%s: %v, %v", c.name, res.Status, res.Drop)
			}
			lost += res.Evicted + res.OverShare
		}
		audit(t, r)
		if r.Size() > 4<<20 || r.Limit() > 4<<20 {
			t.Errorf("%s: %d octets of %d, want 4 MiB at most", c.name, r.Size(), r.Limit())
		}
		if lost+r.Len() != int(c.n) {
			t.Errorf("%s: %d given up and %d left, want %d together", c.name, lost, r.Len(), c.n)
		}
		t.Logf("%s: %d octets of %d, %d datagrams", c.name, r.Size(), r.Limit(), r.Len())
	}
}

// An offset alone takes nothing: eight octets at the far end cost what eight
// octets at the beginning cost.
func TestOffsetsTakeNothing(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	kept(t, r, frag4(t, ip.Header4{}, 65504, 8, false))
	if got := r.Held(); got != 2*reassembly.BlockSize {
		t.Errorf("%d octets for a fragment of 8, want two blocks of %d", got, reassembly.BlockSize)
	}
	if got := open(t, reassembly.Config{}).Size(); got > 4096 {
		t.Errorf("%d octets before the first fragment", got)
	}
}

// When there is no slot left the oldest goes.
func TestOldestSlotGoes(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{Datagrams: 3})
	for id := range uint16(3) {
		kept(t, r, frag4(t, ip.Header4{ID: id}, 8, 8, true))
	}
	// Another fragment makes the oldest no younger.
	kept(t, r, frag4(t, ip.Header4{ID: 0}, 16, 8, true))
	for id := uint16(3); id < 10; id++ {
		got := r.Add4(start, frag4(t, ip.Header4{ID: id}, 8, 8, true))
		if got.Status != reassembly.Incomplete || got.Evicted != 1 || got.OverShare != 0 || r.Len() != 3 {
			t.Fatalf("%d: %v, %d given up, %d left", id, got.Status, got.Evicted, r.Len())
		}
		audit(t, r)
	}
	for id := uint16(7); id < 10; id++ {
		if got := r.Add4(start, frag4(t, ip.Header4{ID: id}, 0, 8, true)); got.Evicted != 0 || got.Status != reassembly.Incomplete {
			t.Errorf("%d is not there any more", id)
		}
	}
	// A datagram that was given up before is no loss.
	dropped(t, r, frag4(t, ip.Header4{ID: 7}, 0, 16, true), mib.FragmentOverlap)
	if got := r.Add4(start, frag4(t, ip.Header4{ID: 10}, 8, 8, true)); got.Evicted != 0 || got.Status != reassembly.Incomplete {
		t.Errorf("%v, %d given up, want none", got.Status, got.Evicted)
	}
	audit(t, r)
	// A fragment that no datagram can be made of displaces none.
	dropped(t, r, frag4(t, ip.Header4{ID: 11}, 0, 7, true), mib.FragmentLength)
	if r.Len() != 3 {
		t.Errorf("%d left, want 3", r.Len())
	}
}

// sources returns n sources of different shares.
func sources(t *testing.T, r *reassembly.Reassembler, n int) (hs []ip.Header4) {
	t.Helper()
	seen := map[int32]bool{}
	for i := uint32(0); len(hs) < n; i++ {
		h := ip.Header4{Src: host(i)}
		if s := r.ShareOf(frag4(t, h, 0, 8, true)); !seen[s] {
			seen[s] = true
			hs = append(hs, h)
		}
	}
	return hs
}

// blocksOf is what a fragment behind the first page takes: itself and a page.
func blocksOf(n int) int { return n/reassembly.BlockLen + 1 }

// Octets are given up oldest first, over all sources, when the pool is empty.
func TestOldestOctetsGo(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{Memory: reassembly.MinMemory, Datagrams: 32})
	pool, share := r.Blocks()
	if share != 256 || pool < 300 || pool > 400 {
		t.Fatalf("pool %d, share %d", pool, share)
	}
	hs := sources(t, r, 4)
	// Three datagrams of 100 blocks: 97 of octets, and three pages.
	const long = 97 * 512
	for i := range hs {
		hs[i].ID = uint16(i)
	}
	for i := range 3 {
		got := r.Add4(start, frag4(t, hs[i], 8, long, true))
		if got.Status != reassembly.Incomplete || got.Evicted != 0 || r.Held() != (i+1)*101*reassembly.BlockSize {
			t.Fatalf("%d: %v, %d given up, %d held", i, got.Status, got.Evicted, r.Held()/reassembly.BlockSize)
		}
	}
	left := pool - 3*101
	// What fits exactly displaces nothing.
	got := r.Add4(start, frag4(t, hs[3], 8, (left-1)*512, true))
	if got.Status != reassembly.Incomplete || got.Evicted != 0 || r.Held() != pool*reassembly.BlockSize {
		t.Fatalf("%v, %d given up, %d of %d blocks held", got.Status, got.Evicted, r.Held()/reassembly.BlockSize, pool)
	}
	audit(t, r)
	// One block more displaces the oldest, and it alone.
	got = r.Add4(start, frag4(t, hs[3], 16384-8, 8, true))
	if got.Status != reassembly.Incomplete || got.Evicted != 1 || got.OverShare != 0 || r.Len() != 3 {
		t.Fatalf("%v, %d given up, %d left", got.Status, got.Evicted, r.Len())
	}
	audit(t, r)
	// It begins anew; a hundred blocks are free for it.
	got = r.Add4(start, frag4(t, hs[0], 8, 96*512, true))
	if got.Status != reassembly.Incomplete || got.Evicted != 0 || r.Len() != 4 {
		t.Fatalf("%v, %d given up, %d left", got.Status, got.Evicted, r.Len())
	}
	audit(t, r)
	// Now the second is the oldest. Where one of its own fragments finds no
	// room, it is given up itself, and says so from then on.
	more := frag4(t, hs[1], 8+long, 1024, false)
	got = r.Add4(start, more)
	if got.Status != reassembly.Dropped || got.Drop != mib.FragmentMemory || got.Evicted != 0 || r.Len() != 3 {
		t.Errorf("%v, %v, %d given up, %d left", got.Status, got.Drop, got.Evicted, r.Len())
	}
	audit(t, r)
	if got := r.Add4(start, more); got.Drop != mib.FragmentLate {
		t.Errorf("given up, and then %v, %v", got.Status, got.Drop)
	}
}

// One source has its share, and its own oldest goes; others lose nothing.
func TestShare(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{})
	pool, share := r.Blocks()
	hs := sources(t, r, 2)
	quiet, loud := hs[0], hs[1]
	quiet.ID = 7
	kept(t, r, frag4(t, quiet, 8, 8, true))
	per := blocksOf(1024)
	fit := share / per
	for id := range fit {
		loud.ID = uint16(id)
		if got := r.Add4(start, frag4(t, loud, 8, 1024, true)); got.Evicted+got.OverShare != 0 || got.Status != reassembly.Incomplete {
			t.Fatalf("%d: %v, %d given up, %d over the share", id, got.Status, got.Evicted, got.OverShare)
		}
	}
	audit(t, r)
	// The remainder of the share, exactly, displaces nothing.
	if rest := share - fit*per; rest > 0 {
		loud.ID = 0
		if got := r.Add4(start, frag4(t, loud, 2048, rest*512, true)); got.OverShare != 0 || got.Status != reassembly.Incomplete {
			t.Fatalf("the rest of the share: %v, %d over it", got.Status, got.OverShare)
		}
	}
	for id := fit; id < fit+100; id++ {
		loud.ID = uint16(id)
		if got := r.Add4(start, frag4(t, loud, 8, 1024, true)); got.OverShare != 1 && (got.OverShare != 0 || id == fit) || got.Evicted != 0 {
			t.Fatalf("%d: %d over the share, %d given up", id, got.OverShare, got.Evicted)
		}
	}
	audit(t, r)
	if held := r.Held() / reassembly.BlockSize; held > share+2 || held < share-per {
		t.Errorf("%d blocks held, the share is %d of %d", held, share, pool)
	}
	// The quiet one is there still.
	quiet.MF = false
	if got := r.Add4(start, frag4(t, quiet, 16, 1, false)); got.Status != reassembly.Incomplete {
		t.Errorf("the other source: %v, %v", got.Status, got.Drop)
	}
	if got := r.Add4(start, frag4(t, quiet, 0, 8, true)); got.Status != reassembly.Complete {
		t.Errorf("the other source: %v, %v", got.Status, got.Drop)
	}
}

// A datagram that is larger than the share is given up alone.
func TestLargerThanTheShare(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{Share: 1})
	h := sources(t, r, 1)[0]
	small, large := h, h
	small.ID, large.ID = 1, 2
	kept(t, r, frag4(t, small, 8, 8, true)) // a block and a page
	for i := range 253 {                    // a block each, for nothing continues another, and a page
		kept(t, r, frag4(t, large, 65000-16*i, 8, true))
	}
	if got := r.Held(); got != 256*reassembly.BlockSize {
		t.Fatalf("%d blocks held, want all of the share", got/reassembly.BlockSize)
	}
	got := r.Add4(start, frag4(t, large, 58000, 1032, true))
	if got.Status != reassembly.Dropped || got.Drop != mib.FragmentShare || got.OverShare != 0 || r.Len() != 1 {
		t.Errorf("%v, %v, %d over the share, %d left", got.Status, got.Drop, got.OverShare, r.Len())
	}
	audit(t, r)
	if got := r.Held(); got != 2*reassembly.BlockSize {
		t.Errorf("%d blocks held, want those of the other", got/reassembly.BlockSize)
	}
	// As large as the share is not larger.
	r = open(t, reassembly.Config{Share: 1})
	for i := range 255 {
		kept(t, r, frag4(t, large, 65000-16*i, 8, true))
	}
	if got := r.Held(); got != 256*reassembly.BlockSize {
		t.Fatalf("%d blocks held, want all of the share", got/reassembly.BlockSize)
	}
	dropped(t, r, frag4(t, large, 58000, 8, true), mib.FragmentShare)
}

// With every slot and block taken and the longest datagram handed out, the
// reassembler takes what it says is its limit, to the octet.
func TestLimitIsReached(t *testing.T) {
	conform.Row(t, "H-10")
	for _, c := range []reassembly.Config{
		{Memory: reassembly.MinMemory, Datagrams: 1},
		{Memory: reassembly.MinMemory, Datagrams: 64},
		{Memory: reassembly.MinMemory, Datagrams: 65},
		{Datagrams: 100},
	} {
		r := open(t, c)
		got := r.Add6(start, frag6(t, ip.Header6{}, ip.Fragment6{}, nil, 0, 65527, false))
		if got.Status != reassembly.Complete {
			t.Fatal(got.Drop)
		}
		for i := range uint32(100 * r.Datagrams()) {
			h := ip.Header4{Src: host(i)}
			// Small ones first, until every slot was in use.
			if int(i) < r.Datagrams() {
				r.Add4(start, frag4(t, h, 8, 8, true))
				continue
			}
			for off := 8; off < 45000; off += 20000 {
				r.Add4(start, frag4(t, h, off, 16384, true))
			}
			if r.Size() == r.Limit() {
				break
			}
		}
		audit(t, r)
		// One slot alone cannot fill the pool.
		if c.Datagrams > 1 && r.Size() != r.Limit() {
			t.Errorf("%+v: %d octets, the limit is %d", c, r.Size(), r.Limit())
		}
	}
}

// When its own datagram is the source's oldest, the fragment gives it up.
func TestOwnOldest(t *testing.T) {
	r := open(t, reassembly.Config{Share: 1})
	h := sources(t, r, 1)[0]
	old, young := h, h
	old.ID, young.ID = 1, 2
	if got := r.Add4(start, frag4(t, old, 8, 120*512, true)); got.Status != reassembly.Incomplete {
		t.Fatal(got.Drop)
	}
	if got := r.Add4(start, frag4(t, young, 8, 120*512, true)); got.Status != reassembly.Incomplete {
		t.Fatal(got.Drop)
	}
	// 248 of 256 are held. Eight more are the share, nine are over it.
	got := r.Add4(start, frag4(t, young, 61448+8, 512*4, true))
	if got.Status != reassembly.Incomplete || got.OverShare != 0 {
		t.Fatalf("%v, %v, %d over the share", got.Status, got.Drop, got.OverShare)
	}
	audit(t, r)
	got = r.Add4(start, frag4(t, old, 61448+8, 512*4+8, false))
	if got.Status != reassembly.Dropped || got.Drop != mib.FragmentShare || got.OverShare != 0 || r.Len() != 1 {
		t.Errorf("%v, %v, %d over the share, %d left", got.Status, got.Drop, got.OverShare, r.Len())
	}
	audit(t, r)
}

// An IPv6 network of 64 bits has one share, whatever addresses it uses.
func TestNetworkShare(t *testing.T) {
	r := open(t, reassembly.Config{})
	share := func(a string) int32 {
		return r.ShareOf(frag6(t, ip.Header6{Src: addr(a)}, ip.Fragment6{}, nil, 0, 8, true))
	}
	nets := map[int32]bool{}
	for i := range 32 {
		a, b := addr6(i, 1), addr6(i, 0xffff)
		if share(a) != share(b) {
			t.Errorf("%s and %s have different shares", a, b)
		}
		nets[share(a)] = true
	}
	if len(nets) < 16 {
		t.Errorf("32 networks in %d shares", len(nets))
	}
	hosts := map[int32]bool{}
	for i := range uint32(32) {
		hosts[r.ShareOf(frag4(t, ip.Header4{Src: host(i)}, 0, 8, true))] = true
	}
	if len(hosts) < 16 {
		t.Errorf("32 hosts in %d shares", len(hosts))
	}
}

// Nothing leaks: whatever was held, nothing is when all is over, and the same
// memory serves again.
func TestNothingLeaks(t *testing.T) {
	conform.Row(t, "H-10")
	r := open(t, reassembly.Config{Memory: reassembly.MinMemory, Datagrams: 8})
	now, size := start, 0
	for round := range 50 {
		for i := range uint32(20) {
			h := ip.Header4{ID: uint16(i), Src: host(i % 5)}
			for _, off := range []int{8, 600, 16400, 0} {
				r.Add4(now, frag4(t, h, off, 592, true))
			}
		}
		audit(t, r)
		now = now.Add(time.Minute)
		for {
			if _, ok := r.Expire(now); !ok {
				break
			}
		}
		audit(t, r)
		if r.Held() != 0 || r.Len() != 0 {
			t.Fatalf("round %d: %d octets in %d datagrams held", round, r.Held(), r.Len())
		}
		if round == 1 {
			size = r.Size()
		}
		if round > 1 && r.Size() != size {
			t.Fatalf("round %d: grown from %d to %d octets", round, size, r.Size())
		}
	}
}
