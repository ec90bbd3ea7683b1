package reassembly_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sonde-net/sonde/internal/conform"
	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/stack/reassembly"
	"github.com/sonde-net/sonde/wire/ip"
)

// oracle reassembles as the rules of H-10 read: a list of fragments for each
// datagram, every one compared with every other, no thought of memory.
type oracle map[uint16]*incomplete

type incomplete struct {
	began time.Time
	dead  bool
	parts []part
}

type part struct {
	off  int
	more bool
	tos  uint8
	b    []byte
}

func (p part) end() int { return p.off + len(p.b) }

// add takes a fragment of IPv4 without options and returns what is to come of
// it, with the octets of the whole.
func (o oracle) add(now time.Time, id uint16, p part) (mib.Drop, []byte) {
	q := o[id]
	if q != nil && q.dead {
		return mib.FragmentLate, nil
	}
	switch {
	case len(p.b) == 0:
		return mib.FragmentEmpty, nil
	case p.more && len(p.b)%8 != 0:
		return mib.FragmentLength, nil
	case 20+p.end() > 65535:
		if q != nil {
			q.dead = true
		}
		return mib.FragmentOversize, nil
	}
	if q == nil {
		q = &incomplete{began: now}
		o[id] = q
	}
	for _, e := range q.parts {
		if !e.more && (p.end() > e.end() || p.more && p.end() == e.end() || !p.more && p.end() != e.end()) ||
			!p.more && !q.ended() && e.end() > p.end() {
			q.dead = true
			return mib.FragmentEnd, nil
		}
	}
	for _, e := range q.parts {
		if e.off == p.off && e.end() == p.end() && e.more == p.more {
			return mib.FragmentDuplicate, nil
		}
	}
	for _, e := range q.parts {
		if e.off < p.end() && p.off < e.end() {
			q.dead = true
			return mib.FragmentOverlap, nil
		}
	}
	q.parts = append(q.parts, p)
	return q.whole(func() { delete(o, id) })
}

func (q *incomplete) ended() bool {
	for _, e := range q.parts {
		if !e.more {
			return true
		}
	}
	return false
}

func (q *incomplete) whole(done func()) (mib.Drop, []byte) {
	var b []byte
	var points [4]bool
	for range q.parts {
		for _, e := range q.parts {
			if e.off == len(b) && len(e.b) > 0 {
				b = append(b, e.b...)
				points[e.tos&3] = true
				if !e.more {
					done()
					if points[0] && (points[1] || points[2] || points[3]) {
						return mib.FragmentECN, nil
					}
					return ready, b
				}
			}
		}
	}
	return mib.None, nil
}

// expire returns how many there are to hand out.
func (o oracle) expire(now time.Time) (n int) {
	for id, q := range o {
		if !now.Before(q.began.Add(time.Minute)) {
			delete(o, id)
			if !q.dead {
				n++
			}
		}
	}
	return n
}

// run plays one script on both. Every four octets of it are a fragment: which
// datagram and how long, where, and what kind.
func run(t *testing.T, script []byte) {
	t.Helper()
	r := open(t, reassembly.Config{Memory: 1 << 20, Share: -1})
	o := oracle{}
	now := start
	lens := []int{0, 1, 7, 8, 16, 24, 64, 496, 512, 520, 1480, 16384, 16392}
	for ; len(script) >= 4; script = script[4:] {
		id, n := uint16(script[0]&3), lens[int(script[0]>>2)%len(lens)]
		off := (int(script[1]) | int(script[2]&0x1f)<<8) * 8
		if script[2]&0x20 != 0 {
			off = int(script[1]&7) * 8
		}
		p := part{off: off, more: script[2]&0x40 != 0, tos: script[3] & 3, b: pattern(off + n)[off:]}
		now = now.Add(time.Duration(script[3]>>4) * time.Second)

		for want := o.expire(now); want >= 0; want-- {
			if _, ok := r.Expire(now); ok != (want > 0) {
				t.Fatalf("expired %v, and %d are to", ok, want)
			}
		}
		if p.off == 0 && !p.more || ip.MinHeaderLen4+n > ip.MaxLen {
			continue // no fragment
		}
		h := ip.Header4{ID: id, Src: src4, Dst: dst4, Proto: ip.ProtoUDP, TOS: p.tos, MF: p.more, FragOffset: uint16(p.off)}
		d, err := h.AppendPacket(nil, p.b)
		if err != nil {
			t.Fatal(err)
		}
		want, whole := o.add(now, id, p)
		got := r.Add4(now, d)
		audit(t, r)
		switch {
		case got.Evicted+got.OverShare != 0:
			t.Fatalf("%v: %d given up, %d over the share", h, got.Evicted, got.OverShare)
		case want == ready:
			if got.Status != reassembly.Complete || len(got.Datagram) != 20+len(whole) || !bytes.Equal(got.Datagram[20:], whole) {
				t.Fatalf("%v: %v, %v, %d octets; want complete, %d", h, got.Status, got.Drop, len(got.Datagram), 20+len(whole))
			}
			if g, _, err := ip.Parse4(got.Datagram); err != nil || g.IsFragment() || g.ID != id {
				t.Fatalf("%v: %v, %v", h, g, err)
			}
		case want != got.Drop || (want == mib.None) != (got.Status == reassembly.Incomplete):
			t.Fatalf("%v: %v, %v; want %v", h, got.Status, got.Drop, want)
		}
		live := 0
		for _, q := range o {
			if !q.dead {
				live++
			}
		}
		if r.Len() != live {
			t.Fatalf("%d incomplete, want %d", r.Len(), live)
		}
	}
}

