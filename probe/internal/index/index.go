// Package index finds slots of a table by the hash of their key: an open hash
// table that deletes without leaving traces. Several slots may have one hash.
package index

import "math/bits"

// Index is a set of pairs of hash and slot. The zero Index is empty. It doubles
// as it fills and then allocates nothing.
type Index struct {
	cells []cell
	count int
}

// cell is free when slot is 0; otherwise it holds the slot plus one. Of the hash
// it has the upper half: what is small stays in the processor's caches.
type cell struct {
	hash uint32
	slot int32
}

func upper(hash uint64) uint32 { return uint32(hash >> 32) }

const least = 16

// Len returns how many pairs there are.
func (x *Index) Len() int { return x.count }

// Octets returns how much memory it holds.
func (x *Index) Octets() int { return len(x.cells) * 8 }

// Put adds a pair.
func (x *Index) Put(hash uint64, slot int32) {
	if 2*(x.count+1) > len(x.cells) {
		x.grow()
	}
	x.put(upper(hash), slot+1)
	x.count++
}

func (x *Index) put(hash uint32, slot int32) {
	i := x.home(hash)
	for x.cells[i].slot != 0 {
		i = x.next(i)
	}
	x.cells[i] = cell{hash, slot}
}

func (x *Index) grow() {
	old := x.cells
	x.cells = make([]cell, max(least, 2*len(old)))
	for _, c := range old {
		if c.slot != 0 {
			x.put(c.hash, c.slot)
		}
	}
}

// home is where a hash is looked for first.
func (x *Index) home(hash uint32) int {
	return int(hash >> (33 - bits.Len(uint(len(x.cells)))))
}

func (x *Index) next(i int) int { return (i + 1) & (len(x.cells) - 1) }

// Cursor is where a search stands.
type Cursor struct {
	at   int
	hash uint32
}

// Find begins a search for the slots with a hash. One of another hash may be among
// them, rarely: who looks knows the keys.
func (x *Index) Find(hash uint64) Cursor {
	if len(x.cells) == 0 {
		return Cursor{-1, upper(hash)}
	}
	return Cursor{x.home(upper(hash)), upper(hash)}
}

// Next returns the next slot with the hash; ok is false when there is no other.
// The index must not change during a search.
func (x *Index) Next(c *Cursor) (slot int32, ok bool) {
	for c.at >= 0 && x.cells[c.at].slot != 0 {
		found := x.cells[c.at]
		c.at = x.next(c.at)
		if found.hash == c.hash {
			return found.slot - 1, true
		}
	}
	return 0, false
}

// Delete takes a pair out, and reports whether it was in.
func (x *Index) Delete(hash uint64, slot int32) bool {
	c := x.Find(hash)
	for c.at >= 0 && x.cells[c.at].slot != 0 {
		if x.cells[c.at] == (cell{c.hash, slot + 1}) {
			x.close(c.at)
			x.count--
			return true
		}
		c.at = x.next(c.at)
	}
	return false
}

// close frees a cell and moves those behind it up that would not be found any
// more.
func (x *Index) close(hole int) {
	mask := len(x.cells) - 1
	for i := x.next(hole); x.cells[i].slot != 0; i = x.next(i) {
		// It stays where it is when its home lies behind the hole.
		if home := x.home(x.cells[i].hash); (i-home)&mask < (i-hole)&mask {
			continue
		}
		x.cells[hole] = x.cells[i]
		hole = i
	}
	x.cells[hole] = cell{}
}
