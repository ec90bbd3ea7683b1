package reassembly

// Sizes of the pool.
const (
	blockLen = 512 // octets of a datagram in a block
	slabLen  = 64  // blocks or datagrams that are allocated at once
)

// none is the index of no block and of no datagram.
const none = int32(-1)

// A block holds octets of one datagram, or a page of its map.
type block struct {
	data [blockLen]byte
	next int32  // the next of the same chain, or of the free ones
	off  uint16 // where the octets belong, counted from the beginning of the payload
	n    uint16 // how many there are
}

type slab [slabLen]block

// arena is the pool of blocks. It grows by slabs, up to its ceiling, and never
// shrinks.
type arena struct {
	slabs []*slab
	free  int32 // the first block that was given back
	made  int   // blocks that were ever taken
	used  int   // blocks that are taken
	limit int
}

func (a *arena) at(i int32) *block { return &a.slabs[i/slabLen][i%slabLen] }

// left returns how many blocks can be taken.
func (a *arena) left() int { return a.limit - a.used }

// take returns a block that is left, its content as it was.
func (a *arena) take() int32 {
	a.used++
	if i := a.free; i != none {
		a.free = a.at(i).next
		return i
	}
	if a.made%slabLen == 0 {
		a.slabs = append(a.slabs, new(slab))
	}
	a.made++
	return int32(a.made - 1)
}

// give takes back the chain that begins with block i.
func (a *arena) give(i int32) {
	for i != none {
		b := a.at(i)
		next := b.next
		b.next, a.free = a.free, i
		a.used--
		i = next
	}
}

// write appends p to the chain that ends with tail, none for an empty one, as
// the octets from off on. It fills up the last block where p continues it, and
// returns the first block it took and the new tail.
func (a *arena) write(tail int32, off int, p []byte) (first, last int32) {
	first, last = none, tail
	if tail != none {
		b := a.at(tail)
		n := copy(b.data[b.n:], p[:a.continues(tail, off, len(p))])
		b.n += uint16(n)
		off, p = off+n, p[n:]
	}
	for len(p) > 0 {
		i := a.take()
		b := a.at(i)
		n := copy(b.data[:], p)
		b.next, b.off, b.n = none, uint16(off), uint16(n)
		off, p = off+n, p[n:]
		if last != none {
			a.at(last).next = i
		}
		if first == none {
			first = i
		}
		last = i
	}
	return first, last
}

// continues returns how many of n octets from off on fit into the block, which
// may be none.
func (a *arena) continues(tail int32, off, n int) int {
	if tail == none {
		return 0
	}
	b := a.at(tail)
	if int(b.off)+int(b.n) != off {
		return 0
	}
	return min(blockLen-int(b.n), n)
}

// blocksFor returns how many blocks n octets take.
func blocksFor(n int) int { return (n + blockLen - 1) / blockLen }