func TestOracle(t *testing.T) {
	conform.Row(t, "H-10")
	conform.Row(t, "E-17")
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 791))
		script := make([]byte, 4*120)
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		for i := 2; i < len(script); i += 4 {
			script[i] |= 0x20 * byte(seed%2) // near the beginning, where they meet
			if seed%3 != 0 {
				script[i] |= 0x40
			}
			script[i+1] &= 0x13
		}
		run(t, script)
	}
}

func FuzzScript(f *testing.F) {
	f.Add([]byte{3 << 2, 0, 0x60, 0, 3 << 2, 1, 0x20, 0})
	f.Add([]byte{11 << 2, 0, 0x60, 0xf0, 12 << 2, 0, 0x48, 0xf0, 4 << 2, 1, 0x28, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 4*200 {
			script = script[:4*200]
		}
		run(t, script)
	})
}

// FuzzAdd gives both versions whatever octets, twice, with little memory: no
// panic, no drift of the books, and what is complete can be parsed.
func FuzzAdd(f *testing.F) {
	f.Add(frag4(f, ip.Header4{ID: 1}, 8, 8, true), uint8(3))
	f.Add(frag6(f, ip.Header6{}, ip.Fragment6{ID: 1}, nil, 0, 0, false), uint8(0))
	f.Add(frag6(f, ip.Header6{NextHeader: ip.ProtoHopByHop}, ip.Fragment6{}, []byte{44, 0, 1, 4, 0, 0, 0, 0}, 0, 8, false), uint8(1))
	f.Add(frag6(f, ip.Header6{NextHeader: ip.ProtoHopByHop}, ip.Fragment6{}, []byte{44, 0, 1, 4, 0, 0, 0, 0}, 0, 16, true), uint8(0))
	f.Fuzz(func(t *testing.T, d []byte, cut uint8) {
		r := open(t, reassembly.Config{Memory: reassembly.MinMemory, Datagrams: 2})
		rest := d[min(int(cut), len(d)):]
		for i, x := range [][]byte{d, rest, d} {
			for v, add := range []func(time.Time, []byte) reassembly.Result{r.Add4, r.Add6} {
				res := add(start, bytes.Clone(x))
				audit(t, r)
				if (res.Status == reassembly.Complete) != (res.Datagram != nil) || (res.Status == reassembly.Dropped) != (res.Drop != mib.None) {
					t.Fatalf("%d, %d: %+v", i, v, res)
				}
				if res.Status == reassembly.Complete && v == 1 {
					h, payload, err := ip.Parse6(res.Datagram)
					if err != nil || len(payload) != len(res.Datagram)-ip.HeaderLen6 {
						t.Fatalf("%v: %v, %d octets of %d", h, err, len(payload), len(res.Datagram))
					}
				}
			}
		}
		for {
			e, ok := r.Expire(start.Add(time.Minute))
			if !ok {
				break
			}
			if len(e.First) > reassembly.MaxFirst || !bytes.HasPrefix(d, e.First) && !bytes.HasPrefix(rest, e.First) {
				t.Fatalf("expired with %x", e.First)
			}
		}
		audit(t, r)
		if r.Held() != 0 || r.Len() != 0 {
			t.Fatalf("%d octets held", r.Held())
		}
	})
}
