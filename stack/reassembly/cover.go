package reassembly

import "encoding/binary"

// The map of a datagram says which of its octets have arrived, one bit for each
// unit of eight, and beside it where each fragment began. It is made of pages
// of one block: 256 octets of arrived units, 256 of beginnings.
const (
	unit      = 8                        // octets
	pageUnits = blockLen / 2 * 8         // 2,048 units: 16 KiB of a datagram
	pages     = 65536 / unit / pageUnits // for the longest datagram
	starts    = blockLen / 2             // where the beginnings are in a page
	wordUnits = 64                       // bits in a word
)

// pagesFor returns how many pages units from a to b, b not included, need that
// are not there.
func (d *datagram) pagesFor(a, b int) int {
	n := 0
	for p := a / pageUnits; p <= (b-1)/pageUnits; p++ {
		if d.page[p] == none {
			n++
		}
	}
	return n
}

// addPages takes the pages that pagesFor has counted.
func (r *Reassembler) addPages(d *datagram, a, b int) {
	for p := a / pageUnits; p <= (b-1)/pageUnits; p++ {
		if d.page[p] == none {
			i := r.pool.take()
			blk := r.pool.at(i)
			clear(blk.data[:])
			blk.next = none
			d.page[p] = i
		}
	}
}

// span is the part of a run of units that lies in one word of the map: the
// word's octets, and its bits.
type span struct {
	word  []byte // eight octets of arrived units
	start []byte // eight octets of beginnings
	mask  uint64
	units int
}

// at returns the span that begins with unit u and ends before unit b at the
// latest. In a page that is not there word is nil.
func (r *Reassembler) at(d *datagram, u, b int) span {
	low := u % wordUnits
	n := min(wordUnits-low, b-u)
	s := span{mask: ^uint64(0) >> (wordUnits - n) << low, units: n}
	if i := d.page[u/pageUnits]; i != none {
		w := u % pageUnits / wordUnits * 8
		data := &r.pool.at(i).data
		s.word, s.start = data[w:w+8], data[starts+w:starts+w+8]
	}
	return s
}

// overlaps reports whether any of the units from a to b, b not included, has
// arrived.
func (r *Reassembler) overlaps(d *datagram, a, b int) bool {
	for u := a; u < b; {
		s := r.at(d, u, b)
		if s.word != nil && binary.LittleEndian.Uint64(s.word)&s.mask != 0 {
			return true
		}
		u += s.units
	}
	return false
}

// is reports whether one fragment brought exactly the units from a to b, b not
// included: all are there, it begins at a and nowhere else, and at b another
// begins or nothing is.
func (r *Reassembler) is(d *datagram, a, b int) bool {
	for u := a; u < b; {
		s := r.at(d, u, b)
		if s.word == nil || binary.LittleEndian.Uint64(s.word)&s.mask != s.mask {
			return false
		}
		want := uint64(0)
		if u == a {
			want = 1 << (a % wordUnits)
		}
		if binary.LittleEndian.Uint64(s.start)&s.mask != want {
			return false
		}
		u += s.units
	}
	if b == pages*pageUnits {
		return true
	}
	s := r.at(d, b, b+1)
	return s.word == nil || binary.LittleEndian.Uint64(s.word)&s.mask == 0 ||
		binary.LittleEndian.Uint64(s.start)&s.mask != 0
}

// cover marks the units from a to b, b not included, as brought by one fragment.
// Their pages must be there.
func (r *Reassembler) cover(d *datagram, a, b int) {
	for u := a; u < b; {
		s := r.at(d, u, b)
		binary.LittleEndian.PutUint64(s.word, binary.LittleEndian.Uint64(s.word)|s.mask)
		u += s.units
	}
	s := r.at(d, a, a+1)
	binary.LittleEndian.PutUint64(s.start, binary.LittleEndian.Uint64(s.start)|s.mask)
}
