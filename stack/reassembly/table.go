package reassembly

import (
	"net/netip"
	"time"

	"github.com/sonde-net/sonde/wire/ip"
)

// key says which datagram a fragment is of (RFC 791 §3.2, RFC 8200 §4.5).
type key struct {
	src, dst netip.Addr
	id       uint32
	proto    ip.Proto // 0 for IPv6, where the protocol does not count
}

// A datagram is one that is incomplete, or one that was given up and whose
// fragments are still to be dropped.
type datagram struct {
	key      key
	deadline time.Time
	next     ip.Proto // what the payload begins with
	dead     bool     // given up: holds no blocks
	ecn      uint8    // the code points seen, one bit each

	end     int32 // of the payload in octets; none while the last fragment is missing
	reach   int32 // the end of the furthest fragment so far
	largest int32 // octets of the largest fragment so far, its headers included
	units   int32 // that have arrived

	head     int32 // chain of what stands before the payload in the first fragment
	headLen  int32 // octets; 0: the first fragment has not arrived
	nextAt   int32 // IPv6: the octet of head that announces the fragment header
	firstLen int32 // octets of payload in the first fragment
	data     int32 // chain of the payload, in the order of arrival
	tail     int32 // the last block of it
	page     [pages]int32
	blocks   int32 // held

	bucket int32 // of the hash table
	chain  int32 // the next in the bucket, or of the free ones
	share  int32 // whose it is
	links  [lists]link
}

type datagramSlab [slabLen]datagram

// A datagram is in two lists, each in the order of arrival.
const (
	byAge   = iota // of all
	byShare        // of one source
	lists
)

type link struct{ older, younger int32 }

type list struct{ oldest, youngest int32 }

// shares is how many shares sources are spread over.
const shares = 64

type share struct {
	list   list
	blocks int32
}

// slot returns the datagram with index i.
func (r *Reassembler) slot(i int32) *datagram { return &r.slots[i/slabLen][i%slabLen] }

// find returns the index of the datagram with this key, and the bucket where it
// is or would be.
func (r *Reassembler) find(k *key) (i, bucket int32) {
	h := r.key.Words(r.key.Addr(k.src), r.key.Addr(k.dst))
	h = r.key.Words(h, uint64(k.id)<<8|uint64(k.proto))
	bucket = int32(h & uint64(len(r.buckets)-1))
	for i = r.buckets[bucket]; i != none; i = r.slot(i).chain {
		if r.slot(i).key == *k {
			break
		}
	}
	return i, bucket
}

// insert makes a datagram in the bucket, the youngest. There must be a place.
func (r *Reassembler) insert(now time.Time, k *key, bucket int32) int32 {
	i := r.free
	if i != none {
		r.free = r.slot(i).chain
	} else {
		if r.made%slabLen == 0 {
			r.slots = append(r.slots, new(datagramSlab))
		}
		i = int32(r.made)
		r.made++
	}
	d := r.slot(i)
	*d = datagram{
		key: *k, deadline: now.Add(r.plan.timeout), end: none, head: none, data: none, tail: none,
		bucket: bucket, chain: r.buckets[bucket], share: r.shareOf(k.src),
	}
	for p := range d.page {
		d.page[p] = none
	}
	r.buckets[bucket] = i
	r.push(&r.ages, byAge, i)
	r.push(&r.shares[d.share].list, byShare, i)
	r.count++
	return i
}

// bury gives a datagram up: its octets are forgotten, and what arrives of it
// until its time is out will be dropped.
func (r *Reassembler) bury(d *datagram) {
	r.pool.give(d.head)
	r.pool.give(d.data)
	for p := range d.page {
		r.pool.give(d.page[p])
		d.page[p] = none
	}
	d.head, d.data, d.tail = none, none, none
	r.shares[d.share].blocks -= d.blocks
	d.blocks, d.headLen, d.firstLen = 0, 0, 0
	if !d.dead {
		d.dead = true
		r.dead++
	}
}

// remove forgets a datagram altogether.
func (r *Reassembler) remove(i int32) {
	d := r.slot(i)
	r.bury(d)
	r.dead--
	r.count--
	r.unlink(&r.ages, byAge, i)
	r.unlink(&r.shares[d.share].list, byShare, i)
	at := &r.buckets[d.bucket]
	for *at != i {
		at = &r.slot(*at).chain
	}
	*at = d.chain
	d.chain, r.free = r.free, i
}

// evict forgets a datagram to make room and returns 1 when it was a loss, 0
// when it had been given up before.
func (r *Reassembler) evict(i int32) int {
	lost := 1
	if r.slot(i).dead {
		lost = 0
	}
	r.remove(i)
	return lost
}

func (r *Reassembler) push(l *list, which int, i int32) {
	r.slot(i).links[which] = link{older: l.youngest, younger: none}
	if l.youngest != none {
		r.slot(l.youngest).links[which].younger = i
	} else {
		l.oldest = i
	}
	l.youngest = i
}

func (r *Reassembler) unlink(l *list, which int, i int32) {
	k := r.slot(i).links[which]
	if k.older != none {
		r.slot(k.older).links[which].younger = k.younger
	} else {
		l.oldest = k.younger
	}
	if k.younger != none {
		r.slot(k.younger).links[which].older = k.older
	} else {
		l.youngest = k.older
	}
}
