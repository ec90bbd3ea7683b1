package address

import "math/bits"

// Spread returns how many slots the table has, how many are used, and how far the
// farthest entry is from where its hash puts it.
func (b *Book) Spread() (slots, used, farthest int) {
	for i, s := range b.slots {
		if s.kind == Foreign {
			continue
		}
		home := int(s.key * 0x9e3779b1 >> (32 - bits.TrailingZeros(uint(len(b.slots)))))
		used++
		farthest = max(farthest, (i-home)&(len(b.slots)-1))
	}
	return len(b.slots), used, farthest
}
