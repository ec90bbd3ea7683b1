package reassembly

import (
	"encoding/binary"

	"github.com/sonde-net/sonde/stack/mib"
	"github.com/sonde-net/sonde/wire/ip"
)

// maxWhole is the longest that a datagram can be when it is put together, in
// octets: the longest payload of IPv6 behind its header, and the fragment
// header, which is taken out last.
const maxWhole = ip.HeaderLen6 + ip.MaxLen + ip.FragmentLen6

// room returns the buffer for what is handed out, empty, with a capacity of n
// octets at least. It grows in powers of two, as datagrams of that size come.
func (r *Reassembler) room(n int) []byte {
	if cap(r.out) < n {
		c := MaxFirst
		for c < n {
			c *= 2
		}
		r.out = make([]byte, 0, min(c, maxWhole))
	}
	return r.out[:0]
}

// assemble puts a datagram together whose fragments are all there.
func (r *Reassembler) assemble(d *datagram) ([]byte, mib.Drop) {
	ecn, ok := combine(d.ecn)
	if !ok {
		return nil, mib.FragmentECN
	}
	head := int(d.headLen)
	if d.key.src.Is4() {
		if head+int(d.end) > ip.MaxLen {
			return nil, mib.FragmentOversize
		}
	} else if head-ip.HeaderLen6-ip.FragmentLen6+int(d.end) > ip.MaxLen {
		return nil, mib.FragmentOversize
	}
	r.out = r.room(head + int(d.end))
	r.chain(d.head)
	if d.key.src.Is4() {
		r.mend4(ecn, head+int(d.end))
	} else {
		r.out[1] |= ecn << 4
		r.mend6(int(d.nextAt))
		head -= ip.FragmentLen6
		binary.BigEndian.PutUint16(r.out[4:6], uint16(head-ip.HeaderLen6+int(d.end)))
	}
	r.out = r.out[:head+int(d.end)]
	for i := d.data; i != none; i = r.pool.at(i).next {
		b := r.pool.at(i)
		copy(r.out[head+int(b.off):], b.data[:b.n])
	}
	return r.out, mib.None
}

// chain appends the octets of a chain to what is handed out.
func (r *Reassembler) chain(i int32) {
	for ; i != none; i = r.pool.at(i).next {
		b := r.pool.at(i)
		r.out = append(r.out, b.data[:b.n]...)
	}
}

// mend4 makes the header of the first fragment that of the whole datagram.
func (r *Reassembler) mend4(ecn uint8, total int) {
	h := r.out
	h[1] |= ecn
	binary.BigEndian.PutUint16(h[2:4], uint16(total))
	h[6], h[7] = h[6]&0xc0, 0 // DF and the reserved flag stay as they are
	ip.Seal4(h)
}

// mend6 takes the fragment header out, which is the end of what is to be handed
// out so far, and announces what follows it instead.
func (r *Reassembler) mend6(nextAt int) {
	n := len(r.out) - ip.FragmentLen6
	r.out[nextAt] = r.out[n]
	r.out = r.out[:n]
	binary.BigEndian.PutUint16(r.out[4:6], binary.BigEndian.Uint16(r.out[4:6])-ip.FragmentLen6)
}

// The ECN code points, as bits of a set (RFC 3168 §5).
const (
	notECT = 1 << 0
	ce     = 1 << 3
)

// combine returns what the ECN field of the whole is to have set in addition to
// the first fragment's: congestion that one has experienced, all have. ok is
// false for fragments that do not belong together: some of a transport that
// understands ECN and some not (RFC 3168 §5.3).
//
// Reading: the section demands to drop the datagram when congestion could be
// lost, which is not-ECT with CE, and leaves other mixtures open. Those with
// not-ECT are dropped too, for no sender makes them; ECT(0) with ECT(1) keeps
// what the first fragment has.
func combine(set uint8) (ecn uint8, ok bool) {
	switch {
	case set == notECT:
		return 0, true
	case set&notECT != 0:
		return 0, false
	case set&ce != 0:
		return 3, true
	}
	return 0, true
}

// first puts together what has arrived of the first fragment.
func (r *Reassembler) first(d *datagram) []byte {
	if d.headLen == 0 {
		return nil
	}
	n := min(int(d.headLen+d.firstLen), MaxFirst)
	r.out = r.room(int(d.headLen) + int(d.firstLen))
	r.chain(d.head)
	head := int(d.headLen)
	r.out = r.out[:max(n, head)]
	for i := d.data; i != none; i = r.pool.at(i).next {
		if b := r.pool.at(i); head+int(b.off) < n {
			copy(r.out[head+int(b.off):], b.data[:b.n])
		}
	}
	return r.out[:n]
}
