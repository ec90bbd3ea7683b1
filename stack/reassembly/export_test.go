package reassembly

import (
	"fmt"
	"unsafe"
)

// Sizes that tests count with.
const (
	BlockLen  = blockLen
	BlockSize = blockSize
	SlabLen   = slabLen
	MaxWhole  = maxWhole
)

// Blocks returns how many blocks the pool and one share may take.
func (r *Reassembler) Blocks() (pool, share int) { return r.plan.blocks, r.plan.share }

// Datagrams returns how many datagrams there may be.
func (r *Reassembler) Datagrams() int { return r.plan.datagrams }

// ShareOf returns the share of the source of an IPv4 or IPv6 fragment.
func (r *Reassembler) ShareOf(d []byte) int32 {
	if d[0]>>4 == 4 {
		f, _ := read4(d)
		return r.shareOf(f.key.src)
	}
	f, _ := read6(d)
	return r.shareOf(f.key.src)
}

// Buckets returns how many lists the hash table has.
func (r *Reassembler) Buckets() int { return r.plan.buckets }

// taken adds up what was allocated, one thing after the other.
func (r *Reassembler) taken() int {
	n := int(unsafe.Sizeof(Reassembler{})) + cap(r.out)
	for range r.buckets {
		n += int(unsafe.Sizeof(int32(0)))
	}
	for range r.slots {
		n += int(unsafe.Sizeof(datagramSlab{}))
	}
	for range r.pool.slabs {
		n += int(unsafe.Sizeof(slab{}))
	}
	for range r.slots[:cap(r.slots)] {
		n += int(unsafe.Sizeof(uintptr(0)))
	}
	for range r.pool.slabs[:cap(r.pool.slabs)] {
		n += int(unsafe.Sizeof(uintptr(0)))
	}
	return n
}

// Audit counts everything anew and returns what does not agree with the books.
func (r *Reassembler) Audit() error {
	length := func(i int32) (n int) {
		for ; i != none; i = r.pool.at(i).next {
			if n++; n > r.pool.made {
				return n
			}
		}
		return n
	}
	if free := length(r.pool.free); free+r.pool.used != r.pool.made {
		return fmt.Errorf("%d blocks free, %d used, %d made", free, r.pool.used, r.pool.made)
	}
	if r.pool.made > r.pool.limit || r.pool.made > len(r.pool.slabs)*slabLen || r.made > len(r.slots)*slabLen {
		return fmt.Errorf("%d blocks made in %d slabs, %d slots in %d", r.pool.made, len(r.pool.slabs), r.made, len(r.slots))
	}
	if r.Size() != r.taken() {
		return fmt.Errorf("%d octets taken, and says %d", r.taken(), r.Size())
	}
	var perShare [shares]int
	used, count, dead := 0, 0, 0
	older := none
	for i := r.ages.oldest; i != none; i = r.slot(i).links[byAge].younger {
		d := r.slot(i)
		if d.links[byAge].older != older {
			return fmt.Errorf("datagram %d follows %d, and says %d", i, older, d.links[byAge].older)
		}
		if older != none && r.slot(older).deadline.After(d.deadline) {
			return fmt.Errorf("datagram %d is older than %d before it", i, older)
		}
		older = i
		n := length(d.head) + length(d.data)
		for _, p := range d.page {
			n += length(p)
		}
		if n != int(d.blocks) {
			return fmt.Errorf("datagram %d holds %d blocks, and says %d", i, n, d.blocks)
		}
		if found, _ := r.find(&d.key); found != i {
			return fmt.Errorf("datagram %d is found as %d", i, found)
		}
		used += n
		perShare[d.share] += n
		count++
		if d.dead {
			dead++
		}
	}
	if used != r.pool.used || count != r.count || dead != r.dead || older != r.ages.youngest {
		return fmt.Errorf("%d blocks in %d datagrams, %d dead; want %d, %d, %d", used, count, dead, r.pool.used, r.count, r.dead)
	}
	if count > r.plan.datagrams {
		return fmt.Errorf("%d datagrams, at most %d", count, r.plan.datagrams)
	}
	for s := range r.shares {
		if int(r.shares[s].blocks) != perShare[s] || perShare[s] > r.plan.share {
			return fmt.Errorf("share %d holds %d blocks, says %d, may %d", s, perShare[s], r.shares[s].blocks, r.plan.share)
		}
		older := none
		for i := r.shares[s].list.oldest; i != none; i = r.slot(i).links[byShare].younger {
			if r.slot(i).links[byShare].older != older || r.slot(i).share != int32(s) {
				return fmt.Errorf("share %d: datagram %d follows %d", s, i, older)
			}
			older = i
			count--
		}
		if older != r.shares[s].list.youngest {
			return fmt.Errorf("share %d ends with %d, and says %d", s, older, r.shares[s].list.youngest)
		}
	}
	if count != 0 {
		return fmt.Errorf("%d datagrams in no share", count)
	}
	slots := 0
	for i := r.free; i != none; i = r.slot(i).chain {
		slots++
	}
	if slots+r.count != r.made {
		return fmt.Errorf("%d slots free, %d in use, %d made", slots, r.count, r.made)
	}
	return nil
}
