// Package table is a hash table that never grows beyond its limit: what was not
// used for the longest time makes room for what is new. Machines that read what
// strangers sent keep all they remember in such tables.
package table

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Key is what an entry is found by: five words, which hold two addresses and 64
// bits beside.
type Key [5]uint64

// Addr is an address as two words, IPv4 as RFC 4291 §2.5.5.2 maps it.
type Addr [2]uint64

// AddrOf returns the words of an address. Those of the zero Addr are zero.
func AddrOf(a netip.Addr) Addr {
	if !a.IsValid() {
		return Addr{}
	}
	if a.Is4() {
		b := a.As4()
		return Addr{0, 0xffff<<32 | uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return Addr{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// Netip returns the address, the zero Addr for zero words.
func (a Addr) Netip() netip.Addr {
	if a == (Addr{}) {
		return netip.Addr{}
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a[0])
	binary.BigEndian.PutUint64(b[8:], a[1])
	return netip.AddrFrom16(b).Unmap()
}

// Less orders addresses.
func (a Addr) Less(b Addr) bool {
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}

// Pair returns the key of two addresses and a word.
func Pair(a, b Addr, w uint64) Key { return Key{a[0], a[1], b[0], b[1], w} }

// One returns the key of an address and a word.
func One(a Addr, w uint64) Key { return Key{a[0], a[1], 0, 0, w} }

const none = -1

// place is what is known of an entry without touching it: entries are large, and
// seldom near.
type place struct {
	hash         uint32
	next         int32 // in the same bucket, or of those that are free
	newer, older int32
}

type entry[V any] struct {
	key   Key
	value V
}

// Table holds at most a fixed number of values. Make one with [New].
type Table[V any] struct {
	// Evict is called for an entry that has to make room, before it goes; nil:
	// nobody cares.
	Evict func(*Key, *V)

	seed           uint64
	limit          int
	shift          uint8
	buckets        []int32
	places         []place // of entries
	entries        []entry[V]
	free           int32
	newest, oldest int32
	size           int
	evicted        uint64
}

// New returns a table of at most limit entries, at least one. The seed goes into
// the hash, so that nobody outside can aim at one bucket.
func New[V any](limit int, seed uint64) *Table[V] {
	limit = max(limit, 1)
	width := max(bits.Len(uint(limit-1)), 1)
	t := &Table[V]{
		seed: seed, limit: limit, shift: uint8(32 - width), //nolint:gosec // at most 32
		buckets: make([]int32, 1<<width), free: none, newest: none, oldest: none,
	}
	for i := range t.buckets {
		t.buckets[i] = none
	}
	return t
}

// mix is an odd number without pattern: 2⁶⁴ over the golden ratio.
const mix = 0x9e3779b97f4a7c15

func (t *Table[V]) hash(k *Key) uint32 {
	h := t.seed ^ mix
	for _, w := range k {
		hi, lo := bits.Mul64(h^w, mix)
		h = hi ^ lo ^ bits.RotateLeft64(w, 32)
	}
	return uint32(h * mix >> 32)
}

// find returns which entry is that of k, whose hash is h; none: there is none.
func (t *Table[V]) find(k *Key, h uint32) int32 {
	for i := t.buckets[h>>t.shift]; i != none; i = t.places[i].next {
		if t.places[i].hash == h && t.entries[i].key == *k {
			return i
		}
	}
	return none
}

// Len returns how many entries there are.
func (t *Table[V]) Len() int { return t.size }

// Evicted returns how many entries had to make room.
func (t *Table[V]) Evicted() uint64 { return t.evicted }

// Get returns the value of k, nil when there is none. It counts as no use. The
// pointer is valid until the next Put.
func (t *Table[V]) Get(k *Key) *V {
	i := t.find(k, t.hash(k))
	if i == none {
		return nil
	}
	return &t.entries[i].value
}

// Put returns the value of k, which is then the newest, and whether it is fresh:
// there was none, and it is zero. The pointer is valid until the next Put.
func (t *Table[V]) Put(k *Key) (v *V, fresh bool) {
	h := t.hash(k)
	if i := t.find(k, h); i != none {
		if i != t.newest {
			t.unlink(i)
			t.link(i)
		}
		return &t.entries[i].value, false
	}
	i := t.take()
	e, at := &t.entries[i], &t.buckets[h>>t.shift]
	e.key = *k
	t.places[i].hash, t.places[i].next = h, *at
	*at = i
	t.link(i)
	t.size++
	return &e.value, true
}

// take returns an unused entry, zero.
func (t *Table[V]) take() int32 {
	if t.free == none && len(t.entries) < t.limit {
		t.entries, t.places = append(t.entries, entry[V]{}), append(t.places, place{})
		return int32(len(t.entries) - 1) //nolint:gosec // the limit is an int32's
	}
	if t.free == none {
		e := &t.entries[t.oldest]
		if t.Evict != nil {
			t.Evict(&e.key, &e.value)
		}
		t.evicted++
		t.remove(t.oldest)
	}
	i := t.free
	t.free = t.places[i].next
	var zero V
	t.entries[i].value = zero
	return i
}

// Oldest returns the entry that was not used for the longest time; nil: there
// is none.
func (t *Table[V]) Oldest() (*Key, *V) {
	if t.oldest == none {
		return nil, nil
	}
	e := &t.entries[t.oldest]
	return &e.key, &e.value
}

// Remove removes the entry of k, if there is one. Evict is not called.
func (t *Table[V]) Remove(k *Key) {
	if i := t.find(k, t.hash(k)); i != none {
		t.remove(i)
	}
}

// All calls f for every entry, the newest first, until it returns false. It must
// not change the table.
func (t *Table[V]) All(f func(*Key, *V) bool) {
	for i := t.newest; i != none; i = t.places[i].older {
		if !f(&t.entries[i].key, &t.entries[i].value) {
			return
		}
	}
}

func (t *Table[V]) remove(i int32) {
	p := &t.places[i]
	at := &t.buckets[p.hash>>t.shift]
	for *at != i {
		at = &t.places[*at].next
	}
	*at = p.next
	t.unlink(i)
	p.next, t.free = t.free, i
	t.size--
}

func (t *Table[V]) link(i int32) {
	p := &t.places[i]
	p.newer, p.older = none, t.newest
	if t.newest != none {
		t.places[t.newest].newer = i
	} else {
		t.oldest = i
	}
	t.newest = i
}

func (t *Table[V]) unlink(i int32) {
	p := &t.places[i]
	if p.newer != none {
		t.places[p.newer].older = p.older
	} else {
		t.newest = p.older
	}
	if p.older != none {
		t.places[p.older].newer = p.newer
	} else {
		t.oldest = p.newer
	}
}
